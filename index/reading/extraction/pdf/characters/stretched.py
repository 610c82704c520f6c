"""Tell lines that are stretched to both margins from cells that stand side by side."""

from __future__ import annotations

from collections import Counter
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from index.reading.extraction.pairs import is_figure
from index.reading.extraction.pdf.characters.lines import fragment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.reading.extraction.pdf.layout.bands import Band

_EVEN = 0.6  # the narrowest blank of a line to its widest: stretching widens all alike
_MOST = 3  # such lines in a row; more with as many parts each are rows
_SEEN = 2  # lines that reach from margin to margin without a gap


def whole(rows: Sequence[Band]) -> list[Band]:
    """
    Put the parts of stretched lines together.

    Parameters
    ----------
    rows
        The bands of a page or column.

    """
    full = Counter(_edges(band) for band in rows if len(band) == 1)
    margins = {edges for edges, count in full.items() if count >= _SEEN}
    if not margins:
        return list(rows)
    found: list[Band] = []
    for several, run in groupby(rows, key=lambda band: len(band) > 1):
        bands = list(run)
        found += _checked(bands, margins) if several else bands
    return found


def _checked(bands: Sequence[Band], margins: set[tuple[int, int]]) -> Iterator[Band]:
    worded = [band for band in bands if sum(len(one.pieces) for one in band) > 2]
    even = bool(worded) and all(map(_is_even, worded))
    alike = len(bands) > _MOST and len({len(band) for band in bands}) == 1 and not even
    figures = len(bands) > 1 and any(is_figure(one.plain) for band in bands for one in band[1:])
    for band in bands:
        if not alike and not figures and _fits(band, margins) and _is_even(band):
            yield [fragment([piece for one in band for piece in one.pieces])]
        else:
            yield band


def _edges(band: Band) -> tuple[int, int]:
    return round(band[0].left), round(band[-1].right)


def _fits(band: Band, margins: set[tuple[int, int]]) -> bool:
    left, right = _edges(band)
    return any((left + one, right + other) in margins for one in (0, -1, 1) for other in (0, -1, 1))


def _is_even(band: Band) -> bool:
    pieces = [piece for one in band for piece in one.pieces]
    gaps = [gap for one, other in pairwise(pieces) if (gap := other.left - one.right) > 0.1 * one.size]
    return bool(gaps) and min(gaps) >= _EVEN * max(gaps)
