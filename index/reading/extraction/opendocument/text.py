"""Extract text from OpenDocument texts (.odt)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.reading.extraction.archives.archive import damaged, without_text
from index.reading.extraction.opendocument.blocks import Blocks
from index.reading.extraction.opendocument.inline import Line
from index.reading.extraction.opendocument.names import OFFICE, STYLE, TEXT
from index.reading.extraction.opendocument.package import Package
from index.reading.extraction.opendocument.pictures import of_open_document
from index.reading.extraction.pictures.counting import Pictures
from index.reading.extraction.running import is_page_number
from index.reading.extraction.types import Extract
from index.reading.extraction.writer import Writer

if TYPE_CHECKING:
    from typing import Any

_EDGES = {f"{STYLE}{name}" for name in ("header", "footer", "header-first", "footer-first")}


def extract(data: bytes) -> Extract:
    """
    Read an OpenDocument text.

    Raises
    ------
    ExtractionError
        If it is not an OpenDocument text, is damaged, protected, unpacks to far more than it should, or has no text.

    """
    package = Package(data, "odt")
    content = package.archive.xml("content.xml")
    body = None if content is None else content.find(f"{OFFICE}body/{OFFICE}text")
    if body is None:
        raise damaged("odt")
    package.read_styles(content)
    blocks = Blocks(Writer(), Line(package.styles, objects=package.part_of), package.numbering)
    blocks.write(body)
    _write_edges(package.master, blocks)
    if not blocks.writer.has_text:
        raise without_text("odt")
    pictures = Pictures()
    of_open_document([body], pictures)
    for line in pictures.said():
        blocks.writer.note(line)
    written = blocks.writer.rendered()
    about = package.about()
    return Extract(
        written.text,
        title=about.title,
        date=about.date,
        language=about.language,
        blocks=written.blocks,
        authors=about.authors,
    )


def _write_edges(master: Any, blocks: Blocks) -> None:
    """Write headers and footers behind the text, each once: those of a letter may say who wrote it."""
    seen: set[str] = set()
    for edge in () if master is None else master.iter(*_EDGES):
        text = " ".join(" ".join(blocks.line.of(one) for one in edge.iter(f"{TEXT}p")).split())
        if text not in seen and not is_page_number(text):
            blocks.writer.paragraph(text)
        seen.add(text)
