"""The frozen values in the interfaces of `index`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.blocks import Block


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range ``[start, end)`` of Python code points in a document's text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: [{self.start}, {self.end})")


@dataclass(frozen=True, slots=True)
class Metadata:
    """
    What is known of a document besides its text.

    Parameters
    ----------
    title
        From the front matter, else the first heading or line, else the file's name.
    source
        The publication, empty if unknown.
    date
        ISO 8601 (``YYYY-MM-DD``), empty if unknown.
    language
        ISO 639-1, ``de`` if unknown.
    authors
        Their names, empty if unknown.
    url
        Address of the web page, empty if unknown.
    dated_by_file
        Whether the date is that of the file because the text names none: a PDF is often made long after its text.

    """

    title: str
    source: str = ""
    date: str = ""
    language: str = "de"
    authors: tuple[str, ...] = ()
    url: str = ""
    dated_by_file: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """
    A source file after reading.

    Parameters
    ----------
    path
        POSIX path relative to the corpus.
    text
        The file decoded with ``encoding``, line ends untouched, a leading byte order mark left out; for formats
        other than Markdown and text, the text extracted from the file, as Markdown. All offsets in this project
        point into it.
    metadata
        Title, source, date and language.
    sha256
        Hexadecimal digest of the file's bytes.
    encoding
        The codec that decoded the file: ``utf-8``, ``utf-16`` or ``cp1252``; if the text was extracted,
        the file's format, one of `index.formats.KINDS`.
    pages
        Offset of the first character of each page (slides count as pages); empty if the format has none.
    structure
        Its blocks as `index.blocks.packed` writes them; None if they have yet to be read from the text.
    machine_read
        The parts of the text that text recognition read from pictures; they may contain errors.
    labels
        The file's own label for each of these pages ("iv", "A-3"); empty if it only numbers them.

    """

    path: str
    text: str
    metadata: Metadata
    sha256: str
    encoding: str = "utf-8"
    pages: tuple[int, ...] = ()
    structure: str | None = field(default=None, compare=False, repr=False)
    machine_read: tuple[Span, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Headings, paragraphs, table rows and the like, in reading order, without overlap."""
        from index.markup.structure import blocks_of  # noqa: PLC0415 - which is made of the types here

        return blocks_of(self)

    def block_at(self, offset: int) -> Block | None:
        """Return the block that contains the character at an offset; None if no block does."""
        blocks = self.blocks
        place = bisect_right(blocks, offset, key=attrgetter("start")) - 1
        return blocks[place] if place >= 0 and offset < blocks[place].end else None

    def block_behind(self, offset: int) -> Block | None:
        """Return the first block that begins at or after an offset; None if there is none."""
        blocks = self.blocks
        place = bisect_left(blocks, offset, key=attrgetter("start"))
        return blocks[place] if place < len(blocks) else None

    def is_machine_read(self, start: int, end: int) -> bool:
        """Tell whether any part of a range was read by text recognition."""
        return any(span.start < end and start < span.end for span in self.machine_read)

    def page(self, offset: int) -> int | None:
        """Return the number, from 1, of the page that a character is on; None if there are no pages."""
        return bisect_right(self.pages, offset) or None

    def label(self, page: int | None) -> str:
        """Return the file's own label for a page, given its number from 1; empty if it has no label."""
        return self.labels[page - 1] if page is not None and 0 < page <= len(self.labels) else ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """
    A passage of a document, made of whole sentences.

    Parameters
    ----------
    path
        The document's path.
    start, end
        Offsets into the document's text.
    text
        ``document.text[start:end]``, always.
    headings
        The headings above the passage, outermost first.
    sentences
        The sentences the passage is made of, in reading order, as spans of the document.

    """

    path: str
    start: int
    end: int
    text: str
    headings: tuple[str, ...] = ()
    sentences: tuple[Span, ...] = field(default=())
