"""Read a Word document block by block."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.reading.extraction.archives.archive import Archive, damaged, without_text
from index.reading.extraction.pictures.counting import Pictures
from index.reading.extraction.pictures.office import of_word
from index.reading.extraction.running import is_page_number
from index.reading.extraction.types import Extract
from index.reading.extraction.word.inline import Line, runs_on
from index.reading.extraction.word.names import SKIPPED, W
from index.reading.extraction.word.notes import PARTS, Notes, formats
from index.reading.extraction.word.numbering import Numbering
from index.reading.extraction.word.styles import Styles
from index.reading.extraction.word.tables import cells, grid, nested
from index.reading.extraction.writer import Writer, clean

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_DEPTH = 200
_NUMBERING = "/numbering"
# At the end of these, a paragraph whose end was deleted has no next paragraph that could continue it.
_CONTAINERS = {f"{W}body", f"{W}tc", f"{W}txbxContent"}


def extract(data: bytes) -> Extract:
    """
    Read a Word document.

    Raises
    ------
    ExtractionError
        If it is not a Word document, is damaged, unpacks to far more than it should, or has no text.

    """
    Archive(data, "docx")
    import docx  # noqa: PLC0415 - an extra
    from docx.opc.exceptions import OpcError  # noqa: PLC0415
    from lxml.etree import LxmlError  # noqa: PLC0415

    try:
        document = docx.Document(io.BytesIO(data))
        body = _Blocks(Writer(), _line(document), _note_elements(document))
        body.write(document.element.body)
        _write_edges(document, body)
        pictures = Pictures()
        of_word(document.element.body, pictures, left_out=SKIPPED)
        about = document.core_properties
        title, language = clean(about.title or ""), about.language or ""
        # A file made by python-docx has the date of its template unless another one was set.
        created = about.created if about.author != "python-docx" else None
    except (OpcError, LxmlError, KeyError, ValueError, AttributeError, OSError, zipfile.BadZipFile) as error:
        raise damaged("docx") from error
    if not body.writer.has_text:
        raise without_text("docx")
    for line in pictures.said():
        body.writer.note(line)
    written = body.writer.rendered()
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
    Writes paragraphs and tables in order, including those in content controls and the like.

    Parameters
    ----------
    writer
        Receives the blocks.
    line
        Reads the text of paragraphs.
    sources
        The elements of footnotes and endnotes, by kind and identifier.

    """

    writer: Writer
    line: Line
    sources: dict[tuple[str, str], Any]
    _begun: list[str] = field(default_factory=list)  # paragraphs whose ends were deleted: the next one continues them

    def write(self, parent: Any, depth: int = 0) -> None:
        """Write the content of an element."""
        if depth > _MAX_DEPTH:
            return
        for element in parent.iterchildren():
            if element.tag == f"{W}p":
                self._paragraph(element, depth)
            elif element.tag == f"{W}tbl":
                self._end(depth)
                self._table(element, depth)
            elif element.tag not in SKIPPED:
                self.write(element, depth + 1)
        if parent.tag in _CONTAINERS:
            self._end(depth)

    def _paragraph(self, paragraph: Any, depth: int) -> None:
        self._begun.append(self.line.of(paragraph))
        if runs_on(paragraph):
            return
        text = "".join(self._begun)
        self._begun.clear()
        label = self.line.label(paragraph)
        if label and text.strip():
            text = f"{label} {text}"
        if level := self.line.styles.level(paragraph):
            self.writer.heading(text, level)
        elif label is not None:
            self.writer.item(text)
        else:
            self.writer.paragraph(text)
        self._behind(depth)

    def _end(self, depth: int) -> None:
        """Write the paragraphs that have begun and that nothing continues."""
        if self._begun:
            self.writer.paragraph("".join(self._begun))
            self._begun.clear()
            self._behind(depth)

    def _table(self, table: Any, depth: int) -> None:
        rows = cells(table)
        if all(len(row) <= 1 for row in rows):  # a frame around text
            for cell in (cell for row in rows for cell in row):
                self.write(cell, depth + 1)
            return
        found = grid(table, self.line)
        self.writer.table(found)
        self._behind(depth)
        if depth < _MAX_DEPTH:
            for inner in nested(table):
                self._table(inner, depth + 1)

    def _behind(self, depth: int) -> None:
        """Write the footnotes that the block just written refers to, and the text boxes that it holds."""
        while self.line.notes.waiting or self.line.boxes:
            if self.line.notes.waiting:
                self._note(self.line.notes.waiting.pop(0))
            else:
                self.write(self.line.boxes.pop(0), depth + 1)

    def _note(self, key: tuple[str, str]) -> None:
        source = self.sources.get(key)
        paragraphs = () if source is None else source.iter(f"{W}p")
        text = " ".join(" ".join(text for text, _ in self.line.joined(paragraphs)).split())
        mark = self.line.notes.marks[key]
        if text:
            self.writer.footnote(f"[{mark}] {text}" if mark else text)


def _line(document: Any) -> Line:
    """Return the reader of a document's paragraphs."""
    root = document.element
    styles = Styles(document.styles.element)
    numbering = next((one for _, one in _parts(document, {"": _NUMBERING})), None)
    sections = root.body.iter(f"{W}sectPr")
    return Line(
        styles,
        Numbering(numbering, styles),
        Notes(formats((document.settings.element, *sections))),
        on_colour=root.find(f"{W}background") is not None,
    )


def _parts(document: Any, ends: dict[str, str]) -> Iterator[tuple[str, Any]]:
    """Yield the roots of parts whose relation type ends in one of ``ends``, each with the key of that ending."""
    from lxml import etree  # noqa: PLC0415 - an extra

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    for relation in document.part.rels.values():
        kind = next((kind for kind, end in ends.items() if relation.reltype.endswith(end)), None)
        if kind is not None and not relation.is_external:
            yield kind, etree.fromstring(relation.target_part.blob, parser)


def _note_elements(document: Any) -> dict[tuple[str, str], Any]:
    """Return the elements of all notes."""
    return {
        (kind, note.get(f"{W}id", "")): note
        for kind, root in _parts(document, PARTS)
        for note in root.iter(f"{W}{kind}")
    }


def _write_edges(document: Any, body: _Blocks) -> None:
    """Write the headers and footers behind the text, each once: those of a letter may say who wrote it."""
    seen: set[str] = set()
    for part in _edges(document):
        texts = [body.line.of(part)]
        while body.line.boxes:
            texts.append(body.line.of(body.line.boxes.pop(0)))
        text = " ".join(" ".join(texts).split())
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
