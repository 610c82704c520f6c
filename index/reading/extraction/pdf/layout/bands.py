"""Find what is side by side on a page: bands of fragments at the same height, and the gutters between them."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.reading.extraction.pdf.characters.lines import GAP, fragment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.reading.extraction.pdf.types import Fragment, Piece

Span = tuple[float, float]
Band = list["Fragment"]

_SAME_BAND = 0.5  # most sizes by which base lines may differ within a band
_FAR = 3.6  # sizes; bands further apart do not belong together
_ALIGNED = 0.7  # most points by which the edges of a column's cells may differ
_NARROW = 0.2  # least sizes between two cells, if other cells of their columns show that they are two
_SHORT = 24  # most letters of a cell that is close to another
_SMALL = 0.93  # times the usual size: a note
_SET_OFF = 1.12  # times the usual size: a heading
_MOST_GUTTERS = 60


@dataclass(frozen=True, slots=True)
class Slab:
    """
    Bands one below the other that the same gutters divide.

    Parameters
    ----------
    bands
        From the top down, the fragments of each from left to right.
    gutters
        The gutters from left to right, in their full empty width.

    """

    bands: Sequence[Band]
    gutters: Sequence[Span]

    def columns(self) -> list[list[Fragment]]:
        """Return the fragments between the gutters, from the top down."""
        found: list[list[Fragment]] = [[] for _ in range(len(self.gutters) + 1)]
        for band in self.bands:
            for one in band:
                middle = (one.left + one.right) / 2
                found[sum(gutter[0] < middle for gutter in self.gutters)].append(one)
        return found


def bands(fragments: Sequence[Fragment]) -> list[Band]:
    """Group fragments by height, from the top down."""
    found: list[Band] = []
    for one in sorted(fragments, key=lambda one: (-one.base, one.left)):
        if found and found[-1][0].base - one.base <= _SAME_BAND * min(found[-1][0].size, one.size):
            found[-1].append(one)
        else:
            found.append([one])
    for band in found:
        band.sort(key=lambda one: one.left)
    return found


def slab(rows: Sequence[Band], begin: int, usual: float) -> tuple[int, Slab | None]:
    """
    Follow the gutters of a band down the page.

    Parameters
    ----------
    rows
        The bands of a page or column.
    begin
        The number of the first band.
    usual
        The usual size of letters.

    Returns
    -------
    tuple of int and Slab or None
        The number of the band behind the last one, and the slab; ``begin`` and None if nothing is side by side.

    """
    least = GAP * usual
    gutters, end = _opening(rows, begin, least)
    if not gutters:
        return begin, None
    taken: list[Band] = [list(band) for band in rows[begin:end]]
    while end < len(rows) and not _ends(taken, rows[end], usual):
        band = rows[end]
        left = _through(gutters, band, least)
        if not left:
            band = parted(band, Edges(taken))
            left = _through(gutters, band, _NARROW * usual)
            if not left or min(len(one.plain) for one in band) > _SHORT:
                break
        gutters = left
        taken.append(list(band))
        end += 1
    gutters = _two_sided(gutters, taken)
    if not gutters:
        return begin, None
    return end, Slab(taken, gutters)


def above(rows: Sequence[Band], begin: int, found: Slab, usual: float) -> tuple[int, Slab]:
    """Add to a slab the bands above that belong to it: a wide row of a table, or a column that begins higher up."""
    taken = [list(band) for band in found.bands]
    gutters = list(found.gutters)
    while begin > 0:
        band = rows[begin - 1]
        lowest = min(one.base for one in band)
        if lowest - max(one.base for one in taken[0]) > 2.2 * usual or band[0].size > _SET_OFF * usual:
            break
        cut = parted(band, Edges(taken))
        left = _through(gutters, cut, _NARROW * usual)
        wide_row = len(cut) > len(band) and left and min(len(one.plain) for one in cut) <= _SHORT
        only = band[0] if len(band) == 1 else None
        to_the_right = left and only is not None and only.left > gutters[0][0]
        # A name above several columns crosses the gutters between them.
        over_several = only is not None and only.left > gutters[0][1] - 1 and len(gutters) > 1
        if not wide_row and not to_the_right and not over_several:
            break
        gutters = left if left and not over_several else gutters
        taken.insert(0, cut)
        begin -= 1
    return begin, Slab(taken, gutters)


def _opening(rows: Sequence[Band], begin: int, least: float) -> tuple[list[Span], int]:
    """Return the gaps in a band with the next ones that overlap it in height, or in it alone, and the next band."""
    end = begin + 1
    union = list(rows[begin])
    lowest = min(one.bottom for one in rows[begin])
    while end < len(rows) and end < begin + 3 and max(one.top for one in rows[end]) > lowest + 0.2 * union[0].size:
        union += rows[end]
        end += 1
    gaps = _gaps(union, least)
    if gaps:
        return gaps, end
    return _gaps(rows[begin], least), begin + 1


def _gaps(band: Sequence[Fragment], least: float) -> list[Span]:
    found: list[Span] = []
    right = None
    for one in sorted(band, key=lambda one: one.left):
        if right is not None and one.left - right >= least:
            found.append((right, one.left))
        right = one.right if right is None else max(right, one.right)
    return found[:_MOST_GUTTERS]


def _through(gutters: Sequence[Span], band: Sequence[Fragment], least: float) -> list[Span]:
    """Return the parts of gutters that the fragments of a band leave free."""
    left = list(gutters)
    for one in band:
        parts: list[Span] = []
        for begin, end in left:
            if one.right <= begin or one.left >= end:
                parts.append((begin, end))
                continue
            parts += [part for part in ((begin, one.left), (one.right, end)) if part[1] - part[0] >= least]
        left = parts
    return left[:_MOST_GUTTERS]


def _ends(taken: Sequence[Band], band: Band, usual: float) -> bool:
    """Tell whether a band does not continue those above it."""
    drop = min(one.base for one in taken[-1]) - max(one.base for one in band)
    if drop > _FAR * usual:  # notes may be below each of several columns
        return len(band) < 2 or max(one.size for one in band) > _SMALL * usual
    return len(band) == 1 and band[0].size > _SET_OFF * usual and drop > 1.2 * usual


class Edges:
    """
    The places where the cells of columns begin and end.

    Parameters
    ----------
    bands
        The bands whose fragments are looked at.
    ends
        Whether ends count too.

    """

    def __init__(self, bands: Sequence[Band], *, ends: bool = True) -> None:
        self._lefts = sorted(one.left for band in bands for one in band)
        self._rights = sorted(one.right for band in bands for one in band) if ends else []

    def part(self, before: Piece, piece: Piece) -> bool:
        """Tell whether a cell ends and the next begins between two words."""
        return _near(self._lefts, piece.left) or _near(self._rights, before.right)


def _near(values: Sequence[float], value: float) -> bool:
    place = bisect_left(values, value - _ALIGNED)
    return place < len(values) and values[place] <= value + _ALIGNED


def parted(band: Band, edges: Edges) -> Band:
    """Cut fragments where two cells are only a blank apart, as the edges of columns show."""
    found: Band = []
    for one in band:
        cut = 0
        pieces = one.pieces
        for place in range(1, len(pieces)):
            before, piece = pieces[place - 1], pieces[place]
            if before.run == piece.run or piece.left - before.right < 0.1 * one.size:
                continue
            if edges.part(before, piece):
                found.append(fragment(pieces[cut:place]))
                cut = place
        found.append(one if cut == 0 else fragment(pieces[cut:]))
    return found


def _two_sided(gutters: Sequence[Span], taken: Sequence[Band]) -> list[Span]:
    """Return the gutters with text on both sides in enough bands; gutters with nothing between them are merged."""
    found: list[Span] = []
    middles = sorted((one.left + one.right) / 2 for band in taken for one in band)
    for begin, end in sorted(gutters):
        if found and not any(found[-1][1] - 0.1 <= middle <= begin + 0.1 for middle in middles):
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    kept = []
    for begin, end in found:
        left = sum(any(one.right <= begin + 0.1 for one in band) for band in taken)
        right = sum(any(one.left >= end - 0.1 for one in band) for band in taken)
        size = taken[0][0].size
        enough = 2 if end - begin >= 1.5 * size else 3
        if min(left, right) >= enough:
            kept.append((begin, end))
    return kept
