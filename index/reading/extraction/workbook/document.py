"""Read an Excel workbook: each visible sheet as a heading and its tables."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any

from index.reading.extraction.archives import opc
from index.reading.extraction.archives.archive import SAFE, Archive, damaged, without_text
from index.reading.extraction.language import is_german
from index.reading.extraction.sheets.sheet import MAX_CELLS, Row, write
from index.reading.extraction.tables import number_format
from index.reading.extraction.tables.grid import MAX_COLUMNS, Cell
from index.reading.extraction.types import Extract
from index.reading.extraction.workbook import cells
from index.reading.extraction.workbook.styles import PLAIN, Style, styles
from index.reading.extraction.writer import Writer, clean

if TYPE_CHECKING:
    from index.reading.extraction.workbook.cells import Raw, Sheet

_MOST_COVERED = 500_000  # places that merged cells cover
_TRUTH = {True: ("FALSCH", "WAHR"), False: ("FALSE", "TRUE")}


def extract(data: bytes) -> Extract:
    """
    Read a workbook. Formulas are not computed: their values are those stored in the file.

    Raises
    ------
    ExtractionError
        If it is not a workbook, is damaged, unpacks to far more than it should, or has no text.

    """
    archive = Archive(data, "xlsx", streamed=_is_streamed)
    book = _Book(archive)
    writer = Writer()
    shown = book.shown()
    left = MAX_CELLS
    read: list[tuple[str, Sheet]] = []
    for name, part in shown:
        sheet = cells.read(archive, part, left) if left > 0 else cells.Sheet(cut=True)
        cells.add_tables(archive, part, sheet)
        left -= sum(map(len, sheet.rows.values()))
        read.append((name, sheet))
    book.fetch_strings([sheet for _, sheet in read])
    about = opc.about(archive)
    sample = " ".join([*(name for name, _ in shown), *list(book.strings.values())[:2000]])
    book.german = is_german(sample) if not about.language else about.language[:2].lower() == "de"
    for name, sheet in read:
        write(writer, book.rows(sheet), name=name)
        for note in _notes(name, sheet):
            writer.note(note)
    if not writer.has_text:
        raise without_text("xlsx")
    if book.hidden:
        writer.note(f"{book.hidden} hidden sheet{'s' if book.hidden > 1 else ''}")
    written = writer.rendered()
    return Extract(
        written.text,
        title=clean(about.title),
        date=about.date,
        language=about.language,
        blocks=written.blocks,
        authors=about.authors,
    )


def _is_streamed(part: str) -> bool:
    return part.lower().startswith(("xl/worksheets/", "xl/sharedstrings"))


def _notes(name: str, sheet: Sheet) -> list[str]:
    found = []
    if sheet.cut:
        found.append(f"the rows of the sheet {name} after the first {len(sheet.rows)}: too many")
    if sheet.wide:
        found.append(f"the columns of the sheet {name} after the first {MAX_COLUMNS}: too many")
    if sheet.hidden_rows or sheet.hidden_columns:
        found.append(f"hidden rows or columns of the sheet {name}")
    if any(cell.unknown for row in sheet.rows.values() for cell in row.values()):
        found.append(f"formulas of the sheet {name} whose values the file does not hold: open and save it once")
    return found


class _Book:
    """A workbook: where its parts are, and how its cells are shown."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._part = opc.main_part(archive, "xl/workbook.xml")
        self._relations = opc.relations(archive, self._part)
        self._styles = styles(archive, self._of_kind("styles"))
        root = archive.xml(self._part)
        if root is None:
            raise damaged("xlsx")
        self._root: Any = root
        about = root.find("{*}workbookPr")
        self._from_1904 = about is not None and about.get("date1904", "0") not in {"0", "false"}
        self.strings: dict[int, str] = {}
        self.german = True
        self.hidden = 0

    def shown(self) -> list[tuple[str, str]]:
        """Return the name and the part of each worksheet that is not hidden."""
        found = []
        for sheet in self._root.iter("{*}sheet"):
            relation = self._relations.get(opc.relation_of(sheet))
            if relation is None or relation.kind != "worksheet" or not self._archive.has(relation.target):
                continue
            if sheet.get("state", "visible") == "visible":
                found.append((sheet.get("name", ""), relation.target))
            else:
                self.hidden += 1
        return found

    def fetch_strings(self, sheets: list[Sheet]) -> None:
        """Read only the shared strings that cells refer to."""
        part = self._of_kind("sharedStrings")
        wanted = {
            int(raw.value)
            for sheet in sheets
            for row in sheet.rows.values()
            for raw in row.values()
            if raw.kind == "s" and raw.value.isdecimal()
        }
        if not wanted or not self._archive.has(part):
            return
        from lxml import etree  # noqa: PLC0415 - an extra

        last = max(wanted)
        try:
            with self._archive.open(part) as source:
                parsed = etree.iterparse(source, events=("end",), tag="{*}si", **SAFE)
                for number, (_, element) in enumerate(parsed):
                    if number in wanted:
                        self.strings[number] = cells.rich_text(element)
                    element.clear()
                    while (before := element.getprevious()) is not None:
                        before.getparent().remove(before)
                    if number >= last:
                        break
        except (etree.LxmlError, ValueError, OSError, EOFError) as error:
            raise damaged("xlsx") from error

    def rows(self, sheet: Sheet) -> list[Row]:
        """Return the visible rows of a sheet, with an empty row for each gap."""
        numbers = sorted(sheet.rows)
        spans, covered = _spans(sheet, numbers)
        width = 1 + max((max(row) for row in sheet.rows.values()), default=-1)
        columns = [column for column in range(width) if column not in sheet.hidden_columns]
        rows: list[Row] = []
        before = 0
        for number in numbers:
            hanging = bool(covered.get(number, {}).get("above"))
            if rows and number > before + 1 and not hanging:
                rows.append(Row(()))
            before = number
            out = covered.get(number, {}).get("places", set())
            row = sheet.rows[number]
            rows.append(
                Row(
                    [
                        self._cell(row.get(column), spans.get((number, column), (1, 1)), head=number in sheet.headed)
                        for column in columns
                        if column not in out
                    ],
                    covered=hanging,
                )
            )
        return rows

    def _cell(self, raw: Raw | None, span: tuple[int, int], *, head: bool) -> Cell:
        if raw is None:
            return Cell("", *span)
        style = self._styles[raw.style] if raw.style < len(self._styles) else PLAIN
        text = "" if style.unseen else self._text(raw, style)
        return Cell(" ".join(clean(text).split()), *span, (head or style.bold) and bool(text))

    def _text(self, raw: Raw, style: Style) -> str:
        if raw.kind == "s":
            return self.strings.get(int(raw.value), "") if raw.value.isdecimal() else ""
        if raw.kind == "b":
            return _TRUTH[self.german][raw.value.strip() == "1"]
        if raw.kind != "n":
            return raw.value
        try:
            value = float(raw.value)
            return number_format.shown(value, style.code, german=self.german, from_1904=self._from_1904)
        except (ValueError, ArithmeticError):
            return raw.value

    def _of_kind(self, kind: str) -> str:
        return next((one.target for one in self._relations.values() if one.kind == kind), "")


def _spans(
    sheet: Sheet, numbers: list[int]
) -> tuple[dict[tuple[int, int], tuple[int, int]], dict[int, dict[str, set[int]]]]:
    """
    Return the size of merged cells by their first cell, and by row the columns that they cover.

    The size is the number of columns and of rows. In each row, ``places`` are the columns that merged cells cover, and
    ``above`` those covered by a cell that begins in an earlier row.
    """
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    covered: dict[int, dict[str, set[int]]] = {}
    left = _MOST_COVERED
    for first_row, first, last_row, last in sheet.ranges:
        inside = numbers[bisect_left(numbers, first_row) : bisect_right(numbers, last_row)]
        columns = [one for one in range(first, min(last + 1, MAX_COLUMNS)) if one not in sheet.hidden_columns]
        left -= len(inside) * len(columns)
        if left < 0:
            break
        if not inside or inside[0] != first_row or not columns or columns[0] != first:
            continue
        spans[first_row, first] = len(columns), len(inside)
        for number in inside:
            entry = covered.setdefault(number, {"places": set(), "above": set()})
            if number == first_row:
                entry["places"].update(columns[1:])
            else:
                entry["places"].update(columns)
                entry["above"].update(columns)
    return spans, covered
