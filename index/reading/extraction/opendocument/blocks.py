"""Write the paragraphs, lists and tables of an OpenDocument text, a text box or a note, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.reading.extraction.opendocument.names import DRAW, OFFICE, TABLE, TEXT
from index.reading.extraction.opendocument.numbering import OUTLINE, start_of
from index.reading.extraction.opendocument.tables import grid, paragraphs, rows

if TYPE_CHECKING:
    from index.reading.extraction.opendocument.inline import Line
    from index.reading.extraction.opendocument.numbering import Numbering
    from index.reading.extraction.writer import Writer

_MAX_DEPTH = 100
# Elements that repeat other parts of the document, or are not shown.
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
class _List:
    """The list that a paragraph belongs to: its style, its level from 1, and the label of the item that has begun."""

    style: str
    level: int
    label: str = ""


@dataclass(slots=True)
class Blocks:
    """Writes blocks to ``writer``; ``line`` reads paragraphs, and ``numbering`` counts those that have a number."""

    writer: Writer
    line: Line
    numbering: Numbering

    def write(self, parent: Any, depth: int = 0, *, listed: _List | None = None) -> None:
        """Write the content of an element."""
        if depth > _MAX_DEPTH:
            return
        for child in parent:
            tag = child.tag
            if not isinstance(tag, str) or tag in _SKIPPED:
                continue
            if tag in {f"{TEXT}h", f"{TEXT}p"}:
                self._paragraph(child, depth, listed)
            elif tag == f"{TABLE}table":
                self.table(child, depth)
            elif tag == f"{TEXT}list":
                self._list(child, depth, listed)
            elif tag == f"{TEXT}section" and self._is_hidden(child):
                continue
            elif tag in {f"{DRAW}frame", f"{DRAW}g", f"{DRAW}text-box", f"{DRAW}custom-shape"}:
                self.write(child, depth + 1)
            elif tag.startswith(TEXT):
                self.write(child, depth + 1, listed=listed)

    def _paragraph(self, paragraph: Any, depth: int, listed: _List | None) -> None:
        text = self.line.of(paragraph)
        label = ""
        if listed is not None:
            label, listed.label = listed.label, ""
        if paragraph.tag == f"{TEXT}h":
            said = paragraph.get(f"{TEXT}outline-level", "1")
            level = int(said) if said.isdecimal() and len(said) < 3 else 1
            if listed is None and paragraph.get(f"{TEXT}is-list-header") != "true":
                label = self.numbering.label(OUTLINE, level, start_of(paragraph))
            self.writer.heading(_led(label, text), level)
        elif listed is not None:
            self.writer.item(_led(label, text))
        else:
            self.writer.paragraph(text)
        self._behind(depth)

    def _list(self, element: Any, depth: int, above: _List | None) -> None:
        style = element.get(f"{TEXT}style-name") or (above.style if above else "")
        goes_on = element.get(f"{TEXT}continue-numbering") == "true" or f"{TEXT}continue-list" in element.attrib
        if above is None and not goes_on:
            self.numbering.begin(style)
        for child in element:
            here = _List(style, above.level + 1 if above else 1)
            if child.tag == f"{TEXT}list-item":
                if any(inner.tag != f"{TEXT}list" for inner in child):
                    here.label = self.numbering.label(style, here.level, start_of(child))
                self.write(child, depth + 1, listed=here)
            elif child.tag == f"{TEXT}list-header":
                self.write(child, depth + 1, listed=here)

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
        """Write the notes and text boxes of the block that was just written."""
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


def _led(label: str, text: str) -> str:
    """Return a text with its number before it, unless it is empty."""
    return f"{label} {text}" if label and text.strip() else text
