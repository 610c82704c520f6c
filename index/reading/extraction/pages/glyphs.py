"""The characters of a page in the order in which they are read, each with its place."""

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

_BLANKS = 3  # that PDFium may see within a word
_UNSEEN = " \t\r\n\0\x01\x02\ufffe\u00ad"
_DOTLESS = str.maketrans({"ı": "i", "ȷ": "j"})


class Glyph(NamedTuple):
    """
    A character, its place told in the direction of its text.

    ``line`` numbers the line or the cell's line it stands in, ``word`` the word. ``box`` is None for what the page has
    not drawn itself, such as a colon that was put before a form's value. ``follows`` tells whether nothing but blanks
    stands between it and the one before: what is struck out has no glyph, and still stands there.
    """

    text: str
    line: int
    word: int
    box: Box | None
    follows: bool = True


@dataclass(frozen=True, slots=True)
class CellPlace:
    """
    Where a cell of a table stands.

    Parameters
    ----------
    table, row
        Numbers.
    first, last
        Its characters, as a range of `PageGlyphs.glyphs`.
    left, right
        From where to where it goes along the line.

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
    What a page says.

    Parameters
    ----------
    glyphs
        In reading order, without blanks.
    turns
        The direction of each line.
    cells
        Those of its tables, in reading order.

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
        Of pypdfium2, with its forms.
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
    """Puts what stands in one direction behind what was found before."""

    def __init__(self, found: PageGlyphs, turn: Turn, spelled: str, box: Callable[[int], Box]) -> None:
        self._found = found
        self._turn = turn
        self._spelled = spelled
        self._box = box
        self._last = -1  # the place in the file of the character before

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
        """Set a line, or the lines of a cell: a new one begins where the base line falls."""
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
                # It goes down over several lines: a rectangle of its own.
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
        """Yield the characters of a word with their boxes, as high as the line, and their places in the file or -1."""
        bottom, top = piece.base - _BELOW * piece.size, piece.base + _ABOVE * piece.size
        if piece.field is not None:  # how the value is set in it is the form's business
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
        """Return where the large letter stands that was put before a word; None where there is none."""
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


# How far letters reach below and above their base line, in sizes.
_BELOW, _ABOVE = 0.22, 0.9
_LARGE = 1.8  # times the size of the line: an initial


def _is_raised(last: Piece, piece: Piece) -> bool:
    """Tell whether one of two words is a mark above or below the other."""
    return abs(last.base - piece.base) > 0.1 * min(last.size, piece.size)


def _same(spelled: str, character: str) -> bool:
    """Tell whether PDFium's character is the one that was read: hyphens and characters of two parts differ."""
    if spelled == character or "\ud800" <= spelled <= "\udfff":
        return True
    return not letters_in(spelled) and not letters_in(character)
