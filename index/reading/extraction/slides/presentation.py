"""Extract text from PowerPoint presentations (.pptx): each slide as a heading with its content, then its notes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from index.markup.notes import ONLY_A_PICTURE, in_runs
from index.reading.extraction.archives import opc
from index.reading.extraction.archives.archive import Archive, damaged, without_text
from index.reading.extraction.list_numbers import formatted
from index.reading.extraction.pictures.counting import Pictures
from index.reading.extraction.pictures.office import of_drawing
from index.reading.extraction.raised import written
from index.reading.extraction.slides.slide_notes import heading_of_notes
from index.reading.extraction.tables.grid import MAX_COLUMNS, Cell
from index.reading.extraction.types import Extract
from index.reading.extraction.word.formulas import linear
from index.reading.extraction.word.names import M
from index.reading.extraction.writer import Writer, clean
from index.text import locale

if TYPE_CHECKING:
    from collections.abc import Iterator

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_TITLES = {"title", "ctrTitle"}
_EDGES = {"dt", "ftr", "hdr", "sldNum", "sldImg"}
_LISTS = {"body", "obj"}
_SHAPES = frozenset({"sp", "graphicFrame", "cxnSp"})
_PICTURES = frozenset({"pic"})
_MAX_DEPTH = 50
_OFF = {"0", "false"}
# By the beginning and by the end of the name of a numbering scheme.
_KINDS = {"alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman", "romanUc": "upperRoman"}
_ENDS = {"ParenBoth": "({})", "ParenR": "{})", "Period": "{}."}
# What programs fill in if nobody wrote a title.
_NO_TITLE = re.compile(locale.alternatives("files.no_title"), re.IGNORECASE)


def extract(data: bytes) -> Extract:
    """
    Read a presentation; slides count as pages.

    Raises
    ------
    ExtractionError
        If it is not a presentation, is damaged, unpacks to far more than it should, or has no text.

    """
    archive = Archive(data, "pptx")
    main = opc.main_part(archive, "ppt/presentation.xml")
    root = archive.xml(main)
    if root is None:
        raise damaged("pptx")
    about = opc.about(archive)
    related = opc.relations(archive, main)
    writer = Writer()
    language = about.language
    pictured: list[int] = []
    pictures = Pictures()
    slides = 0
    hidden = 0
    for identifier in root.iterfind("{*}sldIdLst/{*}sldId"):
        relation = related.get(opc.relation_of(identifier))
        slide = archive.xml(relation.target) if relation else None
        writer.page()
        slides += 1
        if relation is None or slide is None:
            continue
        if slide.get("show", "1") in _OFF:
            hidden += 1
            continue
        language = language or _language(slide)
        before = writer.length
        _Slide(archive, writer, opc.relations(archive, relation.target)).write(slide, language)
        if writer.length == before and next(slide.iter(f"{_A}blip"), None) is not None:
            pictured.append(slides - 1)
        else:
            for shape in _shapes(slide, 0, _PICTURES):
                of_drawing(shape, pictures, part=relation.target)
    if not writer.has_text:
        raise without_text("pptx")
    for line in (*in_runs("slide", pictured, ONLY_A_PICTURE), *pictures.said()):
        writer.note(line)
    if hidden:
        writer.note(f"{hidden} hidden slide{'s' if hidden > 1 else ''}")
    title = clean(about.title)
    written = writer.rendered()
    return Extract(
        written.text,
        written.pages,
        title="" if _NO_TITLE.fullmatch(title) else title,
        date=about.date,
        language=language,
        blocks=written.blocks,
        authors=about.authors,
    )


class _Slide:
    """Writes a slide: its title, its content in order, its notes."""

    def __init__(self, archive: Archive, writer: Writer, related: dict[str, opc.Relation]) -> None:
        self._archive = archive
        self._writer = writer
        self._related = related

    def write(self, slide: Any, language: str) -> None:
        shapes = list(_shapes(slide, 0))
        titles = [one for one in shapes if _placeholder(one) in _TITLES]
        for one in titles:
            self._writer.heading(" ".join(_text(paragraph) for paragraph in one.iter(f"{_A}p")), 2)
        for one in shapes:
            if one not in titles:
                self._shape(one, self._writer)
        notes = next((one.target for one in self._related.values() if one.kind == "notesSlide"), "")
        root = self._archive.xml(notes) if notes else None
        if root is None:
            return
        spoken = Writer()
        for one in _shapes(root, 0):
            self._shape(one, spoken)
        if spoken.length:
            self._writer.heading(heading_of_notes(language), 3)
            self._writer.append(spoken.rendered())

    def _shape(self, shape: Any, writer: Writer) -> None:
        kind = _placeholder(shape)
        if kind in _EDGES:
            return
        if (table := shape.find(f".//{_A}tbl")) is not None:
            writer.table(_grid(table), headed=_is_headed(table))
            return
        paragraphs = list(shape.iter(f"{_A}p"))
        listed = kind in _LISTS and len(paragraphs) > 1
        numbers = _Numbers()
        for one in paragraphs:
            properties = one.find(f"{_A}pPr")
            label = numbers.label(properties)
            bullets = [] if properties is None else [child.tag for child in properties]
            bulleted = any(tag in {f"{_A}buChar", f"{_A}buAutoNum"} for tag in bullets)
            if bulleted or (listed and f"{_A}buNone" not in bullets):
                text = _text(one)
                writer.item(f"{label} {text}" if label and text.strip() else text)
            else:
                writer.paragraph(_text(one))
        self._diagram(shape, writer)

    def _diagram(self, shape: Any, writer: Writer) -> None:
        """Write the texts of a diagram (SmartArt), which are in a separate part of the archive."""
        named = shape.find(".//{*}graphicData/{*}relIds")
        relation = None if named is None else self._related.get(opc.relation_of(named, "dm"))
        root = self._archive.xml(relation.target) if relation else None
        for point in () if root is None else root.iter("{*}pt"):
            for paragraph in point.iter(f"{_A}p"):
                writer.item(_text(paragraph))


class _Numbers:
    """Counts the numbered paragraphs of a shape."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def label(self, properties: Any) -> str:
        """Count a paragraph; return its number as it is shown, empty if it has none."""
        level = _value(properties, "lvl", 0)
        kept = {one: count for one, count in self._counts.items() if one < level}
        numbered = None if properties is None else properties.find(f"{_A}buAutoNum")
        if numbered is None:
            self._counts = kept
            return ""
        count = self._counts.get(level, _value(numbered, "startAt", 1) - 1) + 1
        self._counts = {**kept, level: count}
        kind = numbered.get("type", "")
        form = next((form for name, form in _KINDS.items() if kind.startswith(name)), "decimal")
        text = formatted(count, form)
        return next((shown.format(text) for end, shown in _ENDS.items() if kind.endswith(end)), text)


def _value(element: Any, name: str, default: int) -> int:
    value = "" if element is None else element.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 6 else default


def _shapes(parent: Any, depth: int, kinds: frozenset[str] = _SHAPES) -> Iterator[Any]:
    """Yield the visible shapes of a slide in order, including those in groups."""
    tree = parent.find("{*}cSld/{*}spTree") if depth == 0 else parent
    for child in () if tree is None else tree:
        name = child.tag.rsplit("}", 1)[-1] if isinstance(child.tag, str) else ""
        about = child.find("*/{*}cNvPr")
        if about is not None and about.get("hidden", "0") not in _OFF:
            continue
        if name == "grpSp" and depth < _MAX_DEPTH:
            yield from _shapes(child, depth + 1, kinds)
        elif name == "AlternateContent" and depth < _MAX_DEPTH:
            choice = next(iter(child), None)
            if choice is not None:
                yield from _shapes(choice, depth + 1, kinds)
        elif name in kinds:
            yield child


def _placeholder(shape: Any) -> str:
    """Return the purpose of a shape, empty if it is not a placeholder."""
    found = shape.find("*/{*}nvPr/{*}ph")
    return "" if found is None else found.get("type", "obj")


def _text(paragraph: Any) -> str:
    """Return the visible text of a paragraph: without what is struck out, with raised marks set off."""
    return written(_pieces(paragraph))


def _pieces(paragraph: Any) -> Iterator[tuple[str, bool]]:
    for run in paragraph:
        if run.tag == f"{_A}br":
            yield "\n", False
        elif run.tag in {f"{_A}r", f"{_A}fld"}:
            look = run.find(f"{_A}rPr")
            struck = look is not None and look.get("strike", "noStrike") != "noStrike"
            if not struck:
                up = look is not None and look.get("baseline", "0").lstrip("+").rstrip("%").isdecimal()
                yield run.findtext(f"{_A}t") or "", up and look.get("baseline", "0").strip("+%0") != ""
        elif formula := _formula(run):
            yield f" {formula} ", False


def _formula(element: Any) -> str:
    found = element.find(f".//{M}oMath") if isinstance(element.tag, str) else None
    return "" if found is None else linear(found)


def _grid(table: Any) -> list[list[Cell]]:
    rows = []
    for row in table.iter(f"{_A}tr"):
        cells = []
        for cell in row.iter(f"{_A}tc"):
            if cell.get("hMerge", "0") in _OFF and cell.get("vMerge", "0") in _OFF:
                text = " ".join(" ".join(_text(one) for one in cell.iter(f"{_A}p")).split())
                cells.append(Cell(text, _number(cell, "gridSpan"), _number(cell, "rowSpan")))
        rows.append(cells)
    return rows


def _is_headed(table: Any) -> bool:
    properties = table.find(f"{_A}tblPr")
    return properties is not None and properties.get("firstRow", "0") not in _OFF


def _number(cell: Any, name: str) -> int:
    value = cell.get(name, "1")
    return min(MAX_COLUMNS, max(1, int(value))) if value.isdecimal() and len(value) < 9 else 1


def _language(slide: Any) -> str:
    return next((one.get("lang", "") for one in slide.iter(f"{_A}rPr", f"{_A}endParaRPr") if one.get("lang")), "")
