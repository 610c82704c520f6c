"""The types that the steps from a page's letters to its text exchange. Lengths are in points."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from index.reading.extraction.tables.grid import Cell

if TYPE_CHECKING:
    from collections.abc import Sequence

Box = tuple[float, float, float, float]  # left, bottom, right, top

# How far letters reach below and above their base line, in sizes; less than in fact, so that adjacent lines stay apart.
BELOW = 0.2
ABOVE = 0.72


FILLED = -1_000_000  # the ``run`` of pieces that were filled into a form


class Piece(NamedTuple):
    """
    A word, or the part of one that belongs to one text object. Named tuples are made faster than dataclasses.

    Its coordinates are turned to the direction of its text: ``left`` to ``right`` along the line, ``base`` increasing
    upwards from line to line. ``order`` is its place in the file, ``spaced`` whether a blank stands before it there,
    ``run`` the text object that it belongs to. ``field`` is the box of the form's field that it was filled into.
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
    """A straight line along or across the text, too thin to be an area."""

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
    Pieces side by side on one base line, with no gap wider than a blank.

    Parameters
    ----------
    pieces
        From left to right.
    left, right, base, size
        Its extent, base line and size; the latter two are those of most of its letters.

    """

    pieces: tuple[Piece, ...]
    left: float
    right: float
    base: float
    size: float

    @property
    def bottom(self) -> float:
        """The lower edge of its letters."""
        return self.base - BELOW * self.size

    @property
    def top(self) -> float:
        """The upper edge of its letters."""
        return self.base + ABOVE * self.size

    @property
    def plain(self) -> str:
        """Its text, with raised marks like other words, for tests on it."""
        return " ".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Line:
    """
    A line of a column.

    Parameters
    ----------
    text
        Its text as it is read.
    page
        Its page, from 0.
    left, right, base, size
        See `Fragment`.
    flow
        The column it is in, numbered in reading order over all pages.
    bold
        Whether all of it is bold.
    filled
        Whether it holds a value filled into a form: such a line is a paragraph of its own.
    pieces
        The pieces it was made of.
    aside
        Whether it is in the margin, so that it does not interrupt a paragraph.

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
    A table, or the part of one that is on one page.

    Parameters
    ----------
    rows
        The cells of each row, see `index.reading.extraction.tables.grid`.
    page
        Its page, from 0.
    width
        Number of columns.
    headed
        Whether the first row is known to name the columns.
    pairs
        Whether each row is a name and its value, so that no row names the columns.
    size
        Size of its letters.

    """

    rows: Sequence[Sequence[Cell]]
    page: int
    width: int
    headed: bool = False
    pairs: bool = False
    size: float = 0.0

    @property
    def letters(self) -> int:
        """Number of its letters."""
        return sum(len(cell.text) for row in self.rows for cell in row)


Block = Line | Table
