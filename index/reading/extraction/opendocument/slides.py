"""Extract text from OpenDocument presentations (.odp): each slide as a heading with its content, then its notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from index.markup.notes import ONLY_A_PICTURE, in_runs
from index.reading.extraction.archives.archive import damaged, without_text
from index.reading.extraction.opendocument.blocks import Blocks
from index.reading.extraction.opendocument.inline import Line
from index.reading.extraction.opendocument.names import DRAW, OFFICE, PRESENTATION, TEXT
from index.reading.extraction.opendocument.package import Package
from index.reading.extraction.opendocument.pictures import of_open_document
from index.reading.extraction.pictures.counting import Pictures
from index.reading.extraction.slides.slide_notes import heading_of_notes
from index.reading.extraction.types import Extract
from index.reading.extraction.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator

_EDGES = {"header", "footer", "date-time", "page-number", "page"}
_MAX_DEPTH = 50


def extract(data: bytes) -> Extract:
    """
    Read a presentation; slides count as pages.

    Raises
    ------
    ExtractionError
        If it is not a presentation, is damaged, protected, unpacks to far more than it should, or has no text.

    """
    package = Package(data, "odp")
    content = package.archive.xml("content.xml")
    body = None if content is None else content.find(f"{OFFICE}body/{OFFICE}presentation")
    if body is None:
        raise damaged("odp")
    package.read_styles(content)
    about = package.about()
    line = Line(package.styles, white_is_hidden=False, objects=package.part_of)
    blocks = Blocks(Writer(), line, package.numbering)
    pictured: list[int] = []
    pictures = Pictures()
    slides = 0
    hidden = 0
    for slide in body.iter(f"{DRAW}page"):
        blocks.writer.page()
        slides += 1
        if package.styles.look("drawing-page", slide.get(f"{DRAW}style-name")).hidden:
            hidden += 1
            continue
        before = blocks.writer.length
        _write(slide, blocks, heading_of_notes(about.language))
        if blocks.writer.length == before and next(slide.iter(f"{DRAW}image"), None) is not None:
            pictured.append(slides - 1)
        else:
            of_open_document((one for one in slide if one.tag != f"{PRESENTATION}notes"), pictures)
    if not blocks.writer.has_text:
        raise without_text("odp")
    for unread in in_runs("slide", pictured, ONLY_A_PICTURE):
        blocks.writer.note(unread)
    for unread in pictures.said():
        blocks.writer.note(unread)
    if hidden:
        blocks.writer.note(f"{hidden} hidden slide{'s' if hidden > 1 else ''}")
    written = blocks.writer.rendered()
    return Extract(
        written.text,
        written.pages,
        title=about.title,
        date=about.date,
        language=about.language,
        blocks=written.blocks,
        authors=about.authors,
    )


def _write(slide: Any, blocks: Blocks, notes_title: str) -> None:
    shapes = list(_shapes(slide, 0))
    titles = [one for one in shapes if one.get(f"{PRESENTATION}class") == "title"]
    for one in titles:
        blocks.writer.heading(" ".join(blocks.line.of(text) for text in one.iter(f"{TEXT}p", f"{TEXT}h")), 2)
    for one in shapes:
        if one not in titles and one.get(f"{PRESENTATION}class") not in _EDGES:
            blocks.write(one)
    notes = slide.find(f"{PRESENTATION}notes")
    if notes is None:
        return
    spoken = Blocks(Writer(), blocks.line, blocks.numbering)
    for one in _shapes(notes, 0):
        if one.get(f"{PRESENTATION}class") not in _EDGES:
            spoken.write(one)
    if spoken.writer.length:
        blocks.writer.heading(notes_title, 3)
        blocks.writer.append(spoken.writer.rendered())


def _shapes(parent: Any, depth: int) -> Iterator[Any]:
    """Yield the shapes of a slide in order, including those in groups, but not those of its notes."""
    for child in parent:
        if not isinstance(child.tag, str) or child.tag == f"{PRESENTATION}notes":
            continue
        if child.tag in {f"{DRAW}g", f"{DRAW}a"} and depth < _MAX_DEPTH:
            yield from _shapes(child, depth + 1)
        elif child.tag.startswith(DRAW):
            yield child
