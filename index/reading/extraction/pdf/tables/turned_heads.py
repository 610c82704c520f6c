"""Read names of columns that run upwards or downwards above their columns as if they were upright."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.reading.extraction.pdf.characters.lines import fragments, text_of
from index.reading.extraction.pdf.characters.turned import Turn
from index.reading.extraction.pdf.types import ABOVE, BELOW, Piece
from index.reading.extraction.seams import joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from index.reading.extraction.pdf.tables.ruled import Grid
    from index.reading.extraction.pdf.types import Box, Fragment

_LONGEST = 60  # letters of a name
_MOST = 200  # lines that are looked at
_BELOW = 4.0  # most sizes from a name down to what it names
_BESIDE = 1.5  # most sizes by which a name may be to the side of it
_LEVEL = 3.0  # most sizes by which the lower ends of names in a row may differ
_LEAST = 2  # least number of names side by side


@dataclass(frozen=True, slots=True)
class _Head:
    """A turned line, and its box in the coordinates of the main direction."""

    line: Fragment
    box: Box


@dataclass(frozen=True, slots=True)
class _Name:
    """The lines of a name, and the place that it is to have."""

    lines: Sequence[_Head]
    bottom: float
    left: float
    right: float


def seated(kept: Mapping[Turn, Sequence[Piece]], main: Turn, tables: Sequence[Grid]) -> dict[Turn, list[Piece]]:
    """
    Put names of columns that are turned by a right angle among the words of the main direction.

    Parameters
    ----------
    kept
        The words of a page by their direction.
    main
        The direction of most of them.
    tables
        The grids of lines of the page, in that direction.

    Returns
    -------
    dict of Turn to list of Piece
        The words, with each turned name as one piece among those of the main direction; other turned words stay.

    """
    found = {turn: list(pieces) for turn, pieces in kept.items()}
    for turn in kept:
        if (turn.degrees - main.degrees) % 360 not in {90, 270}:
            continue
        lines = fragments(found[turn])
        if not 1 <= len(lines) <= _MOST:
            continue
        heads = [_Head(line, _box(line, turn, main)) for line in lines if len(line.plain) <= _LONGEST]
        names = [*_in_cells(heads, tables, found[main]), *_over_columns(heads, tables, found[main])]
        taken = {id(piece) for name in names for head in name.lines for piece in head.line.pieces}
        found[turn] = [piece for piece in found[turn] if id(piece) not in taken]
        found[main] += map(_piece, names)
    return {turn: pieces for turn, pieces in found.items() if pieces or turn == main}


def _box(line: Fragment, turn: Turn, main: Turn) -> Box:
    return main.box(Turn(-turn.degrees % 360).box((line.left, line.bottom, line.right, line.top)))


def _piece(name: _Name) -> Piece:
    """Return the lines of a name as one piece, in the order in which they are read."""
    ordered = sorted(name.lines, key=lambda head: -head.line.base)
    first = ordered[0].line.pieces[0]
    size = ordered[0].line.size
    return Piece(
        joined([text_of(head.line.pieces, head.line.base, head.line.size) for head in ordered]),
        name.left,
        name.right,
        name.bottom + BELOW * size,
        size,
        first.order,
        run=first.run,
        bold=all(piece.bold for head in ordered for piece in head.line.pieces),
    )


def _in_cells(heads: Sequence[_Head], tables: Sequence[Grid], pieces: Sequence[Piece]) -> list[_Name]:
    """Return the turned lines in cells that hold nothing else, of tables that also hold upright words."""
    found: list[_Name] = []
    for grid in tables:
        words = {place for piece in pieces if (place := _cell(grid, _middle(piece))) is not None}
        inside: dict[tuple[int, int], list[_Head]] = {}
        for head in heads:
            place = _cell(grid, ((head.box[0] + head.box[2]) / 2, (head.box[1] + head.box[3]) / 2))
            if place is not None and place not in words:
                inside.setdefault(place, []).append(head)
        if words:
            taken = {id(head) for group in inside.values() for head in group}
            heads = [head for head in heads if id(head) not in taken]
            found += [
                _Name(group, _bottom_of(group), min(head.box[0] for head in group), max(head.box[2] for head in group))
                for group in inside.values()
            ]
    return found


def _cell(grid: Grid, point: tuple[float, float]) -> tuple[int, int] | None:
    left, bottom, right, top = grid.box
    x, y = point
    if not (left <= x <= right and bottom <= y <= top):
        return None
    return bisect_right(grid.along, x), bisect_right(grid.up, y)


def _over_columns(heads: Sequence[_Head], tables: Sequence[Grid], pieces: Sequence[Piece]) -> list[_Name]:
    """Return the turned lines that stand above words of their own, side by side with others that do."""
    free = [head for head in heads if not any(_cell(grid, (head.box[0], head.box[1])) for grid in tables)]
    upright = fragments(list(pieces)) if free else []
    over: dict[int, list[_Head]] = {}
    alone: list[_Head] = []
    for head in free:
        below = [(head.box[1] - one.top, number) for number, one in enumerate(upright) if _is_over(head, one)]
        if below:
            over.setdefault(min(below)[1], []).append(head)
        else:
            alone.append(head)
    # Rows of a turned table are side by side too, but above one line of text, or above none.
    named = [(group, upright[number]) for number, group in over.items() if not _is_wide(upright[number], group)]
    if len(named) < _LEAST:
        return []
    # A name gets the width of what it names: otherwise it would seem to be beside it.
    found = [_Name(group, _bottom_of(group), one.left, one.right) for group, one in named]
    # A turned line in their row with nothing below it names a column whose first cells are empty.
    found += [_Name([head], head.box[1], head.box[0], head.box[2]) for head in alone]
    bottom = min(name.bottom for name in found)
    level = [name for name in found if name.bottom - bottom <= _LEVEL * name.lines[0].line.size]
    return [replace(name, bottom=bottom) for name in level] if len(level) >= _LEAST else []


def _bottom_of(group: Sequence[_Head]) -> float:
    """Return the lower end of the lines of a name."""
    return min(head.box[1] for head in group)


def _is_over(head: _Head, one: Fragment) -> bool:
    left, bottom, right, _ = head.box
    size = head.line.size
    beside = _BESIDE * size
    return -size <= bottom - one.top <= _BELOW * size and one.left <= right + beside and one.right >= left - beside


def _is_wide(below: Fragment, group: Sequence[_Head]) -> bool:
    """Tell whether the text below reaches far to both sides, as a line of text does."""
    size = group[0].line.size
    left, right = min(head.box[0] for head in group), max(head.box[2] for head in group)
    return len(group) > 3 or (below.left < left - 6 * size and below.right > right + 6 * size)


def _middle(piece: Piece) -> tuple[float, float]:
    return (piece.left + piece.right) / 2, piece.base + (ABOVE - BELOW) / 2 * piece.size
