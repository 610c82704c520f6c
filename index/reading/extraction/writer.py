"""Collect what a reader finds, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.reading.extraction.blocks import (
    Caption,
    Footnote,
    Heading,
    Item,
    Note,
    PageMark,
    Paragraph,
    Rendered,
    Rendering,
    Row,
    Table,
    clean,
    lowered,
)
from index.reading.extraction.tables.grid import MAX_COLUMNS, is_cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.reading.extraction.blocks import Content
    from index.reading.extraction.tables.grid import Cell

__all__ = ["Writer", "clean"]


class Writer:
    """
    Collects blocks and tells where each stands in the text, see `index.reading.extraction.blocks`.

    A method that writes one block returns the offset of its first character, None if there was nothing to write.
    """

    def __init__(self) -> None:
        self._rendering = Rendering()
        self._has_text = False

    @property
    def length(self) -> int:
        """Number of characters so far."""
        return self._rendering.length

    @property
    def has_text(self) -> bool:
        """Whether anything was written other than notes on what was not read."""
        return self._has_text

    def text(self) -> str:
        """Return everything written."""
        return self.rendered().text

    def rendered(self) -> Rendered:
        """Return everything written, with its blocks."""
        return self._rendering.rendered()

    def heading(self, text: str, level: int) -> int | None:
        """Write a heading of level 1 to 6 in one line."""
        return self._add(Heading(text, level))

    def paragraph(self, text: str) -> int | None:
        """Write a paragraph; line breaks stay."""
        return self._add(Paragraph(text))

    def caption(self, text: str) -> int | None:
        """Write the caption below or above a picture or a table."""
        return self._add(Caption(text))

    def footnote(self, text: str) -> int | None:
        """Write a footnote with its mark, behind the paragraph that refers to it."""
        return self._add(Footnote(text))

    def item(self, text: str) -> int | None:
        """Write a list item in one line."""
        return self._add(Item(text))

    def table(self, rows: Sequence[Sequence[Cell]], *, headed: bool = False) -> list[int]:
        """Write a table and return the offset of each line; see `index.reading.extraction.tables.grid.lines`."""
        starts = self._write(Table(tuple(map(tuple, rows)), headed))
        if is_cut(rows):
            self.note(f"the columns of a table after the first {MAX_COLUMNS}: too many")
        return starts

    def row(self, cells: Sequence[str]) -> None:
        """Write a row that is read on its own as one line, its cells separated by bars."""
        self._add(Row(tuple(cells)))

    def page(self) -> None:
        """Begin a page, which holds what is written next."""
        self._rendering.add(PageMark())

    def append(self, written: Rendered | str, *, deeper: int = 0) -> None:
        """
        Write what another writer has written.

        Parameters
        ----------
        written
            What its `rendered` returned; or simple Markdown, whose blocks are then parsed from it.
        deeper
            By how many levels its headings are lowered.

        """
        if isinstance(written, str):
            from index.markup.structure import of_text  # noqa: PLC0415 - a parser, which readers need not

            written = written.strip("\n")
            written = Rendered(written, of_text(written, markdown=True, extracted=True))
        self._write(lowered(written, deeper))

    def note(self, text: str) -> None:
        """Write what was not read as a comment: shown, never cited."""
        self._add(Note(text))

    def _add(self, content: Content) -> int | None:
        return next(iter(self._write(content)), None)

    def _write(self, content: Content) -> list[int]:
        starts = self._rendering.add(content)
        self._has_text = self._has_text or (bool(starts) and not isinstance(content, Note))
        return starts
