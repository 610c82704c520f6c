"""Read the cells of a worksheet row by row, and no further than they are needed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.reading.extraction.archives import opc
from index.reading.extraction.archives.archive import SAFE, damaged
from index.reading.extraction.sheets.sheet import MAX_ROWS
from index.reading.extraction.tables.grid import MAX_COLUMNS
from index.reading.extraction.workbook.styles import is_struck

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.reading.extraction.archives.archive import Archive

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # a character that XML cannot hold; the writer drops unprintable ones
_OFF = {"0", "false", ""}
_MOST_RANGES = 20_000


@dataclass(frozen=True, slots=True)
class Raw:
    """A cell as the file has it: the kind of its value, the number of its style, and the value."""

    kind: str
    style: int
    value: str
    unknown: bool = False  # a formula that was never computed


@dataclass(slots=True)
class Sheet:
    """
    What was read of a worksheet.

    Parameters
    ----------
    rows
        Rows by their number from 1, each as cells by their column from 0; hidden ones are left out.
    ranges
        Merged cells: first row, first column, last row, last column.
    hidden_rows, hidden_columns
        The number of hidden rows with text, and the hidden columns.
    headed
        Numbers of the rows that name columns according to the file: the first rows of filters and of tables.
    cut, wide
        Whether there are more rows, or more columns, than were read.

    """

    rows: dict[int, dict[int, Raw]] = field(default_factory=dict)
    ranges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: int = 0
    hidden_columns: set[int] = field(default_factory=set)
    headed: set[int] = field(default_factory=set)
    cut: bool = False
    wide: bool = False


def read(archive: Archive, part: str, most_cells: int) -> Sheet:
    """
    Read a worksheet.

    Raises
    ------
    ExtractionError
        If its XML is damaged.

    """
    from lxml import etree  # noqa: PLC0415 - an extra

    sheet = Sheet()
    number = cells = 0
    try:
        with archive.open(part) as source:
            for element in _elements(source):
                name = element.tag.rsplit("}", 1)[-1]
                if name == "col":
                    _hide(sheet, element)
                elif name == "mergeCell":
                    _add_range(sheet, element)
                elif name == "autoFilter":
                    _add_heads(sheet, element)
                else:
                    number = int(element.get("r") or number + 1)
                    cells += _add_row(sheet, number, element)
                    if len(sheet.rows) >= MAX_ROWS or cells >= most_cells:
                        sheet.cut = True
                        break
    except (etree.LxmlError, ValueError, OSError, EOFError) as error:
        raise damaged(archive.kind) from error
    return sheet


def _elements(source: Any) -> Iterator[Any]:
    """Yield rows, columns, merged cells and filters in the order of the file, and free each afterwards."""
    from lxml import etree  # noqa: PLC0415 - an extra

    tags = ("{*}row", "{*}col", "{*}mergeCell", "{*}autoFilter")
    for _, element in etree.iterparse(source, events=("end",), tag=tags, remove_comments=True, remove_pis=True, **SAFE):
        yield element
        element.clear()
        while (before := element.getprevious()) is not None:
            before.getparent().remove(before)


def _hide(sheet: Sheet, element: Any) -> None:
    if element.get("hidden", "") in _OFF:
        return
    first, last = int(element.get("min", "1")), int(element.get("max", "1"))
    sheet.hidden_columns.update(range(first - 1, min(last, MAX_COLUMNS)))


def _add_range(sheet: Sheet, element: Any) -> None:
    begin, _, end = element.get("ref", "").partition(":")
    if len(sheet.ranges) >= _MOST_RANGES or not (first := _place(begin)) or not (last := _place(end)):
        return
    sheet.ranges.append((*first, *last))


def _add_heads(sheet: Sheet, element: Any) -> None:
    if first := _place(element.get("ref", "").partition(":")[0]):
        sheet.headed.add(first[0])


def add_tables(archive: Archive, part: str, sheet: Sheet) -> None:
    """Look up which rows of a worksheet are the heads of tables, which are separate parts of the archive."""
    for relation in opc.relations(archive, part).values():
        root = archive.xml(relation.target) if relation.kind == "table" else None
        if root is not None and root.get("headerRowCount", "1") != "0":
            _add_heads(sheet, root)


def _add_row(sheet: Sheet, number: int, element: Any) -> int:
    """Add a row unless it is empty or hidden; return how many cells it has."""
    cells: dict[int, Raw] = {}
    column = -1
    for cell in element.iterchildren("{*}c"):
        place = _place(cell.get("r", ""))
        column = place[1] if place else column + 1
        if column >= MAX_COLUMNS:
            sheet.wide = True
            break
        raw = _raw(cell)
        if raw is not None and column not in sheet.hidden_columns:
            cells[column] = raw
    if cells and element.get("hidden", "") not in _OFF:
        sheet.hidden_rows += 1
    elif cells:
        sheet.rows[number] = cells
    return len(cells)


def _raw(cell: Any) -> Raw | None:
    kind, style = cell.get("t", "n"), cell.get("s", "0")
    number = int(style) if style.isdecimal() else 0
    if kind == "inlineStr":
        inline = cell.find("{*}is")
        return None if inline is None else Raw("text", number, rich_text(inline))
    found = cell.find("{*}v")
    if found is not None and found.text:
        return Raw(kind, number, found.text)
    formula = cell.find("{*}f")
    return None if formula is None or kind == "str" else Raw("text", number, "", unknown=True)


def rich_text(element: Any) -> str:
    """Return the text of a shared or an inline string: its runs, without struck-out ones and pronunciation."""
    parts = []
    for child in element.iterchildren():
        name = child.tag.rsplit("}", 1)[-1] if isinstance(child.tag, str) else ""
        if name == "t":
            parts.append(child.text or "")
        elif name == "r" and not is_struck(child):
            parts += [text.text or "" for text in child.iterchildren("{*}t")]
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), "".join(parts))


def _place(reference: str) -> tuple[int, int] | None:
    """Return row (from 1) and column (from 0) of a reference such as ``B12``."""
    match = _REFERENCE.fullmatch(reference)
    if not match:
        return None
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column - 1
