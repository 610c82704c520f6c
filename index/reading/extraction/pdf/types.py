"""What passes between the steps from a page's letters to its text. Lengths are in points."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from index.reading.extraction.tables.grid import Cell

if TYPE_CHECKING:
    from collections.abc import Sequence

Box = tuple[float, float, float, float]  # left, bottom, right, top

# How far letters reach below and above their base line, in sizes: less than they do, so that set lines stay apart.
BELOW = 0.2
ABOVE = 0.72


FILLED = -1_000_000  # the run of what was filled into a form


class Piece(NamedTuple):
    """
    A word, or the part of one that is set in one go; named tuples are made faster than dataclasses.

    Its place is told in the direction of its text: ``left`` to ``right`` along the line, ``base`` rising from line to
    line above. ``order`` is its place in the file, ``spaced`` whether a blank stands before it there, ``run`` the text
    object that it belongs to. ``field`` is the form's field that it was filled into.
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    order: int = 0
    spaced: bool = True
    run: int = 0
    bold: bool = False
    field: Box | None = None


class Rule(NamedTuple):
    """A straight line along or across the text, thin enough to be no area."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def level(self) -> bool:
        """Whether it runs along the text."""
        return self.right - self.left >= self.top - self.bottom


@dataclass(frozen=True, slots=True)
class Fragment:
    """
    Pieces that stand beside each other on one base line, without a gap wider than blanks are.

    Parameters
    ----------
    pieces
        From left to right.
    left, right, base, size
        Base line and size are those of most of its letters.

    """

    pieces: tuple[Piece, ...]
    left: float
    right: float
    base: float
    size: float

    @property
    def bottom(self) -> float:
        """Where its letters end below."""
        return self.base - BELOW * self.size

    @property
    def top(self) -> float:
        """Where its letters end above."""
        return self.base + ABOVE * self.size

    @property
    def plain(self) -> str:
        """Its text without care for raised marks, to look at."""
        return " ".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Line:
    """
    A line of a column.

    Parameters
    ----------
    text
        As it is read.
    page
        From 0.
    left, right, base, size
        See `Fragment`.
    flow
        The column it stands in, numbered in reading order over all pages.
    bold
        Whether all of it is.
    filled
        Whether it holds what was filled into a form: such a line stands for itself.
    pieces
        What it was made of.
    aside
        Whether it stands in the margin: it breaks no paragraph.

    """

    text: str
    page: int
    left: float
    right: float
    base: float
    size: float
    flow: int = 0
    bold: bool = False
    filled: bool = False
    aside: bool = False
    pieces: tuple[Piece, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PageCell(Cell):
    """A cell of a page's table, and the words it was made of, in reading order."""

    pieces: tuple[Piece, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Table:
    """
    A table, or the part of one that stands on one page.

    Parameters
    ----------
    rows
        The cells of each row, see `index.reading.extraction.tables.grid`.
    page
        From 0.
    width
        Number of columns.
    headed
        Whether the first row is known to name the columns.
    pairs
        Whether each row is a name and its value, so that no row names another's cells.
    size
        Of its letters.

    """

    rows: Sequence[Sequence[Cell]]
    page: int
    width: int
    headed: bool = False
    pairs: bool = False
    size: float = 0.0

    @property
    def letters(self) -> int:
        """How many letters it has."""
        return sum(len(cell.text) for row in self.rows for cell in row)


Block = Line | Table
