"""Find the characters of a page in reading order, each with its place."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from index.reading.extraction.pdf.arranging.regions import Reading
from index.reading.extraction.pdf.budget import Budget
from index.reading.extraction.pdf.calls import text_of
from index.reading.extraction.pdf.characters.drawn import Drawing
from index.reading.extraction.pdf.characters.hidden import Visibility
from index.reading.extraction.pdf.characters.letters import Letters
from index.reading.extraction.pdf.page import read
from index.reading.extraction.pdf.types import Line, PageCell, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from index.reading.extraction.pdf.characters.turned import Turn
    from index.reading.extraction.pdf.types import Box, Piece

_BLANKS = 3  # blanks that PDFium may find within a word
_UNSEEN = " \t\r\n\0\x01\x02\ufffe\u00ad"
_DOTLESS = str.maketrans({"ı": "i", "ȷ": "j"})


class Glyph(NamedTuple):
    """
    A character, with its place in coordinates turned to the direction of its text.

    ``line`` is the number of its line, in the text or in a cell, and ``word`` that of its word. ``box`` is None for
    characters that the page has not drawn itself, such as a colon that was added before a form's value. ``follows``
    tells whether only blanks stand between it and the one before: struck-out text has no glyphs, but is still there.
    """

    text: str
    line: int
    word: int
    box: Box | None
    follows: bool = True


@dataclass(frozen=True, slots=True)
class CellPlace:
    """
    The place of a cell of a table.

    Parameters
    ----------
    table, row
        Numbers of its table and row.
    first, last
        Its characters, as a range of `PageGlyphs.glyphs`.
    left, right
        Its extent along the line.

    """

    table: int
    row: int
    first: int
    last: int
    left: float
    right: float


@dataclass(slots=True)
class PageGlyphs:
    """
    The characters of a page.

    Parameters
    ----------
    glyphs
        In reading order, without blanks.
    turns
        The direction of each line.
    cells
        The cells of its tables, in reading order.

    """

    glyphs: list[Glyph] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    cells: list[CellPlace] = field(default_factory=list)


@lru_cache(maxsize=4096)
def letters_in(character: str) -> str:
    """Return the letters and figures that a character stands for, without accents: "ﬁ" is "fi", "²" is "2"."""
    if character.isascii():
        return character if character.isalnum() else ""
    plain = unicodedata.normalize("NFKD", character.translate(_DOTLESS))
    return "".join(one for one in plain if one.isalnum())


def glyphs_of(pdf: Any, number: int) -> PageGlyphs:
    """
    Read a page.

    Parameters
    ----------
    pdf
        The document of pypdfium2, with its forms initialised.
    number
        The page, from 0.

    """
    found = PageGlyphs()
    parts = read(pdf, number, Budget()).parts
    page = pdf[number]
    try:
        textpage = page.get_textpage()
        try:
            letters = Letters(textpage, Visibility(page, textpage, Drawing(page)))
            spelled = text_of(textpage)
            for part in parts:
                reading = Reading(number, 0)
                reading.begin(part, part.fragments)
                setter = _Setter(found, part.turn, spelled, letters.box)
                for block in reading.blocks:
                    if isinstance(block, Line):
                        setter.line(block.pieces)
                    else:
                        setter.table(block)
        finally:
            textpage.close()
    finally:
        page.close()
    return found


class _Setter:
    """Appends the characters of one direction of text to those found before."""

    def __init__(self, found: PageGlyphs, turn: Turn, spelled: str, box: Callable[[int], Box]) -> None:
        self._found = found
        self._turn = turn
        self._spelled = spelled
        self._box = box
        self._last = -1  # the place of the previous character in the file

    def table(self, table: Table) -> None:
        number = self._found.cells[-1].table + 1 if self._found.cells else 0
        for place, row in enumerate(table.rows):
            for cell in row:
                if isinstance(cell, PageCell) and cell.pieces:
                    first = len(self._found.glyphs)
                    self.line(cell.pieces)
                    left, right = min(one.left for one in cell.pieces), max(one.right for one in cell.pieces)
                    self._found.cells.append(CellPlace(number, place, first, len(self._found.glyphs), left, right))

    def line(self, pieces: Sequence[Piece]) -> None:
        """Add a line, or the lines of a cell: a new one begins where the base line drops."""
        glyphs, turns = self._found.glyphs, self._found.turns
        word = glyphs[-1].word + 1 if glyphs else 0
        last: Piece | None = None
        for piece in pieces:
            if last is None or last.base - piece.base > 0.8 * min(last.size, piece.size) or piece.right < last.left:
                turns.append(self._turn)
                word += 1
            elif piece.spaced or piece.order != last.order + len(last.text) or _is_raised(last, piece):
                word += 1
            placed = list(self._placed(piece))
            if placed and placed[0][1] is None and (initial := self._initial(piece)) is not None:
                # It spans several lines, so it gets a rectangle of its own.
                glyphs.append(Glyph(placed[0][0], len(turns) - 1, word, initial))
                turns.append(self._turn)
                del placed[0]
            for character, box, place in placed:
                between = self._spelled[self._last + 1 : place] if place >= 0 else ""
                follows = place < 0 or (place > self._last and not between.strip(_UNSEEN))
                glyphs.append(Glyph(character, len(turns) - 1, word, box, follows))
                self._last = place if place >= 0 else self._last
            last = piece

    def _placed(self, piece: Piece) -> Iterator[tuple[str, Box | None, int]]:
        """Yield the characters of a word, each with a box as high as the line, and its place in the file or -1."""
        bottom, top = piece.base - _BELOW * piece.size, piece.base + _ABOVE * piece.size
        if piece.field is not None:  # where exactly a value stands in a form's field is unknown
            yield from ((one, piece.field, -1) for one in piece.text if not one.isspace())
            return
        place = piece.order
        for character in piece.text:
            if character.isspace():
                continue
            here = place
            while here < min(len(self._spelled), place + _BLANKS) and self._spelled[here].isspace():
                here += 1
            if here >= len(self._spelled) or not _same(self._spelled[here], character):
                yield character, None, -1
                continue
            left, _, right, _ = self._turn.box(self._box(here))
            yield character, (left, bottom, right, top), here
            place = here + 1 + (ord(character) > 0xFFFF and "\ud800" <= self._spelled[here] <= "\udbff")

    def _initial(self, piece: Piece) -> Box | None:
        """Return the box of the large initial that belongs before a word; None if there is none."""
        wanted = piece.text[0]
        place = self._spelled.find(wanted) if letters_in(wanted) else -1
        while place >= 0:
            box = self._turn.box(self._box(place))
            _, bottom, right, top = box
            beside = -0.2 * (top - bottom) <= piece.left - right <= 0.6 * (top - bottom)
            if top - bottom >= _LARGE * piece.size and beside and bottom < piece.base < top:
                return box
            place = self._spelled.find(wanted, place + 1)
        return None


# How far letters reach below and above their base line, relative to their size.
_BELOW, _ABOVE = 0.22, 0.9
_LARGE = 1.8  # times the size of the line: least height of an initial


def _is_raised(last: Piece, piece: Piece) -> bool:
    """Tell whether one of two words is raised or lowered relative to the other."""
    return abs(last.base - piece.base) > 0.1 * min(last.size, piece.size)


def _same(spelled: str, character: str) -> bool:
    """Tell whether PDFium's character is the one that was read; hyphens and surrogates may differ."""
    if spelled == character or "\ud800" <= spelled <= "\udfff":
        return True
    return not letters_in(spelled) and not letters_in(character)
