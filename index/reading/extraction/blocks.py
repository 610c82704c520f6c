"""
The blocks that a reader finds in a file, and the one place that renders them: simple Markdown, with each block's place.

The Markdown is for people and models, who see at once what is a heading. The blocks are not parsed from it again: they
are passed along with the text, as `index.blocks.Block`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.blocks import Block
from index.markup.notes import comment
from index.reading.extraction.tables.grid import lines
from index.reading.extraction.types import MAX_TEXT, ExtractionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from index.reading.extraction.tables.grid import Cell

# Control characters, surrogates and non-characters, marks that reverse the direction of a text, and marks that only say
# where a word may be divided. Joiners and non-joiners of letters are part of some scripts and stay.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\xad\u200b\u2060\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
# A word that was divided at the end of a line.
_PARTED = re.compile("(?<=[^\\W\\d_])\xad[^\\S\n]*\n[^\\S\n]*(?=[^\\W\\d_])")
_BLANK = re.compile(r"[^\S\n]+")
_BREAK = re.compile(r" *\n *")
_VERTICAL = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# What would look like structure at the beginning of a line, but is text.
_STRUCTURE = re.compile(r"^(?=#{1,6} |```|~~~|<!--)", re.MULTILINE)
_RULE = re.compile(r"[-*_=~#|>:.+ ]+")
_DEEPEST = 6  # level of a heading
_BAR = " | "


def clean(text: str) -> str:
    """Return a text with single blanks, without what cannot be shown; line feeds stay."""
    text = _VERTICAL.sub("\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _UNWANTED.sub("", _PARTED.sub("", text))
    return _BREAK.sub("\n", _BLANK.sub(" ", text)).strip()


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in one line, of a level from 1 to 6."""

    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A running text; line feeds in it are line breaks."""

    text: str


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption, which a file has below or above a picture or a table."""

    text: str


@dataclass(frozen=True, slots=True)
class Footnote:
    """A footnote, with its mark, behind the paragraph that refers to it."""

    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list in one line; items that directly follow each other belong to the same list."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table, see `index.reading.extraction.tables.grid.lines`; ``headed``: the first row names the columns."""

    rows: tuple[tuple[Cell, ...], ...]
    headed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table that is read on its own."""

    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A note on what of the file was not read: shown with the text, never cited."""

    text: str


@dataclass(frozen=True, slots=True)
class PageMark:
    """The beginning of a page, which holds everything up to the next mark."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """
    The text of a file and what it is made of.

    Parameters
    ----------
    text
        Simple Markdown; ends in a line feed, empty if there is nothing.
    blocks
        In reading order, without overlap, with offsets into ``text``. A row of a table is of kind ``row`` if it has
        several cells with text, else a paragraph.
    pages
        Offset of the first character of each page that a mark began.

    """

    text: str = ""
    blocks: tuple[Block, ...] = ()
    pages: tuple[int, ...] = ()


Content = Heading | Paragraph | Caption | Footnote | Item | Table | Row | Note | PageMark | Rendered


def render(content: Iterable[Content]) -> Rendered:
    """
    Render what was found as text.

    Parameters
    ----------
    content
        In reading order. What is already rendered is copied unchanged.

    Raises
    ------
    ExtractionError
        If there is more text than a document may have.

    """
    rendering = Rendering()
    for one in content:
        rendering.add(one)
    return rendering.rendered()


class Rendering:
    """A text that grows block by block."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._in_list = False
        self._blocks: list[Block] = []
        self._pages: list[int] = []
        self._marked = 0  # pages begun since the last block

    @property
    def length(self) -> int:
        """Number of characters so far."""
        return self._length

    def rendered(self) -> Rendered:
        """Return everything added; a page that nothing follows begins where the text ends."""
        text = "".join(self._parts) + ("\n" if self._parts else "")
        return Rendered(text, tuple(self._blocks), (*self._pages, *[self._length] * self._marked))

    def add(self, content: Content) -> list[int]:
        """Add what was found, and return the offset of the first character of each of its blocks."""
        first = len(self._blocks)
        match content:
            case PageMark():
                self._marked += 1
            case Rendered():
                self._add_rendered(content)
            case _:
                for before, line, kind, level in _lines(content):
                    self._write(before + line, listed=kind == "list_item")
                    start = self._length - len(line)
                    if start < self._length:
                        self._blocks.append(Block(start, self._length, kind, level))
        return [block.start for block in self._blocks[first:]]

    def _add_rendered(self, content: Rendered) -> None:
        if not content.text.strip("\n"):
            return
        self._write(content.text.rstrip("\n"))
        moved = self._length - len(content.text.rstrip("\n"))
        for block in content.blocks:
            lead = tuple(replace(span, start=span.start + moved, end=span.end + moved) for span in block.lead)
            self._blocks.append(replace(block, start=block.start + moved, end=block.end + moved, lead=lead))

    def _write(self, text: str, *, listed: bool = False) -> None:
        between = "" if not self._parts else "\n" if listed and self._in_list else "\n\n"
        self._in_list = listed
        start = self._length + len(between)
        self._length = start + len(text)
        if self._length > MAX_TEXT:
            raise ExtractionError(
                f"more than {MAX_TEXT / 1e6:.0f} million characters of text.", hint="Split the file.", kind="too_large"
            )
        self._parts += [between, text]
        self._pages += [start] * self._marked
        self._marked = 0


def lowered(content: Rendered, levels: int) -> Rendered:
    """Return a text with its headings ``levels`` deeper, level 6 at most."""
    parts: list[str] = []
    blocks: list[Block] = []
    done = moved = 0
    for block in content.blocks:
        level = min(_DEEPEST, block.level + levels) if block.kind == "heading" else 0
        more = level - block.level if level else 0
        if more:
            parts += [content.text[done : block.start - 1], "#" * more]
            done = block.start - 1
            moved += more
        blocks.append(replace(block, start=block.start + moved, end=block.end + moved, level=level))
    return replace(content, text="".join([*parts, content.text[done:]]), blocks=tuple(blocks))


def _lines(content: Content) -> Iterator[tuple[str, str, str, int]]:
    """Yield the Markdown sign, text, kind and level of each block; nothing for a block without text."""
    match content:
        case Heading(text, level):
            level = min(_DEEPEST, max(1, level))
            if line := _one_line(text):
                yield "#" * level + " ", line, "heading", level
        case Paragraph(text) | Caption(text) | Footnote(text):
            cleaned = re.sub(r"\n{2,}", "\n", clean(text))
            if cleaned and not _RULE.fullmatch(cleaned):
                yield "", _STRUCTURE.sub(r"\\", cleaned), type(content).__name__.lower(), 0
        case Item(text):
            if line := _one_line(text):
                yield "- ", line, "list_item", 0
        case Table(rows, headed):
            cells = [[replace(cell, text=clean(cell.text)) for cell in row] for row in rows]
            for line in lines(cells, headed=headed):
                yield "", _STRUCTURE.sub(r"\\", line), _of_row(line), 0
        case Row(texts):
            if line := _BAR.join(filter(None, map(_one_line, texts))):
                yield "", _STRUCTURE.sub(r"\\", line), _of_row(line), 0
        case Note(text):
            yield "", comment(_one_line(text)), "note", 0
        case _:
            return


def _of_row(line: str) -> str:
    return "row" if _BAR in line else "paragraph"


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())
