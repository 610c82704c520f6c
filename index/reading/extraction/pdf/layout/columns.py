"""Find the columns of text on a page by the margins of their lines."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from index.reading.extraction.pairs import is_figure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from index.reading.extraction.pdf.layout.bands import Band
    from index.reading.extraction.pdf.types import Fragment

Margins = tuple[int, int]  # where the lines of a column begin and end, in whole points

_EVEN = 0.6  # least ratio of the narrowest blank of a line to its widest: stretching widens all of them alike
_SEEN = 2  # least number of lines that reach from margin to margin without a wide blank
_STRETCHED = 3  # least number of lines that reach from margin to margin
_ALL_STRETCHED = 6  # least number of these lines if almost all have wide blanks
_EDGES = 4  # least number of lines that begin, and that end, at the margins of a column without whole lines
_MOST_EDGES = 8
_PARTS = 3  # a line with more parts has wide blanks
_WORDS = 3  # least number of words in a line that shows a column's margins
_WIDTH = 7.0  # sizes; least width of a column
_MOST = 60  # margins that are looked at
_BEGUN = 5  # least number of lines that begin at the left margin of a column
_WORDED = 3  # least number of these lines with several words
_SET_IN = 3.4  # most sizes by which lines within a column may be indented


def margins(rows: Sequence[Band]) -> list[Margins]:
    """
    Return the margins of columns: lines of several words reach from one to the other, with other text beside them.

    Parameters
    ----------
    rows
        The bands of a page or column.

    """
    if not any(len(band) > 1 for band in rows):
        return []
    lefts, rights = Counter[int](), Counter[int]()
    whole = Counter[Margins]()
    for band in rows:
        for one in band:
            edges = edges_of([one])
            lefts[edges[0]] += 1
            rights[edges[1]] += 1
            if is_line([one]):
                whole[edges] += 1
    often = [edges for edges, _ in whole.most_common(_MOST) if min(lefts[edges[0]], rights[edges[1]]) >= _SEEN]
    found = {
        edges
        for edges in often
        if _has_text_beside(rows, edges) and (whole[edges] >= _SEEN or _stretched(rows, edges) >= _STRETCHED)
    }
    is_loose = sum(len(band) > _PARTS for band in rows) >= _EDGES
    # If almost all lines have wide blanks, the edges that many lines share are tried as margins.
    often = [
        (left, right)
        for left, begin in lefts.most_common(_MOST_EDGES)
        for right, end in rights.most_common(_MOST_EDGES)
        if is_loose and min(begin, end) >= _EDGES and right > left and (left, right) not in found
    ]
    found |= {edges for edges in often if _stretched(rows, edges) >= _EDGES and _has_text_beside(rows, edges)}
    found |= {edges for edges in begun(rows) if _stretched(rows, edges) >= _ALL_STRETCHED}
    lines = {edges: _stretched(rows, edges) for edges in found}
    return sorted(edges for edges in found if not _holds_two(edges, lines))


def _holds_two(column: Margins, lines: Mapping[Margins, int]) -> bool:
    """Tell whether two columns with more lines are side by side between these margins."""
    inner = [
        other
        for other, count in lines.items()
        if column[0] - 1 <= other[0] and other[1] <= column[1] + 1 and other != column and count > lines[column]
    ]
    return any(one[1] < other[0] for one in inner for other in inner)


def begun(rows: Sequence[Band]) -> Iterator[Margins]:
    """
    Yield the margins of possible columns whose lines begin at the same place, but need not end at the same place.

    Parameters
    ----------
    rows
        The bands of a page or column.

    """
    if not any(len(band) > 1 for band in rows):
        return
    lefts = Counter(round(one.left) for band in rows for one in band)
    worded = Counter(round(one.left) for band in rows for one in band if len(one.pieces) > 1)
    size = median(one.size for band in rows for one in band)
    often = sorted(left for left in worded if sum(worded[left + one] for one in (-1, 0, 1)) >= _WORDED)
    chosen: list[int] = []
    last = 0
    for left in often:  # lines that begin a little to the right are indented
        if not chosen or left - last > _SET_IN * size:
            chosen.append(left)
        last = left
    counted = {
        left: sum(many for begin, many in lefts.items() if left - 1 <= begin <= left + _SET_IN * size)
        for left in chosen
    }
    chosen = [left for left in chosen if counted[left] >= _BEGUN]
    for left, following in zip(chosen, [*chosen[1:], None], strict=True) if len(chosen) > 1 else ():
        ends: list[int] = []
        for band in rows:
            held = [one for one in band if one.left >= left - 2 and (following is None or one.left < following - 2)]
            if held and (following is None or held[-1].right < following - 2):
                ends.append(round(held[-1].right))
        if ends:
            end, count = Counter(ends).most_common(1)[0]
            yield left, end if count >= _STRETCHED else max(ends)


def is_line(band: Sequence[Fragment]) -> bool:
    """Tell whether fragments are long enough for a line of text."""
    words = sum(len(one.pieces) for one in band)
    if not band:
        return False
    return words >= _WORDS and band[-1].right - band[0].left >= _WIDTH * band[0].size


def edges_of(band: Sequence[Fragment]) -> Margins:
    """Return where a line begins and ends."""
    return round(band[0].left), round(band[-1].right)


def fits(band: Sequence[Fragment], columns: set[Margins]) -> bool:
    """Tell whether a line reaches from margin to margin, give or take a point."""
    left, right = edges_of(band)
    return any((left + one, right + other) in columns for one in (0, -1, 1) for other in (0, -1, 1))


def between(band: Band, column: Margins) -> Band:
    """Return the fragments between the margins, none if they cross or do not reach them."""
    held = [one for one in band if one.right > column[0] + 1 and one.left < column[1] - 1]
    return held if held and fits(held, {column}) else []


def is_even(band: Sequence[Fragment]) -> bool:
    """Tell whether all blanks of a line are about equally wide."""
    pieces = [piece for one in band for piece in one.pieces]
    gaps = [gap for one, other in pairwise(pieces) if (gap := other.left - one.right) > 0.1 * one.size]
    return bool(gaps) and min(gaps) >= _EVEN * max(gaps)


def _has_text_beside(rows: Sequence[Band], column: Margins) -> bool:
    return any(
        not column[0] - 2 <= one.left <= column[1] + 2 or one.left > column[1]
        for band in rows
        if len(band) > 1
        for one in band
    )


def _stretched(rows: Sequence[Band], column: Margins) -> int:
    parts = [between(band, column) for band in rows]
    return sum(
        is_line(part) and (len(part) == 1 or (is_even(part) and not any(is_figure(one.plain) for one in part)))
        for part in parts
    )
