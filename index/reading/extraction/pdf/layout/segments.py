"""Divide a page where columns of text begin and end."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from index.reading.extraction.pairs import is_figure
from index.reading.extraction.pdf.layout.bands import bands
from index.reading.extraction.pdf.layout.columns import between, fits, is_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from index.reading.extraction.pdf.layout.bands import Band
    from index.reading.extraction.pdf.layout.columns import Margins
    from index.reading.extraction.pdf.types import Fragment

_SEEN = 2  # least number of lines that reach from margin to margin
_LINES = 4  # least number of lines of a column whose lines do not
_LEAST_ROWS = 2  # least number of rows of a table
_CELL = 4  # words; more are a line of text
_MOST_TITLE = 2  # lines
_TITLE_APART = 1.45  # sizes from the lines above
_SET_OFF = 1.12  # times the usual size: a heading
_LINE = 9  # least letters of a line of a narrow column
_RUNS_ON = 3.2  # most sizes between the lines of a column that continues
_APART = 3.2  # least sizes between the lines above and below a heading of all columns
_LOWER = re.compile(r"[a-zäöüß]")
# Least words per line of a column, and least share of lines that continue in the next one.
_PROSE = ((2.8, 0.15), (2.0, 0.5))
_LOOSE = ((1.8, 0.25),)  # for columns beside others that are prose
_REACHED = ((1.5, 0.1),)  # for columns whose lines reach from margin to margin
_LABEL = 5  # letters
_LEAST_PROSE = 2  # columns
_FILLED = 0.6  # of a column's width


def segments(
    rows: Sequence[Band], columns: Sequence[Margins], usual: float, is_ruled: Callable[[Sequence[Band]], bool]
) -> Iterator[tuple[list[Band], list[list[Fragment]]]]:
    """
    Divide a page where columns begin and end.

    Parameters
    ----------
    rows
        Its bands, from the top down.
    columns
        See `margins`.
    usual
        The usual size of letters.
    is_ruled
        Tells whether lines are drawn between bands, as they are between the rows of a table.

    Yields
    ------
    tuple of list and list
        Bands, and the columns that they make up, from left to right; none if they are not in columns.

    """
    beside = _side_by_side(rows, columns)
    parts: list[tuple[bool, list[Band]]] = []
    if len(beside) > 1:
        crossing = [_crosses(band, beside) for band in rows]
        if any(crosses and _stands_over_some(rows, place, beside, usual) for place, crosses in enumerate(crossing)):
            beside = []
    if len(beside) < 2:
        yield list(rows), []
        return
    breaks = [crosses or _is_heading_over_all(rows, place, beside, usual) for place, crosses in enumerate(crossing)]
    for broken, run in groupby(zip(breaks, rows, strict=True), key=lambda pair: pair[0]):
        held = [band for _, band in run]
        parted = not broken and _are_columns(held, beside) and not is_ruled(held)
        rows_at_end = _table_rows(held, beside) if parted else 0
        if parts and not parts[-1][0] and not parted:
            parts[-1][1].extend(held)
        else:
            parts.append((parted, held[: len(held) - rows_at_end]))
        if rows_at_end:
            parts.append((False, held[len(held) - rows_at_end :]))
    several = sum(len(band) > 1 for band in rows)
    if 2 * sum(len(band) > 1 for parted, held in parts if parted for band in held) < several:
        yield list(rows), []
        return
    for (before, above), (parted, below) in pairwise(parts):
        if before and not parted:
            title = len(above) - _title(above, beside, usual)
            below[:0] = above[title:]
            del above[title:]
    for parted, held in parts:
        yield held, [column for column in _parted(held, beside) if column] if parted else []


def _are_columns(rows: Sequence[Band], columns: Sequence[Margins]) -> bool:
    """Tell whether at least two columns have lines that reach from margin to margin, or sentences across lines."""
    held = [column for column in _parted(rows, columns) if column]
    reached = sum(sum(is_line(between(band, column)) for band in rows) >= _SEEN for column in columns)
    if reached > 1 and all(is_prose(column, _REACHED) for column in held if len(bands(column)) >= _LINES):
        return not any(_are_labels(column) for column in held)
    prose = sum(is_prose(column) for column in held)
    if prose < _LEAST_PROSE or (prose < len(held) and not all(is_prose(column, _LOOSE) for column in held)):
        return False
    return sum(len(bands(one)) >= _LINES for one in held) > 1


def _are_labels(column: Sequence[Fragment]) -> bool:
    """Tell whether a column holds mostly signs, numbers or single words, such as labels of items and names."""
    return 2 * sum(len(one.pieces) == 1 and len(one.plain) <= _LABEL for one in column) > len(column)


def is_prose(column: Sequence[Fragment], least: Sequence[tuple[float, float]] = _PROSE) -> bool:
    """Tell whether the sentences of a column continue from line to line."""
    rows = bands(column)
    texts = [" ".join(one.plain for one in band) for band in rows]
    if len(rows) < 2:
        return False
    widths = [band[-1].right - band[0].left for band in rows]
    filled = sum(width >= _FILLED * max(widths) for width in widths)
    runs_on = sum(bool(_LOWER.match(text)) for text in texts[1:]) + sum(text.endswith("-") for text in texts[:-1])
    words = sum(len(text.split()) for text in texts) / len(rows)
    share = runs_on / (len(rows) - 1)
    return filled >= _FILLED * len(rows) and any(words >= many and share >= part for many, part in least)


def _table_rows(rows: Sequence[Band], columns: Sequence[Margins]) -> int:
    """Return how many bands at the end of columns are rows of a table: cells side by side in a column, or figures."""
    count = several = 0
    for number, band in enumerate(reversed(rows), start=1):
        if any(len(one.pieces) > _CELL or fits([one], set(columns)) for one in band):
            break
        if len(band) > len({_column(one, columns) for one in band}) or any(is_figure(one.plain) for one in band):
            several += 1
            count = number
    return count if several >= _LEAST_ROWS else 0


def _title(rows: Sequence[Band], columns: Sequence[Margins], usual: float) -> int:
    """Return how many lines at the end of columns are a title of what follows: set off, with nothing beside them."""
    for count in range(1, min(_MOST_TITLE, len(rows) - 1) + 1):
        band, above = rows[-count], rows[: len(rows) - count]
        if len({_column(one, columns) for one in band}) > 1:
            return 0
        if min(one.base for row in above for one in row) - band[0].base > _TITLE_APART * usual:
            return count
    return 0


def _side_by_side(rows: Sequence[Band], columns: Sequence[Margins]) -> list[Margins]:
    """Return columns that do not overlap, from left to right; those in which most lines begin are preferred."""
    lefts = Counter(round(one.left) for band in rows for one in band)
    lines = {column: sum(bool(between(band, column)) for band in rows) for column in columns}
    extent: dict[int, int] = {}
    for left, right in sorted(columns, key=lambda column: -lines[column]):
        extent.setdefault(left, right)
    chosen: list[int] = []
    for left in sorted(extent, key=lambda left: (-lefts[left], left)):
        if all(left > extent[other] or extent[left] < other for other in chosen):
            chosen.append(left)
    chosen.sort()
    found: list[Margins] = []
    for place, left in enumerate(chosen):
        end = chosen[place + 1] if place + 1 < len(chosen) else None
        rights = [right for begin, right in columns if abs(begin - left) <= 1 and (end is None or right < end)]
        if rights:
            found.append((left, max(rights)))
    return found


def _crosses(band: Band, columns: Sequence[Margins]) -> bool:
    """Tell whether a fragment crosses the gap between two columns, or is in it."""
    return any(
        (one.left < right + 1 and one.right > left - 1) or (right < one.left and one.right < left)
        for (_, right), (left, _) in pairwise(columns)
        for one in band
    )


def _stands_over_some(rows: Sequence[Band], place: int, columns: Sequence[Margins], usual: float) -> bool:
    """Tell whether a heading, table or caption spans some columns while others continue beside it."""
    across = [one for one in rows[place] if _crosses([one], columns)]
    free = {
        number
        for number, (left, right) in enumerate(columns)
        if not any(one.left < right and one.right > left for one in across)
    }
    if not across or not free:
        return False
    if any(one.size > _SET_OFF * usual for one in across):
        return not _ends(rows, place, columns, free, usual)
    lines = [
        one
        for row in rows
        for one in row
        if _column(one, columns) in free
        and len(one.plain) >= _LINE
        and not is_figure(one.plain)
        and not _crosses([one], columns)
    ]
    height = across[0].base
    above = [one.base for one in lines if one.base > height]
    below = [one.base for one in lines if one.base <= height]
    return bool(above and below) and min(above) - max(below) <= _RUNS_ON * usual


def _is_heading_over_all(rows: Sequence[Band], place: int, columns: Sequence[Margins], usual: float) -> bool:
    """Tell whether a line larger than the text begins a new part: all columns end above it and restart below it."""
    band = rows[place]
    if len(band) != 1 or band[0].size <= _SET_OFF * usual:
        return False
    others = set(range(len(columns))) - {_column(band[0], columns)}
    return _ends(rows, place, columns, others, usual)


def _ends(rows: Sequence[Band], place: int, columns: Sequence[Margins], which: set[int], usual: float) -> bool:
    """Tell whether columns end above a line and restart below it, with more space than between paragraphs."""

    def within(part: Sequence[Band]) -> list[float]:
        return [
            one.base for row in part for one in row if _column(one, columns) in which and not _crosses([one], columns)
        ]

    above, below = within(rows[:place]), within(rows[place + 1 :])
    return not above or (bool(below) and min(above) - max(below) > _APART * usual)


def _column(one: Fragment, columns: Sequence[Margins]) -> int:
    """Return the number of the column that a fragment is in."""
    middle = (one.left + one.right) / 2
    return sum(middle > (right + left) / 2 for (_, right), (left, _) in pairwise(columns))


def _parted(rows: Sequence[Band], columns: Sequence[Margins]) -> list[list[Fragment]]:
    found: list[list[Fragment]] = [[] for _ in columns]
    for band in rows:
        for one in band:
            found[_column(one, columns)].append(one)
    return found
