"""Read a Word document block by block."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.reading.extraction.archives.archive import Archive, damaged, without_text
from index.reading.extraction.running import is_page_number
from index.reading.extraction.types import Extract
from index.reading.extraction.word.inline import Notes, text_of
from index.reading.extraction.word.names import SKIPPED, W, value
from index.reading.extraction.word.styles import Styles, outline_level
from index.reading.extraction.word.tables import cells, grid, nested
from index.reading.extraction.writer import Writer, clean

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_DEPTH = 200
_NOTE_PARTS = {"footnote": "/footnotes", "endnote": "/endnotes"}


def extract(data: bytes) -> Extract:
    """
    Read a Word document.

    Raises
    ------
    ExtractionError
        It is no Word document, damaged, or unpacks to far more than it should; or it has no text.

    """
    Archive(data, "docx")
    import docx  # noqa: PLC0415 - an extra
    from docx.opc.exceptions import OpcError  # noqa: PLC0415
    from lxml.etree import LxmlError  # noqa: PLC0415

    try:
        document = docx.Document(io.BytesIO(data))
        body = _Blocks(Writer(), Styles.of(document), _note_elements(document))
        body.write(document.element.body)
        _write_edges(document, body)
        about = document.core_properties
        title, language = clean(about.title or ""), about.language or ""
        # A file that python-docx made has the date of its template unless told otherwise.
        created = about.created if about.author != "python-docx" else None
    except (OpcError, LxmlError, KeyError, ValueError, AttributeError, OSError, zipfile.BadZipFile) as error:
        raise damaged("docx") from error
    written = body.writer.rendered()
    if not written.text.strip():
        raise without_text("docx")
    day = created.date().isoformat() if created else ""
    return Extract(
        written.text,
        title=title,
        date=day,
        language=language,
        blocks=written.blocks,
        authors=tuple(filter(None, [clean(about.author or "")])),
    )


@dataclass(slots=True)
class _Blocks:
    """
    Writes paragraphs and tables in order, also those in content controls and the like.

    Parameters
    ----------
    writer
        Where to.
    styles
        Of the document.
    sources
        The elements of footnotes and endnotes, by kind and identifier.

    """

    writer: Writer
    styles: Styles
    sources: dict[tuple[str, str], Any]
    notes: Notes = field(default_factory=Notes)
    _begun: list[str] = field(default_factory=list)  # paragraphs whose ends were deleted: the next goes on with them

    def write(self, parent: Any, depth: int = 0) -> None:
        """Write what an element holds."""
        if depth > _MAX_DEPTH:
            return
        for element in parent.iterchildren():
            if element.tag == f"{W}p":
                self._paragraph(element)
            elif element.tag == f"{W}tbl":
                self._table(element, depth)
            elif element.tag not in SKIPPED:
                self.write(element, depth + 1)
        if not depth and self._begun:
            self.writer.paragraph("".join(self._begun))

    def _paragraph(self, paragraph: Any) -> None:
        self._begun.append(text_of(paragraph, self.styles, self.notes))
        if paragraph.find(f"{W}pPr/{W}rPr/{W}del") is not None:
            return
        text = "".join(self._begun)
        self._begun.clear()
        style = value(paragraph, "pPr/pStyle") or ""
        if level := outline_level(paragraph) or self.styles.levels.get(style, 0):
            self.writer.heading(text, level)
        elif style in self.styles.lists or paragraph.find(f"{W}pPr/{W}numPr") is not None:
            self.writer.item(text)
        else:
            self.writer.paragraph(text)
        self._write_notes()

    def _table(self, table: Any, depth: int) -> None:
        rows = cells(table)
        if all(len(row) <= 1 for row in rows):  # a frame around text
            for cell in (cell for row in rows for cell in row):
                self.write(cell, depth + 1)
            return
        self.writer.table(grid(table, self.styles, self.notes))
        self._write_notes()
        if depth < _MAX_DEPTH:
            for inner in nested(table):
                self._table(inner, depth + 1)

    def _write_notes(self) -> None:
        """Write the footnotes that the block just written refers to."""
        while self.notes.waiting:
            key = self.notes.waiting.pop(0)
            source = self.sources.get(key)
            texts = [] if source is None else [text_of(one, self.styles, self.notes) for one in source.iter(f"{W}p")]
            text = " ".join(" ".join(texts).split())
            if text:
                self.writer.footnote(f"[{self.notes.numbers[key]}] {text}")


def _note_elements(document: Any) -> dict[tuple[str, str], Any]:
    """Return the elements of all notes; python-docx keeps their parts as bytes."""
    from lxml import etree  # noqa: PLC0415 - an extra

    found: dict[tuple[str, str], Any] = {}
    for relation in document.part.rels.values():
        kind = next((kind for kind, end in _NOTE_PARTS.items() if relation.reltype.endswith(end)), None)
        if kind is None or relation.is_external:
            continue
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        for note in etree.fromstring(relation.target_part.blob, parser).iter(f"{W}{kind}"):
            found[kind, note.get(f"{W}id", "")] = note
    return found


def _write_edges(document: Any, body: _Blocks) -> None:
    """Write the headers and footers behind the text, each once: a letter's may say whose it is."""
    seen: set[str] = set()
    for part in _edges(document):
        text = " ".join(text_of(part, body.styles, body.notes).split())
        if text not in seen and not is_page_number(text):
            body.writer.paragraph(text)
        seen.add(text)


def _edges(document: Any) -> Iterator[Any]:
    for section in document.sections:
        for name in ("first_page_header", "header", "first_page_footer", "footer"):
            if name.startswith("first") and not section.different_first_page_header_footer:
                continue
            edge = getattr(section, name)
            if not edge.is_linked_to_previous:
                yield edge._element  # noqa: SLF001 - python-docx has no public way to the element
