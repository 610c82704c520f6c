"""Read tables of OpenDocument files as cells with their spans, without hidden rows and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from index.reading.extraction.opendocument.names import OFFICE, TABLE, TEXT
from index.reading.extraction.tables.grid import MAX_COLUMNS, Cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.reading.extraction.opendocument.inline import Line

_MAX_SPAN = 65_534
_GROUPS = {f"{TABLE}{name}" for name in ("table-rows", "table-row-group", "table-header-rows", "table-columns")} | {
    f"{TABLE}table-column-group",
    f"{TABLE}table-header-columns",
}
_HIDING = {"collapse", "filter"}
_MAX_DEPTH = 50


def grid(table: Any, line: Line) -> list[list[Cell]]:
    """Return the rows of a table in a text or on a slide."""
    hidden = hidden_columns(table)
    heads = set(table.iter(f"{TABLE}table-header-rows"))
    found = []
    for row in rows(table):
        cells = row_cells(row, line, hidden)
        if row.getparent() in heads:
            cells = [Cell(cell.text, cell.columns, cell.rows, header=True) for cell in cells]
        found.append(cells)
    return found


def rows(table: Any, depth: int = 0) -> Iterator[Any]:
    """Yield the visible rows of a table, without those of tables inside its cells."""
    for child in table:
        if child.tag == f"{TABLE}table-row" and child.get(f"{TABLE}visibility") not in _HIDING:
            yield child
        elif child.tag in _GROUPS and depth < _MAX_DEPTH:
            yield from rows(child, depth + 1)


def hidden_columns(table: Any) -> set[int]:
    """Return the hidden columns of a table, counted from 0."""
    found: set[int] = set()
    column = 0
    for one in table.iter(f"{TABLE}table-column"):
        column = hide(found, column, one)
    return found


def hide(found: set[int], column: int, element: Any) -> int:
    """Add the columns that an element hides, beginning with ``column``; return the column behind them."""
    after = column + number(element, "number-columns-repeated")
    if element.get(f"{TABLE}visibility") in _HIDING:
        found.update(range(column, min(after, MAX_COLUMNS)))
    return after


def row_cells(row: Any, line: Line, hidden: set[int]) -> list[Cell]:
    """Return the cells of a row up to one column beyond `MAX_COLUMNS`, without those that other cells cover."""
    found: list[Cell] = []
    column = 0
    for cell in row:
        repeated = number(cell, "number-columns-repeated")
        if cell.tag == f"{TABLE}covered-table-cell":
            column += repeated
            continue
        if cell.tag != f"{TABLE}table-cell":
            continue
        span = min(number(cell, "number-columns-spanned"), MAX_COLUMNS)
        text = cell_text(cell, line)
        look = line.styles.look("table-cell", cell.get(f"{TABLE}style-name"))
        bold = bool(text) and (look.bold or _is_bold(cell, line))
        # One column more than is read, so that it is noticed that there are more.
        for _ in range(min(repeated, MAX_COLUMNS + 1 - column)):
            seen = [one for one in range(column, column + span) if one not in hidden]
            if seen:
                shown = "" if look.unseen else text
                down = min(number(cell, "number-rows-spanned"), _MAX_SPAN)
                found.append(Cell(shown, len(seen), down, bold))
            column += 1
    while found and not found[-1].text and found[-1].columns == found[-1].rows == 1:
        found.pop()
    return found


def width(row: Any) -> int:
    """Return the last column, counted from 1, in which a row has text."""
    last = column = 0
    for cell in row:
        column += number(cell, "number-columns-repeated")
        if cell.tag == f"{TABLE}table-cell" and any(True for _ in paragraphs(cell)):
            last = column
    return last


def cell_text(cell: Any, line: Line) -> str:
    """Return what a cell shows, in one line; its value if the file does not hold the text that it shows."""
    texts = [line.of(one) for one in paragraphs(cell)]
    text = " ".join(" ".join(texts).split())
    return text or (cell.get(f"{OFFICE}value") or "" if not texts else "")


def _is_bold(cell: Any, line: Line) -> bool:
    texts = [one for one in paragraphs(cell) if "".join(one.itertext()).strip()]
    return bool(texts) and all(line.is_bold(one) for one in texts)


def paragraphs(element: Any, depth: int = 0) -> Iterator[Any]:
    """Yield the paragraphs of a cell or a note, including those of lists, but not of comments and inner tables."""
    for child in element:
        if child.tag in {f"{TEXT}p", f"{TEXT}h"}:
            yield child
        elif isinstance(child.tag, str) and child.tag.startswith(TEXT) and depth < _MAX_DEPTH:
            yield from paragraphs(child, depth + 1)


def number(element: Any, name: str) -> int:
    """Return how often an element is repeated or how many places a cell spans, at least 1."""
    value = element.get(f"{TABLE}{name}", "1")
    return max(1, int(value)) if value.isdecimal() and len(value) < 9 else 1
