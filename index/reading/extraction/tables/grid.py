"""
Lay out tables so that each row can be read alone: with the names of its columns, and what spans several rows in each.

A row is what gets found, shown and cited. "Tore | 31" says neither whose goals nor which season; a value whose left
neighbour is empty would move into the neighbour's place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# A table cannot be wider or span more than what a reader still calls a table; what stands farther out is joined.
MAX_COLUMNS = 200
_MAX_NAME = 80
_MAX_HEADER_ROWS = 4
_DIGIT = re.compile(r"\d")
# "Umsatz", "Q1", "ab 10 Stück", "2023"; a value begins with its figures.
_NAME = re.compile(r"[^\W\d_]|(?:19|20)\d\d\b(?![.,]?\d)")
_LETTER = re.compile(r"[^\W\d_]")
# What follows a column's name already says that a value comes.
_NAME_END = " :"
_STOPS = (".", "!", "?")
# What is repeated in each row it spans is a name; a longer text stands in the first.
_MAX_REPEATED = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """
    A cell as the file has it.

    Parameters
    ----------
    text
        What it shows, in one line.
    columns, rows
        How many of each it spans, at least 1.
    header
        Whether the file calls it a heading.

    """

    text: str
    columns: int = 1
    rows: int = 1
    header: bool = False


@dataclass(frozen=True, slots=True)
class _Slot:
    """One place of the grid; ``cell`` tells apart two cells with one text."""

    text: str
    cell: int
    header: bool


_EMPTY = _Slot("", -1, header=False)


def lines(rows: Sequence[Sequence[Cell]], *, headed: bool = False) -> Iterator[str]:
    """
    Write a table as lines that can each be read alone.

    Parameters
    ----------
    rows
        The cells of each row from left to right, spanning ones where they begin.
    headed
        Whether the file says that the first row names the columns; else headings are known by their cells, or by
        letters over figures.

    Yields
    ------
    str
        A line for each row that has text: cells parted by bars, each but the row's own name with its column's name
        ("Kranich | Menge: 12 | Einzelpreis: 289,00 €"). The rows that name the columns are a line each as they are.

    """
    grid = _unfolded(rows)
    heads = _header_rows(grid, headed=headed)
    names = _names(grid[:heads])
    section = ""
    for number, row in enumerate(grid):
        cells = [next(same) for _, same in groupby(enumerate(row), key=lambda one: one[1].cell)]
        shown = [(column, slot) for column, slot in cells if slot.text]
        if not shown:
            continue
        if number < heads or len(shown) == 1:
            if number >= heads:
                section = shown[0][1].text if _opens_section(row) else section
            yield " | ".join(slot.text for _, slot in shown)
            continue
        labels = _labels(row, shown)
        cells_shown = [
            slot.text if place in labels else _named(names, column, slot.text)
            for place, (column, slot) in enumerate(shown)
        ]
        yield " | ".join([section, *cells_shown] if section else cells_shown)


def _opens_section(row: Sequence[_Slot]) -> bool:
    """Tell whether the one cell of a row spans the table and names what the rows below it are about."""
    text = row[0].text
    return len(row) > 1 and row[0].cell == row[-1].cell and len(text) <= _MAX_NAME and not text.endswith(_STOPS)


def is_cut(rows: Sequence[Sequence[Cell]]) -> bool:
    """Tell whether a table has text in columns that are not read since they are too many."""
    for row in rows:
        column = 0
        for cell in row:
            if column >= MAX_COLUMNS and cell.text.strip():
                return True
            column += cell.columns
    return False


def _unfolded(rows: Sequence[Sequence[Cell]]) -> list[list[_Slot]]:
    """Return one slot for each place of the table; what spans several stands in all of them."""
    grid: list[list[_Slot]] = []
    hanging: dict[int, tuple[_Slot, int]] = {}  # by column: what hangs down from above, and into how many rows more
    number = 0
    for row in rows:
        slots: list[_Slot] = []

        def fall(slots: list[_Slot] = slots) -> None:
            while (held := hanging.get(len(slots))) is not None:
                slot, left = held
                if left > 1:
                    hanging[len(slots)] = slot, left - 1
                else:
                    del hanging[len(slots)]
                slots.append(slot)

        for cell in row:
            fall()
            number += 1
            slot = _Slot(" ".join(cell.text.split()), number, cell.header)
            for _ in range(min(cell.columns, MAX_COLUMNS - len(slots))):
                if cell.rows > 1:
                    repeated = slot if len(slot.text) <= _MAX_REPEATED else replace(slot, text="")
                    hanging[len(slots)] = repeated, cell.rows - 1
                slots.append(slot)
        fall()
        for column in sorted(hanging):  # farther right than this row has cells
            if column >= len(slots):
                slots += [_EMPTY] * (column - len(slots))
                fall()
        grid.append(slots)
    return grid


def _header_rows(grid: Sequence[Sequence[_Slot]], *, headed: bool) -> int:
    """Return how many rows at the top name the columns, a title over all of them among these."""
    title = int(len(grid) > 2 and _is_title(grid[0], grid[1]))
    marked = 0
    for row in grid[:_MAX_HEADER_ROWS]:
        filled = [slot for slot in row if slot.text]
        begins_a_section = marked > title and _is_title(row, grid[marked - 1])
        if (filled and not all(slot.header for slot in filled[1:] or filled)) or begins_a_section:
            break
        marked += 1
    if marked == len(grid):  # a table of nothing but headings has values too
        return 0
    if marked == _MAX_HEADER_ROWS:  # more than name columns: the rest are values
        return title + _height(grid, title)
    if marked > title:
        parted = title + _height(grid, title)
        return parted if marked < parted and _may_name(grid[parted - 1]) else marked
    if len(grid) < title + 2:
        return 0
    if headed or _is_worded_over_figures(grid[title:]):
        return title + _height(grid, title)
    return 0


def _is_title(row: Sequence[_Slot], below: Sequence[_Slot]) -> bool:
    """Tell whether one cell spans the whole table and the row beside it has several."""
    return len({slot.cell for slot in row}) == 1 and len({slot.cell for slot in below}) > 1


def _may_name(row: Sequence[_Slot]) -> bool:
    """Tell whether all cells but the first could be names of columns: words, years, "Q1", and no amounts."""
    return all(_NAME.match(slot.text) for slot in row[1:] if slot.text)


def _is_worded_over_figures(grid: Sequence[Sequence[_Slot]]) -> bool:
    first, body = [slot.text for slot in grid[0]], grid[1:]
    rest = [slot.text for row in body for slot in row[1:] if slot.text]
    # An empty corner, over the names of the rows; where other rows have none either, it says nothing.
    unnamed = any(row and not row[0].text and sum(bool(slot.text) for slot in row) > 1 for row in body)
    if len(first) > 1 and not first[0] and all(first[1:]) and not unnamed:
        return True
    worded = len(first) > 1 and all(first[1:]) and _may_name(grid[0]) and not _DIGIT.search(first[0])
    figures = sum(bool(_DIGIT.search(text)) for text in rest)
    # Two rows of two columns may as well be two names, each with its value.
    pairs = len(first) == 2 and len(body) == 1
    return worded and bool(rest) and not pairs and 2 * figures >= len(rest)


def _height(grid: Sequence[Sequence[_Slot]], first: int) -> int:
    """Return over how many rows the headings go that begin in a row: where one is parted in two, its parts lie below."""
    row = grid[first]
    height = 1
    for below in grid[first + 1 : first + _MAX_HEADER_ROWS]:
        if not any(slot.cell == other.cell and slot.cell >= 0 for slot, other in zip(row, below, strict=False)):
            break
        height += 1
    parted = any(slot.cell == other.cell >= 0 for slot, other in pairwise(row))
    return min(max(height, 2) if parted and len(grid) > first + 2 else height, len(grid) - first - 1)


def _names(heads: Sequence[Sequence[_Slot]]) -> list[str]:
    """Return the name of each column: what stands over it, from the top down, each once."""
    width = max(map(len, heads), default=0)
    names = []
    for column in range(width):
        over = [row[column].text for row in heads if column < len(row) and row[column].text]
        name = " ".join(dict.fromkeys(over))
        # What stands lowest tells the columns apart.
        names.append((name if len(name) <= _MAX_NAME else over[-1][:_MAX_NAME]).rstrip(_NAME_END))
    return names


def _labels(row: Sequence[_Slot], shown: Sequence[tuple[int, _Slot]]) -> frozenset[int]:
    """Return which of the cells shown name the row: its headings, or the first where that is in words."""
    headings = frozenset(place for place, (_, slot) in enumerate(shown) if slot.header)
    if headings and len(headings) < len(shown):
        return headings
    first = shown[0]
    return frozenset({0}) if first[0] == 0 and _LETTER.search(row[0].text) else frozenset()


def _named(names: Sequence[str], column: int, text: str) -> str:
    name = names[column] if column < len(names) else ""
    return f"{name}: {text}" if name and name != text else text
