"""Extract text from OpenDocument spreadsheets (.ods), row by row: each cell holds the text that it shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.reading.extraction.archives.archive import SAFE, damaged, without_text
from index.reading.extraction.opendocument.inline import Line
from index.reading.extraction.opendocument.names import STYLE, TABLE
from index.reading.extraction.opendocument.package import Package
from index.reading.extraction.opendocument.tables import hide, number, row_cells
from index.reading.extraction.sheets.sheet import MAX_CELLS, MAX_ROWS, Row, write
from index.reading.extraction.tables.grid import MAX_COLUMNS, is_cut
from index.reading.extraction.types import Extract
from index.reading.extraction.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_PASSED = 200_000  # unread rows that are passed before the sheets behind them are given up
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
    cut_short: bool = False
    wide: bool = False


def extract(data: bytes) -> Extract:
    """
    Read a spreadsheet. Formulas are not computed: their values are those stored in the file.

    Raises
    ------
    ExtractionError
        If it is not a spreadsheet, is damaged, protected, unpacks to far more than it should, or has no text.

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
        if sheet.wide:
            writer.note(f"the columns of the sheet {sheet.name} after the first {MAX_COLUMNS}: too many")
        if sheet.cut_short:
            writer.note(f"the sheets after {sheet.name}: too much stands before them")
        if sheet.left_out or sheet.hidden:
            writer.note(f"hidden rows or columns of the sheet {sheet.name}")
    if not writer.has_text:
        raise without_text("ods")
    if hidden:
        writer.note(f"{hidden} hidden sheet{'s' if hidden > 1 else ''}")
    about = package.about()
    written = writer.rendered()
    return Extract(
        written.text,
        title=about.title,
        date=about.date,
        language=about.language,
        blocks=written.blocks,
        authors=about.authors,
    )


def _sheets(package: Package) -> Iterator[_Sheet | None]:
    """Yield each sheet, None for a hidden one."""
    from lxml import etree  # noqa: PLC0415 - an extra

    tags = [f"{STYLE}style", *(f"{TABLE}{name}" for name in ("table", "table-column", "table-row"))]
    events = ("start", "end")
    parts = _Parts(package)
    try:
        with package.archive.open("content.xml") as source:
            parsed = etree.iterparse(source, events=events, tag=tags, remove_comments=True, remove_pis=True, **SAFE)
            for event, element in parsed:
                name = element.tag.rsplit("}", 1)[-1]
                if name == "table":
                    if parts.table(event, element):
                        yield parts.sheet
                elif event == "end" and parts.depth <= 1:
                    parts.take(name, element)
                if parts.passed > _MOST_PASSED and parts.sheet is not None:
                    parts.sheet.cut_short = True
                    yield parts.sheet
                    return
    except (etree.LxmlError, ValueError, OSError, EOFError) as error:
        raise damaged("ods") from error


class _Parts:
    """Builds sheets from the elements of a file in their order; ``passed`` counts rows beyond those that are read."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._line = Line(package.styles)
        self._cells = 0
        self.sheet: _Sheet | None = None
        self.depth = 0  # of tables within each other
        self.passed = 0

    def table(self, event: str, element: Any) -> bool:
        """Process the beginning or the end of a table; tell whether it is the end of a sheet."""
        self.depth += 1 if event == "start" else -1
        if event == "start" and self.depth == 1:
            look = self._package.styles.look("table", element.get(f"{TABLE}style-name"))
            self.sheet = None if look.hidden else _Sheet(element.get(f"{TABLE}name", ""))
        ends = event == "end" and not self.depth
        if ends:
            _drop(element)
        return ends

    def take(self, name: str, element: Any) -> None:
        """Process a style, a column or a row."""
        if name == "style":
            self._package.styles.add([element])
            return
        if self.sheet is not None and name == "table-column":
            self.sheet.column = hide(self.sheet.hidden, self.sheet.column, element)
        elif self.sheet is not None and not self.sheet.cut:
            self._cells += _add(self.sheet, element, self._line, MAX_CELLS - self._cells)
        else:
            self.passed += self.sheet is not None
        if name == "table-row":
            _drop(element)


def _add(sheet: _Sheet, row: Any, line: Line, most_cells: int) -> int:
    """Add a row, as often as it is repeated; return how many cells with text were added."""
    cells = row_cells(row, line, sheet.hidden)
    if is_cut([cells]):
        sheet.wide = True
        while sum(cell.columns for cell in cells) > MAX_COLUMNS:
            cells.pop()
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
    times = min(repeated, MAX_ROWS - sheet.filled, max(0, most_cells) // max(1, filled))
    sheet.cut = times < repeated
    sheet.rows += [Row(cells, covered=covered)] * times
    sheet.filled += times
    return filled * times


def _drop(element: Any) -> None:
    """Free an element that was read, and everything before it."""
    element.clear()
    while (before := element.getprevious()) is not None:
        before.getparent().remove(before)
