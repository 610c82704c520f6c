"""Read tables with lines around their cells: the lines show the cells, and how many rows and columns each spans."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from index.reading.extraction.pairs import are_pairs
from index.reading.extraction.pdf.characters.lines import fragment, fragments, text_of
from index.reading.extraction.pdf.layout.bands import bands
from index.reading.extraction.pdf.tables.unruled import rows_within
from index.reading.extraction.pdf.types import PageCell, Rule, Table
from index.reading.extraction.seams import joined
from index.reading.extraction.tables.grid import MAX_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from index.reading.extraction.pdf.types import Box, Piece
    from index.reading.extraction.tables.grid import Cell

_NEAR = 2.6  # points between lines that meet or are the two sides of one
_MOST_RULES = 3000
_MOST_ROWS = 600
_TALL = 8  # lines of a cell; two such cells side by side are columns of text
_REPEATED = 2.5  # times the letters of a table that it may have if cells are counted in each row that they span
_LONG = 700  # letters in a cell; if only a few cells hold text, one that long shows a page laid out in boxes


_Place = tuple[int, int]  # row and column


@dataclass(frozen=True, slots=True)
class Grid:
    """
    Lines that cross each other.

    Parameters
    ----------
    along, up
        The borders of its columns and rows, from left to right and from the bottom up.
    rules
        The lines.

    """

    along: tuple[float, ...]
    up: tuple[float, ...]
    rules: tuple[Rule, ...]

    @property
    def box(self) -> Box:
        """The area that it covers."""
        return self.along[0], self.up[0], self.along[-1], self.up[-1]


def grids(rules: Sequence[Rule]) -> list[Grid]:
    """Return the grids on a page that have at least two columns, smallest first."""
    if not 4 <= len(rules) <= _MOST_RULES:
        return []
    found = []
    for group in _crossing(_whole(rules)):
        along = _positions([(rule.left + rule.right) / 2 for rule in group if not rule.level])
        up = _positions([(rule.bottom + rule.top) / 2 for rule in group if rule.level])
        if len(along) >= 3 and len(up) >= 2 and len(along) <= MAX_COLUMNS and len(up) <= _MOST_ROWS:
            found.append(Grid(along, up, tuple(group)))
    return sorted(found, key=lambda grid: (grid.box[2] - grid.box[0]) * (grid.box[3] - grid.box[1]))


def _whole(rules: Sequence[Rule]) -> list[Rule]:
    """Join lines that continue from cell to cell."""
    found: list[Rule] = []
    for level in (True, False):
        ways = sorted(
            (round(rule[1 if level else 0], 0), rule[0 if level else 1], rule[2 if level else 3], rule)
            for rule in rules
            if rule.level == level
        )
        last = (0.0, 0.0, 0.0)
        for way, begin, end, rule in ways:
            if found and way == last[0] and begin - last[2] <= _NEAR and found[-1].level == level:
                before = found[-1]
                found[-1] = Rule(
                    min(before.left, rule.left),
                    min(before.bottom, rule.bottom),
                    max(before.right, rule.right),
                    max(before.top, rule.top),
                )
                last = way, last[1], max(last[2], end)
            else:
                found.append(rule)
                last = way, begin, end
    return found


def _crossing(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Return groups of lines that meet."""
    parent = list(range(len(rules)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    ordered = sorted(range(len(rules)), key=lambda number: rules[number].left)
    active: list[int] = []
    for number in ordered:
        rule = rules[number]
        active = [other for other in active if rules[other].right + _NEAR >= rule.left]
        for other in active:
            there = rules[other]
            if there.bottom - _NEAR <= rule.top and rule.bottom - _NEAR <= there.top:
                parent[root(other)] = root(number)
        active.append(number)
    groups: dict[int, list[Rule]] = {}
    for number in ordered:
        groups.setdefault(root(number), []).append(rules[number])
    return [group for group in groups.values() if len(group) >= 4]


def _positions(values: Sequence[float]) -> tuple[float, ...]:
    found: list[list[float]] = []
    for value in sorted(values):
        if found and value - found[-1][-1] <= _NEAR:
            found[-1].append(value)
        else:
            found.append([value])
    return tuple(sum(group) / len(group) for group in found)


def take(grid: Grid, pieces: Sequence[Piece], page: int) -> tuple[Table | None, list[Piece]]:
    """
    Read the table in a grid.

    Parameters
    ----------
    grid
        See `grids`.
    pieces
        The words of the page.
    page
        The page, from 0.

    Returns
    -------
    tuple of Table or None and list of Piece
        The table, None if the grid is a frame or a drawing; and the words that are not in the table.

    """
    left, bottom, right, top = grid.box
    inside: dict[tuple[int, int], list[Piece]] = {}
    rest = []
    owners, spans = _cells(grid)
    for piece in pieces:
        x, y = (piece.left + piece.right) / 2, piece.base + 0.3 * piece.size
        if not (left <= x <= right and bottom <= y <= top):
            rest.append(piece)
            continue
        column = min(bisect_right(grid.along, x), len(grid.along) - 1) - 1
        row = min(bisect_right(grid.up, y), len(grid.up) - 1) - 1
        inside.setdefault(owners[len(grid.up) - 2 - row, column], []).append(piece)
    letters = [sum(len(piece.text) for piece in held) for held in inside.values()]
    if len(inside) < 2 or (len(inside) <= 4 and max(letters) > _LONG):
        return None, list(pieces)
    rows: list[list[Cell]] = []
    bold: list[bool] = []
    left_out = dict(inside)
    for number in range(len(grid.up) - 1):
        begin = [
            (number, column) for column in range(len(grid.along) - 1) if owners[number, column] == (number, column)
        ]
        held = [piece for place in begin for piece in inside.get(place, [])]
        split = _split(held, grid) if all(spans[place][0] == 1 for place in begin) else None
        if split is not None:
            rows += split
            bold += [False] * len(split)
            left_out = {place: cell for place, cell in left_out.items() if place[0] != number}
            continue
        rows.append([_cell(inside.get(place, []), columns=spans[place][1], rows=spans[place][0]) for place in begin])
        bold.append(bool(held) and all(piece.bold for piece in held))
    if _is_page(left_out):
        return None, list(pieces)
    if sum(bool(row) and any(cell.text for cell in row) for row in rows) < 2 or _is_layout(rows):
        return None, list(pieces)
    headed = bold[0] and not all(bold)
    size = median(piece.size for held in inside.values() for piece in held)
    return Table(rows, page, len(grid.along) - 1, headed=headed, pairs=are_pairs(rows), size=size), rest


def _split(pieces: Sequence[Piece], grid: Grid) -> list[list[Cell]] | None:
    """Return the rows of a strip of a table if there are several without lines between them, None if it is one row."""
    if len({round(piece.base) for piece in pieces}) < 3:
        return None
    return rows_within(bands(fragments(pieces)), list(pairwise(grid.along)))


def _is_page(inside: Mapping[_Place, Sequence[Piece]]) -> bool:
    """Tell whether columns of text are in boxes side by side."""
    tall = Counter(row for (row, _), held in inside.items() if len({round(piece.base) for piece in held}) >= _TALL)
    return any(count > 1 for count in tall.values())


def _is_layout(rows: Sequence[Sequence[Cell]]) -> bool:
    """Tell whether long texts are beside many rows: boxes of a page, not cells of a table."""
    letters = sum(len(cell.text) for row in rows for cell in row)
    repeated = sum(len(cell.text) * cell.rows for row in rows for cell in row)
    return repeated > _REPEATED * letters


def _cell(pieces: Sequence[Piece], *, columns: int, rows: int) -> Cell:
    text, ordered = _text(pieces)
    return PageCell(text, columns, rows, pieces=tuple(ordered))


def _text(pieces: Sequence[Piece]) -> tuple[str, Sequence[Piece]]:
    """Return the text of a cell, and its words in reading order."""
    if not pieces:
        return "", ()
    first = pieces[0]
    if all(piece.base == first.base and piece.size == first.size for piece in pieces):
        ordered = sorted(pieces, key=lambda piece: piece.left) if len(pieces) > 1 else pieces
        return joined([text_of(ordered, first.base, first.size)]), ordered
    lines = []
    found: list[Piece] = []
    for band in bands(fragments(pieces)):
        whole = band[0] if len(band) == 1 else fragment([piece for one in band for piece in one.pieces])
        lines.append(text_of(whole.pieces, whole.base, whole.size))
        found += whole.pieces
    return joined(lines), found


def _cells(grid: Grid) -> tuple[dict[_Place, _Place], dict[_Place, tuple[int, int]]]:
    """Return the first place of the cell at each place, counted from the top left, and the size of each cell."""
    columns, rows = len(grid.along) - 1, len(grid.up) - 1
    upright = _walls(grid, level=False)
    level = _walls(grid, level=True)
    owners: dict[_Place, _Place] = {}
    spans: dict[_Place, tuple[int, int]] = {}
    for row in range(rows):
        for column in range(columns):
            if (row, column) in owners:
                continue
            wide = 1
            while (
                column + wide < columns and (row, column + wide) not in owners and (row, column + wide) not in upright
            ):
                wide += 1
            high = 1
            while row + high < rows and all((row + high, column + step) not in level for step in range(wide)):
                high += 1
            spans[row, column] = high, wide
            for down in range(high):
                for over in range(wide):
                    owners.setdefault((row + down, column + over), (row, column))
    return owners, spans


def _walls(grid: Grid, *, level: bool) -> set[_Place]:
    """Return the places that have a line on their left or, if ``level``, above."""
    columns, rows = len(grid.along) - 1, len(grid.up) - 1
    walls: set[_Place] = set()
    for rule in grid.rules:
        if rule.level != level:
            continue
        if level:
            row = rows - _nearest(grid.up, (rule.bottom + rule.top) / 2)
            walls |= {
                (row, column)
                for column in range(columns)
                if rule.left - _NEAR <= (grid.along[column] + grid.along[column + 1]) / 2 <= rule.right + _NEAR
            }
        else:
            column = _nearest(grid.along, (rule.left + rule.right) / 2)
            walls |= {
                (row, column)
                for row in range(rows)
                if rule.bottom - _NEAR <= (grid.up[rows - row - 1] + grid.up[rows - row]) / 2 <= rule.top + _NEAR
            }
    return walls


def _nearest(positions: Sequence[float], value: float) -> int:
    place = bisect_right(positions, value)
    return min(
        (one for one in (place - 1, place) if 0 <= one < len(positions)), key=lambda one: abs(positions[one] - value)
    )
