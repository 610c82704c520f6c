"""What passes between the parts of `index.reading.extraction`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from index.blocks import Block

MAX_TEXT = 5_000_000  # characters; more is no article


class ExtractionError(Exception):
    """
    A file has no text that could be read.

    Parameters
    ----------
    message
        Why, in one line that goes on after the file's name.
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
    The text of a file, and what the file says of itself.

    Parameters
    ----------
    text
        Simple Markdown.
    pages
        Offset of the first character of each page, empty where the format has none.
    labels
        What the file itself calls each of these pages ("iv", "A-3"); empty where it only counts them.
    title, source, language
        Empty where unknown.
    date
        ``YYYY-MM-DD``, empty where unknown.
    unread
        What could not be read, a line each ("page 3: without text").
    blocks
        What the text is made of; empty where the reader does not tell, and it is read from the text.
    authors, url
        Empty where unknown.
    dated_by_file
        Whether the date is that of the file, since the text names none.
    scanned
        Numbers, from 1, of pages without text that are pictures: text recognition may read them.
    machine_read
        First offset and the one after the last of what text recognition has read.

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
    """Takes the text out of files."""

    def extract(self, data: bytes, kind: str, /) -> Extract:
        """Read a file's text; ``kind`` is one of `index.formats.KINDS`. An `ExtractionError` says why it cannot."""


class FormatReader(Protocol):
    """
    Takes the text out of files of a format; another package brings one by an entry point, named by the ending.

    ::

        [project.entry-points."quellentreu.readers"]
        rtf = "my_package:read"

    It is called in a process of its own, which is bounded in time and memory and may end in any way. What it raises
    besides an `ExtractionError` counts as a damaged file.
    """

    def __call__(self, data: bytes) -> Extract:
        """Return what a file holds: its text as simple Markdown, its title, date and language as far as they are known."""
