"""Text out of OpenDocument spreadsheets (.ods), read row by row: cells say themselves how they are shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.extraction.archive import SAFE, damaged, without_text
from index.extraction.opendocument.inline import Line
from index.extraction.opendocument.names import STYLE, TABLE
from index.extraction.opendocument.package import Package
from index.extraction.opendocument.tables import hide, number, row_cells
from index.extraction.sheet import MAX_CELLS, MAX_ROWS, Row, write
from index.extraction.types import Extract
from index.extraction.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator

_HIDING = {"collapse", "filter"}


@dataclass(slots=True)
class _Sheet:
    name: str
    hidden: set[int] = field(default_factory=set)
    rows: list[Row] = field(default_factory=list)
    column: int = 0
    filled: int = 0
    hanging: int = 0  # rows into which a cell from above still reaches
    left_out: int = 0
    cut: bool = False


def extract(data: bytes) -> Extract:
    """
    Read a spreadsheet. Formulas are not computed: what stands in their cells is what the file has stored.

    Raises
    ------
    ExtractionError
        It is none, damaged, protected, or unpacks to far more than it should; or it has no text.

    """
    package = Package(data, "ods", streamed=lambda name: name == "content.xml")
    if not package.archive.has("content.xml"):
        raise damaged("ods")
    package.read_styles()
    writer = Writer()
    hidden = 0
    for sheet in _sheets(package):
        if sheet is None:
            hidden += 1
            continue
        write(writer, sheet.rows, name=sheet.name if sheet.filled else "")
        if sheet.cut:
            writer.note(f"the rows of the sheet {sheet.name} after the first {sheet.filled}: too many")
        if sheet.left_out or sheet.hidden:
            writer.note(f"hidden rows or columns of the sheet {sheet.name}")
    if not writer.has_text:
        raise without_text("ods")
    if hidden:
        writer.note(f"{hidden} hidden sheet{'s' if hidden > 1 else ''}")
    about = package.about()
    return Extract(writer.text(), title=about.title, date=about.date, language=about.language)


def _sheets(package: Package) -> Iterator[_Sheet | None]:
    """Yield each sheet, None for a hidden one."""
    from lxml import etree  # noqa: PLC0415 - an extra

    tags = [f"{STYLE}style", *(f"{TABLE}{name}" for name in ("table", "table-column", "table-row"))]
    line = Line(package.styles)
    sheet: _Sheet | None = None
    cells = depth = 0
    try:
        with package.archive.open("content.xml") as source:
            parsed = etree.iterparse(
                source, events=("start", "end"), tag=tags, remove_comments=True, remove_pis=True, **SAFE
            )
            for event, element in parsed:
                name = element.tag.rsplit("}", 1)[-1]
                if name == "table":
                    depth += 1 if event == "start" else -1
                    if depth == int(event == "start"):  # not a table inside a cell
                        if event == "start":
                            sheet = _begun(element, package)
                        else:
                            yield sheet
                            _drop(element)
                elif event == "end" and depth <= 1:
                    if name == "style":
                        package.styles.add([element])
                    elif sheet is not None and name == "table-column":
                        sheet.column = hide(sheet.hidden, sheet.column, element)
                    elif sheet is not None and not sheet.cut:
                        cells += _add(sheet, element, line)
                        if cells > MAX_CELLS:
                            sheet.cut = True
                    if name == "table-row":
                        _drop(element)
    except (etree.LxmlError, ValueError, OSError, EOFError) as error:
        raise damaged("ods") from error


def _begun(element: Any, package: Package) -> _Sheet | None:
    if package.styles.look("table", element.get(f"{TABLE}style-name")).hidden:
        return None
    return _Sheet(element.get(f"{TABLE}name", ""))


def _add(sheet: _Sheet, row: Any, line: Line) -> int:
    """Add a row, as often as it is repeated; return how many cells it has that show something."""
    cells = row_cells(row, line, sheet.hidden)
    filled = sum(bool(cell.text) for cell in cells)
    repeated = number(row, "number-rows-repeated")
    if row.get(f"{TABLE}visibility") in _HIDING:
        sheet.left_out += repeated * bool(filled)
        return 0
    covered, sheet.hanging = sheet.hanging > 0, max(0, sheet.hanging - repeated)
    sheet.hanging = max([sheet.hanging, *(cell.rows - 1 for cell in cells)])
    if not filled and not covered:
        if sheet.rows:
            sheet.rows.append(Row(()))
        return 0
    times = min(repeated, MAX_ROWS - sheet.filled)
    sheet.cut = times < repeated
    sheet.rows += [Row(cells, covered=covered)] * times
    sheet.filled += times
    return filled * times


def _drop(element: Any) -> None:
    """Forget an element that was read, and what stands before it."""
    element.clear()
    while (before := element.getprevious()) is not None:
        before.getparent().remove(before)
