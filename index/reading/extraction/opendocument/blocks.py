"""Write the paragraphs, lists and tables of an OpenDocument text, a text box or a note, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.reading.extraction.opendocument.names import DRAW, OFFICE, TABLE, TEXT
from index.reading.extraction.opendocument.tables import grid, paragraphs, rows

if TYPE_CHECKING:
    from index.reading.extraction.opendocument.inline import Line
    from index.reading.extraction.writer import Writer

_MAX_DEPTH = 100
# What repeats other parts of the document, or is not shown.
_SKIPPED = {
    f"{TEXT}tracked-changes",
    f"{TEXT}table-of-content",
    f"{TEXT}alphabetical-index",
    f"{OFFICE}forms",
    f"{OFFICE}annotation",
    f"{TEXT}variable-decls",
    f"{TEXT}sequence-decls",
    f"{TEXT}user-field-decls",
}


@dataclass(slots=True)
class Blocks:
    """Writes blocks to ``writer``; ``line`` reads paragraphs."""

    writer: Writer
    line: Line

    def write(self, parent: Any, depth: int = 0, *, listed: bool = False) -> None:
        """Write what an element holds."""
        if depth > _MAX_DEPTH:
            return
        for child in parent:
            tag = child.tag
            if not isinstance(tag, str) or tag in _SKIPPED:
                continue
            if tag == f"{TEXT}h":
                level = child.get(f"{TEXT}outline-level", "1")
                self.writer.heading(self.line.of(child), int(level) if level.isdecimal() else 1)
                self._behind(depth)
            elif tag == f"{TEXT}p":
                text = self.line.of(child)
                if listed:
                    self.writer.item(text)
                else:
                    self.writer.paragraph(text)
                self._behind(depth)
            elif tag == f"{TABLE}table":
                self.table(child, depth)
            elif tag == f"{TEXT}list":
                self.write(child, depth + 1, listed=True)
            elif tag == f"{TEXT}section" and self._is_hidden(child):
                continue
            elif tag in {f"{DRAW}frame", f"{DRAW}g", f"{DRAW}text-box", f"{DRAW}custom-shape"}:
                self.write(child, depth + 1)
            elif tag.startswith(TEXT):
                self.write(child, depth + 1, listed=listed)

    def table(self, table: Any, depth: int) -> None:
        """Write a table; one of a single column is a frame around text."""
        found = grid(table, self.line)
        if all(len(row) <= 1 for row in found):
            for row in rows(table):
                for cell in row:
                    self.write(cell, depth + 1)
            return
        self.writer.table(found)
        self._behind(depth)
        for cell in table.iter(f"{TABLE}table-cell"):
            for inner in cell:
                if inner.tag == f"{TABLE}table" and depth < _MAX_DEPTH:
                    self.table(inner, depth + 1)

    def _behind(self, depth: int) -> None:
        """Write the notes and text boxes that the block just written holds."""
        while self.line.notes or self.line.frames:
            if self.line.notes:
                number, note = self.line.notes.pop(0)
                body = note.find(f"{TEXT}note-body")
                texts = [] if body is None else [self.line.of(one) for one in paragraphs(body)]
                text = " ".join(" ".join(texts).split())
                if text:
                    self.writer.footnote(f"[{number}] {text}")
            else:
                self._frame(self.line.frames.pop(0), depth + 1)

    def _frame(self, frame: Any, depth: int) -> None:
        waiting, self.line.frames = self.line.frames, []
        self.write(frame, depth)
        self.line.frames = waiting

    def _is_hidden(self, section: Any) -> bool:
        style = self.line.styles.look("section", section.get(f"{TEXT}style-name"))
        return style.hidden or section.get(f"{TEXT}display", "true") in {"none", "condition"}
