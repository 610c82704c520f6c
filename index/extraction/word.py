"""Text out of Word files (.docx): headings by their style, lists, tables, and nothing that is hidden or deleted."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.extraction.types import Extract, ExtractionError
from index.extraction.writer import Writer, clean

if TYPE_CHECKING:
    from collections.abc import Iterator

# What Word itself writes stays far below these: XML packs about 10 to 1, and a long book has a few hundred parts.
MAX_PARTS = 5_000
MAX_PART_BYTES = 100_000_000
MAX_BYTES = 300_000_000
MAX_RATIO = 200
_SMALL = 1_000_000  # bytes; below this a high ratio does no harm
_DAMAGED = "a damaged Word document."
_REPAIR = "Open it in Word or LibreOffice and save it anew."
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_SKIPPED = {f"{_W}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "instrText", "delText")} | {_FALLBACK}
_BREAKS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_WHITE = re.compile(r"f[ef]{5}", re.IGNORECASE)
_LEAST_SIZE = 4  # half points; smaller letters are not for readers
_MAX_DEPTH = 200


def extract(data: bytes) -> Extract:
    """
    Read a Word document.

    Raises
    ------
    ExtractionError
        It is no Word document, damaged, or unpacks to far more than it should; or it has no text.

    """
    check_archive(data)
    import docx  # noqa: PLC0415 - an extra
    from docx.opc.exceptions import OpcError  # noqa: PLC0415
    from lxml.etree import LxmlError  # noqa: PLC0415

    try:
        document = docx.Document(io.BytesIO(data))
        writer = Writer()
        _write(document.element.body, writer, _Styles.of(document), 0)
        about = document.core_properties
        title, language = clean(about.title or ""), about.language or ""
        # A file that python-docx made has the date of its template unless told otherwise.
        created = about.created if about.author != "python-docx" else None
    except (OpcError, LxmlError, KeyError, ValueError, AttributeError, OSError, zipfile.BadZipFile) as error:
        raise ExtractionError(_DAMAGED, hint=_REPAIR) from error
    text = writer.text()
    if not text.strip():
        raise ExtractionError("a Word document without text.", kind="no_text")
    return Extract(text, title=title, date=created.date().isoformat() if created else "", language=language)


def check_archive(data: bytes) -> None:
    """
    Look at an archive's table of contents before anything is unpacked.

    Raises
    ------
    ExtractionError
        It is damaged, no Word document, or a "zip bomb": more or larger parts than any document has.

    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise ExtractionError(_DAMAGED, hint=_REPAIR) from error
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or not any(name.startswith("word/") for name in names):
        raise ExtractionError(
            "named .docx, but it is another kind of ZIP archive.", hint="Give it the right ending.", kind="wrong_type"
        )
    if any(part.flag_bits & 1 for part in parts):
        raise ExtractionError("protected by a password.", hint="Save it without one.", kind="encrypted")
    swollen = any(part.file_size > _SMALL and part.file_size > MAX_RATIO * max(1, part.compress_size) for part in parts)
    if (
        swollen
        or len(parts) > MAX_PARTS
        or max(part.file_size for part in parts) > MAX_PART_BYTES
        or sum(part.file_size for part in parts) > MAX_BYTES
    ):
        raise ExtractionError("a Word document that unpacks to far more than it should; it is not opened.", kind="bomb")


@dataclass(frozen=True, slots=True)
class _Styles:
    """The level of each style that makes headings, and the styles that make list items."""

    levels: dict[str, int]
    lists: frozenset[str]

    @classmethod
    def of(cls, document: Any) -> _Styles:
        levels: dict[str, int] = {}
        lists: set[str] = set()
        for style in document.styles.element.iter(f"{_W}style"):
            id_ = style.get(f"{_W}styleId", "")
            name = style.find(f"{_W}name")
            label = "" if name is None else name.get(f"{_W}val", "")
            if named := _HEADING.match(label):
                levels[id_] = int(named[1])
            elif label.lower() == "title":
                levels[id_] = 1
            elif outline := _outline(style):
                levels[id_] = outline
            elif style.find(f"{_W}pPr/{_W}numPr") is not None:
                lists.add(id_)
        return cls({id_: level for id_, level in levels.items() if 1 <= level <= 6}, frozenset(lists))


def _outline(element: Any) -> int:
    """Return the level that a style or paragraph gives itself in the outline, 0 where it gives none."""
    found = element.find(f"{_W}pPr/{_W}outlineLvl")
    value = "" if found is None else found.get(f"{_W}val", "")
    return int(value) + 1 if value in {"0", "1", "2", "3", "4", "5"} else 0


def _write(parent: Any, writer: Writer, styles: _Styles, depth: int) -> None:
    """Write paragraphs and tables in order, also those in content controls and the like."""
    if depth > _MAX_DEPTH:
        return
    for element in parent.iterchildren():
        if element.tag == f"{_W}p":
            _paragraph(element, writer, styles)
        elif element.tag == f"{_W}tbl":
            for row in _rows(element):
                writer.row(row)
        elif element.tag not in _SKIPPED:
            _write(element, writer, styles, depth + 1)


def _paragraph(paragraph: Any, writer: Writer, styles: _Styles) -> None:
    text = "".join(_text(paragraph))
    found = paragraph.find(f"{_W}pPr/{_W}pStyle")
    style = "" if found is None else found.get(f"{_W}val", "")
    if level := _outline(paragraph) or styles.levels.get(style, 0):
        writer.heading(text, level)
    elif style in styles.lists or paragraph.find(f"{_W}pPr/{_W}numPr") is not None:
        writer.item(text)
    else:
        writer.paragraph(text)


def _rows(table: Any) -> Iterator[list[str]]:
    for row in table.iter(f"{_W}tr"):
        cells = [cell for cell in row.iterchildren() if cell.tag == f"{_W}tc"]
        yield [" ".join("".join(_text(paragraph)) for paragraph in cell.findall(f"{_W}p")) for cell in cells]


def _text(element: Any) -> Iterator[str]:
    """Yield the text of a paragraph, also that in links, fields and insertions; not what is hidden or deleted."""
    grounds: dict[Any, bool] = {}
    waiting = list(element.iterchildren())[::-1]
    while waiting:
        child = waiting.pop()
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif child.tag in _SKIPPED or (child.tag == f"{_W}r" and _is_hidden(child, grounds)):
            continue
        elif child.tag == f"{_W}p":  # a text box
            waiting += [*list(child.iterchildren())[::-1]]
            yield "\n"
        else:
            waiting += list(child.iterchildren())[::-1]


def _is_hidden(run: Any, grounds: dict[Any, bool]) -> bool:
    format_ = run.find(f"{_W}rPr")
    if format_ is None:
        return False
    for name in ("vanish", "webHidden"):
        mark = format_.find(f"{_W}{name}")
        if mark is not None and mark.get(f"{_W}val", "true") not in {"0", "false", "off"}:
            return True
    colour, size = format_.find(f"{_W}color"), format_.find(f"{_W}sz")
    white = colour is not None and _WHITE.fullmatch(colour.get(f"{_W}val", "")) is not None
    tiny = size is not None and size.get(f"{_W}val", "").isdecimal() and int(size.get(f"{_W}val")) <= _LEAST_SIZE
    if not white or tiny:
        return tiny
    # White letters are seen where something is behind them, such as the colour of a table's head.
    shaded = any(format_.find(f"{_W}{name}") is not None for name in ("shd", "highlight"))
    return not shaded and not any(_is_ground(parent, grounds) for parent in run.iterancestors())


def _is_ground(element: Any, known: dict[Any, bool]) -> bool:
    """Tell whether an element lays a colour behind its text; ``known`` of those around the runs of one paragraph."""
    if element not in known:
        shaded = element.tag == f"{_W}p" and element.find(f"{_W}pPr/{_W}shd") is not None
        known[element] = shaded or element.tag == f"{_W}tc"
    return known[element]
