"""The types that the parts of `index.reading.extraction` exchange."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from index.blocks import Block

MAX_TEXT = 5_000_000  # characters; a longer text is not an article


class ExtractionError(Exception):
    """
    A file has no text that could be read.

    Parameters
    ----------
    message
        The reason, in one line that is written to follow the file's name.
    hint
        What to do about it.
    kind
        See `index.errors.CorpusError`.

    """

    def __init__(self, message: str, *, hint: str = "", kind: str = "damaged") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Extract:
    """
    The text of a file, and what the file says about itself.

    Parameters
    ----------
    text
        Simple Markdown.
    pages
        Offset of the first character of each page, empty if the format has no pages.
    labels
        What the file itself calls each of these pages ("iv", "A-3"); empty if it only counts them.
    title, source, language
        Empty if unknown.
    date
        ``YYYY-MM-DD``, empty if unknown.
    unread
        What could not be read, one line each ("page 3: without text").
    blocks
        The blocks of the text; empty if the reader does not know them, in which case they are parsed from the text.
    authors, url
        Empty if unknown.
    dated_by_file
        Whether the date is that of the file, because the text names none.
    scanned
        Numbers, from 1, of pages without text that are pictures: text recognition may read them.
    machine_read
        Start and end offsets of what text recognition has read; the end is exclusive.

    """

    text: str
    pages: tuple[int, ...] = ()
    title: str = ""
    source: str = ""
    date: str = ""
    language: str = ""
    unread: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    authors: tuple[str, ...] = ()
    url: str = ""
    dated_by_file: bool = False
    scanned: tuple[int, ...] = ()
    machine_read: tuple[tuple[int, int], ...] = ()
    labels: tuple[str, ...] = ()


class Extractor(Protocol):
    """Extracts the text of files."""

    def extract(self, data: bytes, kind: str, /) -> Extract:
        """Read a file's text; ``kind`` is one of `index.formats.KINDS`. An `ExtractionError` says why that fails."""


class FormatReader(Protocol):
    """
    Extracts the text of files of one format; other packages provide one by an entry point, named by the file ending.

    ::

        [project.entry-points."quellentreu.readers"]
        rtf = "my_package:read"

    It is called in a process of its own, which is bounded in time and memory and may end in any way. If it raises
    anything but an `ExtractionError`, the file counts as damaged.
    """

    def __call__(self, data: bytes) -> Extract:
        """Return a file's text as simple Markdown, and its title, date and language as far as they are known."""
