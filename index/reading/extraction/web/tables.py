"""
Keep the tables of a page from the library that finds the article: it knows no spans and no names of columns.

Each table is put aside, and a cell that stands for it goes through the library in its place, with the same text, so
that the library judges the page as it is. Where the cell comes out again, the table is written.
"""

from __future__ import annotations

import re
from statistics import median
from typing import TYPE_CHECKING, Any

from index.reading.extraction.tables.grid import MAX_COLUMNS, Cell
from index.reading.extraction.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator

# Characters of the last private plane: none of a font's icons stand there.
_OPEN, _CLOSE = "\U0010fff0", "\U0010fff1"
_STAND_IN = re.compile(f"{_OPEN}(\\d+){_OPEN}[^{_OPEN}{_CLOSE}]*{_CLOSE}")
_MARKS = re.compile(f"{_OPEN}\\d+{_OPEN}|{_CLOSE}")
_PRIVATE = re.compile(f"[{_OPEN}{_CLOSE}]")
_LONGEST_CELL = 200  # characters, in the median; with more, a table lays out a page
_MAX_SPAN = 65_534  # of HTML
_LAYOUT = ("table", "h1", "h2", "h3", "form", "article", "section")
_PARTING = {"br", "p", "div", "li", "dd", "dt"}


def without_marks(text: str) -> str:
    """Return a page without the characters that mark a table put aside."""
    return _PRIVATE.sub("", text)


class Tables:
    """The tables of a page, put aside."""

    def __init__(self, tree: Any) -> None:
        self._put_aside: list[tuple[str, list[list[Cell]]]] = []
        for table in list(tree.iter("table")):
            rows = _rows(table)
            if _holds_data(table, rows):
                self._replace(table, rows)

    def get(self, number: int) -> tuple[str, list[list[Cell]]] | None:
        """Return caption and rows of a table; None where there is none of that number."""
        return self._put_aside[number] if number < len(self._put_aside) else None

    def _replace(self, table: Any, rows: list[list[Any]]) -> None:
        from lxml import etree  # noqa: PLC0415 - an extra

        caption = table.find("caption")
        title = "" if caption is None else _text(caption)
        cells = [[_cell(one) for one in row] for row in rows]
        text = " ".join(cell.text for row in cells for cell in row)
        tail = table.tail
        table.clear()
        table.tail = tail
        stand_in = etree.SubElement(etree.SubElement(table, "tr"), "td")
        stand_in.text = f"{_OPEN}{len(self._put_aside)}{_OPEN}{title} {text}{_CLOSE}"
        self._put_aside.append((title, cells))


class PageWriter(Writer):
    """Writes a page, and tables that were put aside where their stand-ins come."""

    def __init__(self, tables: Tables) -> None:
        super().__init__()
        self._tables = tables

    def heading(self, text: str, level: int) -> int | None:
        """Write a heading; a table in it is its text."""
        return super().heading(_MARKS.sub("", text), level)

    def item(self, text: str) -> int | None:
        """Write a list item; a table in it is its text."""
        return super().item(_MARKS.sub("", text))

    def paragraph(self, text: str) -> int | None:
        """Write a paragraph, and the tables in it as such."""
        if _OPEN not in text:
            return super().paragraph(text)
        first = None
        for piece, number in _parted(text):
            start = super().paragraph(_MARKS.sub("", piece))
            first = start if first is None else first
            found = None if number is None else self._tables.get(number)
            if found is not None:
                self.caption(found[0])
                self.table(found[1])
        return first


def _parted(text: str) -> Iterator[tuple[str, int | None]]:
    """Yield what stands before each stand-in, with its number, and what stands behind the last."""
    done = 0
    for match in _STAND_IN.finditer(text):
        yield text[done : match.start()], int(match[1])
        done = match.end()
    yield text[done:], None


def _holds_data(table: Any, rows: list[list[Any]]) -> bool:
    """Tell whether a table holds values, and does not merely put parts of a page beside each other."""
    if table.get("role") in {"presentation", "none"} or next(table.iterdescendants(*_LAYOUT), None) is not None:
        return False
    widths = [len(row) for row in rows]
    if not widths or max(widths) < 2:
        return False
    if table.find("caption") is not None or next(table.iter("th"), None) is not None:
        return True
    return len(rows) > 1 and median(len(_text(cell)) for row in rows for cell in row) <= _LONGEST_CELL


def _rows(table: Any) -> list[list[Any]]:
    """Return the cells of each row, head first and foot last, wherever they stand in the file."""
    ranks = {"thead": 0, "tfoot": 2}
    parts = sorted(table, key=lambda part: ranks.get(part.tag, 1))
    rows = [row for part in parts for row in ([part] if part.tag == "tr" else part) if row.tag == "tr"]
    return [[cell for cell in row if cell.tag in {"td", "th"}] for row in rows]


def _cell(cell: Any) -> Cell:
    in_head = (section := cell.getparent().getparent()) is not None and section.tag == "thead"
    return Cell(
        _text(cell), _span(cell, "colspan", MAX_COLUMNS), _span(cell, "rowspan", _MAX_SPAN), in_head or cell.tag == "th"
    )


def _span(cell: Any, name: str, most: int) -> int:
    value = (cell.get(name) or "").strip()
    if name == "rowspan" and value == "0":  # down to the last row
        return most
    return min(most, max(1, int(value))) if value.isdecimal() and len(value) < 9 else 1


def _text(element: Any) -> str:
    """Return an element's text in one line; breaks and blocks part words."""
    from lxml import etree  # noqa: PLC0415 - an extra

    parts: list[str] = []
    for event, child in etree.iterwalk(element, events=("start", "end")):
        parts.append(" " if child.tag in _PARTING else "")
        parts.append((child.text if event == "start" else child.tail if child is not element else "") or "")
    return " ".join("".join(parts).split())
