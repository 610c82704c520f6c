"""Read one page: its words, its lines and tables, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.reading.extraction.pdf.characters.drawn import Drawing
from index.reading.extraction.pdf.characters.hidden import Visibility
from index.reading.extraction.pdf.characters.letters import Letters
from index.reading.extraction.pdf.characters.lines import fragments
from index.reading.extraction.pdf.characters.struck import through, unstruck
from index.reading.extraction.pdf.characters.turned import UPRIGHT, Turn
from index.reading.extraction.pdf.forms.fields import Annotations, over
from index.reading.extraction.pdf.forms.filled import with_filled
from index.reading.extraction.pdf.tables.ruled import grids, take
from index.reading.extraction.pdf.tables.turned_heads import seated
from index.reading.extraction.pdf.types import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from index.reading.extraction.pdf.budget import Budget
    from index.reading.extraction.pdf.types import Box, Fragment, Piece, Table


@dataclass(frozen=True, slots=True)
class Part:
    """
    The content of a page in one direction of text, before it is put in order.

    Parameters
    ----------
    fragments
        The fragments outside of ruled tables.
    box
        The box of the page.
    tables
        The ruled tables, each with its box: left, bottom, right and top.
    rules
        The straight lines.
    turn
        The direction.

    """

    fragments: Sequence[Fragment]
    box: Box
    tables: Sequence[tuple[Box, Table]] = ()
    rules: Sequence[Rule] = ()
    turn: Turn = UPRIGHT


@dataclass(frozen=True, slots=True)
class Page:
    """
    What is on a page.

    Parameters
    ----------
    parts
        One for each direction of text; that of most text comes first.
    pictured
        Whether there is a picture on it.

    """

    parts: Sequence[Part] = field(default=())
    pictured: bool = False


def read(pdf: Any, number: int, budget: Budget) -> Page:
    """
    Read everything visible on a page.

    Parameters
    ----------
    pdf
        The document of pypdfium2.
    number
        The page, from 0.
    budget
        What is left for this page and those after it.

    """
    from pypdfium2 import raw  # noqa: PLC0415 - an extra

    page = pdf[number]
    try:
        budget.take_things(page)
        textpage = page.get_textpage()
        try:
            budget.take_characters(textpage)
            drawing = Drawing(page)
            letters = Letters(textpage, Visibility(page, textpage, drawing))
            words = letters.pieces()
            laid = over(pdf, page) if raw.FPDFPage_GetAnnotCount(page) > 0 else Annotations()
            ordered = sorted(words, key=lambda turn: -sum(len(piece.text) for piece in words[turn])) or [Turn(0)]
            kept: dict[Turn, list[Piece]] = {}
            lines: dict[Turn, list[Rule]] = {}
            for turn in ordered:
                lines[turn] = [
                    Rule(*turn.box((rule.left, rule.bottom, rule.right, rule.top))) for rule in drawing.rules
                ]
                marks = [through(turn.box(box)) for box in laid.struck]
                kept[turn] = list(unstruck(words.get(turn, []), [*lines[turn], *marks], _boxes(letters, turn)))
            main = ordered[0]
            if len(kept) > 1:
                kept = seated(kept, main, grids(lines[main]))
            if laid.filled:
                kept[main] = list(with_filled(kept[main], laid.filled, main))
            parts = [
                _part(pieces, lines[turn], turn.box(page.get_bbox()), number, turn) for turn, pieces in kept.items()
            ]
            return Page(tuple(parts), drawing.pictured)
        finally:
            textpage.close()
    finally:
        page.close()


def _part(pieces: Sequence[Piece], lines: Sequence[Rule], box: Box, number: int, turn: Turn) -> Part:
    tables = []
    rest = list(pieces)
    for grid in grids(lines):
        found, rest = take(grid, rest, number)
        if found is not None:
            tables.append((grid.box, found))
    return Part(fragments(rest), box, tables, lines, turn)


def _boxes(letters: Letters, turn: Turn) -> Callable[[int], Box]:
    """Return a function that returns the box of a letter, turned to the direction of the text."""
    return lambda place: turn.box(letters.box(place))
