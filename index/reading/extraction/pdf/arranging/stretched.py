"""Tell lines that are stretched to both margins from cells side by side."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from index.reading.extraction.pairs import is_figure
from index.reading.extraction.pdf.characters.lines import fragment
from index.reading.extraction.pdf.layout.columns import between, edges_of, fits, is_even

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.reading.extraction.pdf.layout.bands import Band
    from index.reading.extraction.pdf.layout.columns import Margins

_MOST = 3  # adjacent stretched lines; more, with equally many parts each, are rows of a table
_SEEN = 2  # lines that reach from margin to margin without a gap


def whole(rows: Sequence[Band], columns: Sequence[Margins]) -> list[Band]:
    """
    Join the parts of stretched lines.

    Parameters
    ----------
    rows
        The bands of a page or column.
    columns
        The margins of the columns in it, see `index.reading.extraction.pdf.layout.columns.margins`.

    """
    for margin in columns:
        rows = _within(rows, margin)
    full = Counter(edges_of(band) for band in rows if len(band) == 1)
    margins = {edges for edges, count in full.items() if count >= _SEEN}
    if not margins:
        return list(rows)
    beside = set(columns)
    found: list[Band] = []
    for several, run in groupby(rows, key=lambda band: len(band) > 1 and not any(fits([one], beside) for one in band)):
        bands = list(run)
        found += _checked(bands, margins) if several else bands
    return found


def _within(rows: Sequence[Band], margin: Margins) -> list[Band]:
    """Join the parts of stretched lines that reach from margin to margin of a column."""
    parts = [between(band, margin) for band in rows]
    found: list[Band] = []
    for several, run in groupby(zip(rows, parts, strict=True), key=lambda pair: len(pair[1]) > 1):
        pairs = list(run)
        if not several:
            found += [band for band, _ in pairs]
            continue
        for (band, part), checked in zip(pairs, _checked([part for _, part in pairs], {margin}), strict=True):
            begin = band.index(part[0])
            found.append([*band[:begin], *checked, *band[begin + len(part) :]])
    return found


def _checked(bands: Sequence[Band], margins: set[Margins]) -> Iterator[Band]:
    worded = [band for band in bands if sum(len(one.pieces) for one in band) > 2]
    even = bool(worded) and all(map(is_even, worded))
    alike = len(bands) > _MOST and len({len(band) for band in bands}) == 1 and not even
    figures = len(bands) > 1 and any(is_figure(one.plain) for band in bands for one in band[1:])
    for band in bands:
        if not alike and not figures and fits(band, margins) and is_even(band):
            yield [fragment([piece for one in band for piece in one.pieces])]
        else:
            yield band
