"""
Keep the tables of a page from the library that finds the article, which knows neither spans nor names of columns.

Each table is put aside. A cell with the same text passes through the library in its place, so that the library judges
the page as it is. Where the cell comes out again, the table is written.
"""

from __future__ import annotations

import re
from statistics import median
from typing import TYPE_CHECKING, Any

from index.reading.extraction.tables.grid import MAX_COLUMNS, Cell
from index.reading.extraction.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Characters of the last private plane, where no font has icons.
_OPEN, _CLOSE = "\U0010fff0", "\U0010fff1"
_STAND_IN = re.compile(f"{_OPEN}(\\d+){_OPEN}[^{_OPEN}{_CLOSE}]*{_CLOSE}")
_MARKS = re.compile(f"{_OPEN}\\d+{_OPEN}|{_CLOSE}")
_PRIVATE = re.compile(f"[{_OPEN}{_CLOSE}]")
_LONGEST_VALUE = 120  # characters; a list with a longer value is text with headings
_LONGEST_LONE = 60  # characters of a cell of a table of one row
_LONGEST_CELL = 200  # characters, in the median; with more, a table lays out a page
_MAX_SPAN = 65_534  # the limit of HTML
_LAYOUT = ("h1", "h2", "h3", "form", "article", "section")
_PARTING = {"br", "p", "div", "li", "dd", "dt"}


def without_marks(text: str) -> str:
    """Return a page without the characters that mark a table put aside."""
    return _PRIVATE.sub("", text)


class Tables:
    """The tables of a page, put aside, with its short lists of names and values, which are written as tables too."""

    def __init__(self, tree: Any) -> None:
        self._put_aside: list[tuple[str, list[list[Cell]]]] = []
        for listed in list(tree.iter("dl")):
            pairs = _pairs(listed)
            if pairs:
                self._replace(listed, "", [[Cell(_text(name)), *map(_cell, values)] for name, values in pairs])
        for table in list(tree.iter("table")):
            rows = _rows(table)
            if _holds_data(table, rows):
                _move_out(table, rows)
                caption = table.find("caption")
                cells = [[_cell(one) for one in row] for row in rows]
                self._replace(table, "" if caption is None else _text(caption), cells)

    def get(self, number: int) -> tuple[str, list[list[Cell]]] | None:
        """Return caption and rows of a table; None if there is no table of that number."""
        return self._put_aside[number] if number < len(self._put_aside) else None

    def _replace(self, table: Any, title: str, cells: list[list[Cell]]) -> None:
        from lxml import etree  # noqa: PLC0415 - an extra

        text = " ".join(cell.text for row in cells for cell in row)
        tail = table.tail
        table.clear()
        table.tag, table.tail = "table", tail
        stand_in = etree.SubElement(etree.SubElement(table, "tr"), "td")
        stand_in.text = f"{_OPEN}{len(self._put_aside)}{_OPEN}{title} {text}{_CLOSE}"
        self._put_aside.append((title, cells))


class PageWriter(Writer):
    """Writes a page, and the tables that were put aside in the places of their stand-ins."""

    def __init__(self, tables: Tables) -> None:
        super().__init__()
        self._tables = tables

    def heading(self, text: str, level: int) -> int | None:
        """Write a heading; a table in it is written as plain text."""
        return super().heading(_MARKS.sub("", text), level)

    def item(self, text: str) -> int | None:
        """Write a list item, and each table in it behind the text before it."""
        return super().item(text) if _OPEN not in text else self._with_tables(text, super().item)

    def paragraph(self, text: str) -> int | None:
        """Write a paragraph, and the tables in it as tables."""
        return super().paragraph(text) if _OPEN not in text else self._with_tables(text, super().paragraph)

    def _with_tables(self, text: str, write: Callable[[str], int | None]) -> int | None:
        first = None
        for piece, number in _parted(text):
            start = write(_MARKS.sub("", piece))
            first = start if first is None else first
            found = None if number is None else self._tables.get(number)
            if found is not None:
                self.caption(found[0])
                self.table(found[1])
        return first


def _parted(text: str) -> Iterator[tuple[str, int | None]]:
    """Yield the text before each stand-in with the stand-in's number, then the text behind the last."""
    done = 0
    for match in _STAND_IN.finditer(text):
        yield text[done : match.start()], int(match[1])
        done = match.end()
    yield text[done:], None


def _holds_data(table: Any, rows: list[list[Any]]) -> bool:
    """Tell whether a table holds data, and does not merely put parts of a page side by side."""
    if table.get("role") in {"presentation", "none"} or _lays_out(table, rows):
        return False
    widths = [len(row) for row in rows]
    if not widths or max(widths) < 2:
        return False
    if table.find("caption") is not None or next(table.iter("th"), None) is not None:
        return True
    lengths = [len(_text(cell)) for row in rows for cell in row]
    return median(lengths) <= _LONGEST_CELL if len(rows) > 1 else max(lengths) <= _LONGEST_LONE


def _lays_out(table: Any, rows: list[list[Any]]) -> bool:
    """Tell whether a table lays out parts of a page; one with header cells may hold other tables in a few cells."""
    if next(table.iterdescendants(*_LAYOUT), None) is not None:
        return True
    cells = [cell for row in rows for cell in row]
    nesting = sum(next(cell.iter("table"), None) is not None for cell in cells)
    return nesting > 0 and (4 * nesting > len(cells) or not any(cell.tag == "th" for cell in cells))


def _move_out(table: Any, rows: list[list[Any]]) -> None:
    """Move the tables within the cells of a table behind it."""
    inner = [one for row in rows for cell in row for one in cell.iter("table")]
    for one in reversed([one for one in inner if next(one.iterancestors("table"), None) is table]):
        _behind(table, one)


def _behind(table: Any, inner: Any) -> None:
    parent, tail = inner.getparent(), inner.tail or ""
    before = inner.getprevious()
    if before is None:
        parent.text = f"{parent.text or ''} {tail}"
    else:
        before.tail = f"{before.tail or ''} {tail}"
    parent.remove(inner)
    inner.tail = None
    tail, table.tail = table.tail, None
    table.addnext(inner)
    inner.tail = tail


def _pairs(listed: Any) -> list[tuple[Any, list[Any]]]:
    """Return the names of a list of names and values, each with its values; empty if a value is a longer text."""
    if next(listed.iterdescendants("table", "dl", "ul", "ol", *_LAYOUT), None) is not None:
        return []
    pairs: list[tuple[Any, list[Any]]] = []
    for part in (part for child in listed for part in (child if child.tag == "div" else [child])):
        if part.tag == "dt":
            pairs.append((part, []))
        elif part.tag == "dd" and pairs:
            pairs[-1][1].append(part)
    long = any(len(_text(value)) > _LONGEST_VALUE for _, values in pairs for value in values)
    return [] if long or not all(values for _, values in pairs) else pairs


def _rows(table: Any) -> list[list[Any]]:
    """Return the cells of each row, head first and foot last, wherever they stand in the file."""
    ranks = {"thead": 0, "tfoot": 2}
    parts = sorted(table, key=lambda part: ranks.get(part.tag, 1))
    rows = [row for part in parts for row in ([part] if part.tag == "tr" else part) if row.tag == "tr"]
    return [[cell for cell in row if cell.tag in {"td", "th"}] for row in rows]


def _cell(cell: Any) -> Cell:
    row = cell.getparent()
    section = row.getparent() if row is not None and row.tag == "tr" else None
    part = "" if section is None else section.tag
    return Cell(
        _text(cell),
        _span(cell, "colspan", MAX_COLUMNS),
        _span(cell, "rowspan", _MAX_SPAN),
        part == "thead" or cell.tag == "th",
        part == "tfoot",
    )


def _span(cell: Any, name: str, most: int) -> int:
    value = (cell.get(name) or "").strip()
    if name == "rowspan" and value == "0":  # down to the last row
        return most
    return min(most, max(1, int(value))) if value.isdecimal() and len(value) < 9 else 1


def _text(element: Any) -> str:
    """Return an element's text in one line; breaks and blocks separate words."""
    from lxml import etree  # noqa: PLC0415 - an extra

    parts: list[str] = []
    for event, child in etree.iterwalk(element, events=("start", "end")):
        parts.append(" " if child.tag in _PARTING else "")
        parts.append((child.text if event == "start" else child.tail if child is not element else "") or "")
    return " ".join("".join(parts).split())
