"""Writes the simple Markdown that extracted text is kept as."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from index.reading.extraction.notes import comment
from index.reading.extraction.tables.grid import lines
from index.reading.extraction.types import MAX_TEXT, ExtractionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.reading.extraction.tables.grid import Cell

# Control characters, surrogates and non-characters, the marks that reverse the direction of a text, and those that only
# say where a word may be parted. What joins letters or keeps them apart belongs to some scripts and stays.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\xad\u200b\u2060\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
# A word that was parted at the end of a line.
_PARTED = re.compile("(?<=[^\\W\\d_])\xad[^\\S\n]*\n[^\\S\n]*(?=[^\\W\\d_])")
_BLANK = re.compile(r"[^\S\n]+")
_BREAK = re.compile(r" *\n *")
_VERTICAL = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# What would be read as structure at the beginning of a line, but is text.
_STRUCTURE = re.compile(r"^(?=#{1,6} |```|~~~|<!--)", re.MULTILINE)
_HEADING = re.compile(r"^(#{1,6}) ", re.MULTILINE)
_RULE = re.compile(r"[-*_=~#|>:.+ ]+")


def clean(text: str) -> str:
    """Return a text with single blanks, without what cannot be shown; line feeds stay."""
    text = _VERTICAL.sub("\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _UNWANTED.sub("", _PARTED.sub("", text))
    return _BREAK.sub("\n", _BLANK.sub(" ", text)).strip()


class Writer:
    """Collects blocks, one after the other, with an empty line between them."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._in_list = False
        self._texts = 0

    @property
    def length(self) -> int:
        """Number of characters so far."""
        return self._length

    @property
    def has_text(self) -> bool:
        """Whether anything was written but notes of what was not read."""
        return self._texts > 0

    def text(self) -> str:
        """Return everything written."""
        return "".join(self._parts) + ("\n" if self._parts else "")

    def heading(self, text: str, level: int) -> int | None:
        """Write a heading of level 1 to 6 in one line; return as `paragraph` does."""
        line = " ".join(clean(text).split())
        sign = "#" * min(6, max(1, level)) + " "
        return self._block(sign + line) + len(sign) if line else None

    def paragraph(self, text: str) -> int | None:
        """Write a paragraph; return where its first character stands, None where there is nothing to write."""
        cleaned = re.sub(r"\n{2,}", "\n", clean(text))
        if not cleaned or _RULE.fullmatch(cleaned):
            return None
        return self._block(_STRUCTURE.sub(r"\\", cleaned))

    def item(self, text: str) -> int | None:
        """Write a list item in one line; return as `paragraph` does."""
        line = " ".join(clean(text).split())
        return self._block(f"- {line}", listed=True) + 2 if line else None

    def table(self, rows: Sequence[Sequence[Cell]], *, headed: bool = False) -> list[int]:
        """Write a table, a line for each row with text; return where each begins; see `index.reading.extraction.tables.grid.lines`."""
        cleaned = [[replace(cell, text=clean(cell.text)) for cell in row] for row in rows]
        return [self._block(_STRUCTURE.sub(r"\\", line)) for line in lines(cleaned, headed=headed)]

    def row(self, cells: Sequence[str]) -> None:
        """Write a row that stands for itself as one line, its cells parted by bars."""
        line = " | ".join(filter(None, (" ".join(clean(cell).split()) for cell in cells)))
        if line:
            self._block(_STRUCTURE.sub(r"\\", line))

    def append(self, text: str, *, deeper: int = 0) -> None:
        """
        Write what another writer has written.

        Parameters
        ----------
        text
            What its `text` returned.
        deeper
            By how many levels its headings go down.

        """
        text = text.strip("\n")
        if not text:
            return
        if deeper:
            text = _HEADING.sub(lambda found: "#" * min(6, len(found[1]) + deeper) + " ", text)
        self._block(text)

    def note(self, text: str) -> None:
        """Write what was not read, as a comment: shown, never cited."""
        self._block(comment(" ".join(clean(text).split())))
        self._texts -= 1

    def _block(self, text: str, *, listed: bool = False) -> int:
        between = "" if not self._parts else "\n" if listed and self._in_list else "\n\n"
        self._in_list = listed
        start = self._length + len(between)
        self._length = start + len(text)
        if self._length > MAX_TEXT:
            raise ExtractionError(
                f"more than {MAX_TEXT / 1e6:.0f} million characters of text.", hint="Split the file.", kind="too_large"
            )
        self._parts += [between, text]
        self._texts += 1
        return start
