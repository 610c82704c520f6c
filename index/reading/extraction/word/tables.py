"""Tables of a Word file as cells with their spans, also where content controls hold rows, cells or tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.reading.extraction.tables.grid import MAX_COLUMNS, Cell
from index.reading.extraction.word.inline import Notes, is_bold, text_of
from index.reading.extraction.word.names import SKIPPED, W, is_on, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.reading.extraction.word.styles import Styles

_MAX_DEPTH = 50


@dataclass(slots=True)
class _Spanning:
    element: Any
    columns: int
    rows: int = 1


def cells(table: Any) -> list[list[Any]]:
    """Return the cells (``w:tc``) of each row that is shown."""
    return [list(_inside(row, f"{W}tc")) for row in _rows(table)]


def grid(table: Any, styles: Styles, notes: Notes) -> list[list[Cell]]:
    """Return the rows of a table; what goes on from above is one cell with the one it goes on from."""
    rows = list(_rows(table))
    laid_out = _spans(rows)
    marked = [is_on(row, "trPr/tblHeader") is True for row in rows]
    if rows and not any(marked):
        marked[0] = len(rows) > 1 and is_bold(rows[0]) and not is_bold(rows[1])
    return [
        [Cell(_cell_text(one.element, styles, notes), one.columns, one.rows, header) for one in row]
        for row, header in zip(laid_out, marked, strict=True)
    ]


def nested(table: Any) -> Iterator[Any]:
    """Yield the tables that stand inside a table's cells."""
    for row in cells(table):
        for cell in row:
            yield from _inside(cell, f"{W}tbl")


def _spans(rows: list[Any]) -> list[list[_Spanning]]:
    result: list[list[_Spanning]] = []
    above: dict[int, _Spanning] = {}  # by column, the cell that the next row may go on
    for row in rows:
        laid_out: list[_Spanning] = []
        below: dict[int, _Spanning] = {}
        column = _number(value(row, "trPr/gridBefore"), 0)
        if column:
            laid_out.append(_Spanning(None, column))
        for cell in _inside(row, f"{W}tc"):
            columns = _number(value(cell, "tcPr/gridSpan"), 1)
            merge = value(cell, "tcPr/vMerge")
            begun = above.get(column)
            if merge in {"", "continue"} and begun is not None:
                begun.rows += 1
                below[column] = begun
            elif value(cell, "tcPr/hMerge") in {"", "continue"} and laid_out:
                laid_out[-1].columns += columns
            else:
                laid_out.append(_Spanning(cell, columns))
                if merge == "restart":
                    below[column] = laid_out[-1]
            column += columns
        result.append(laid_out)
        above = below
    return result


def _rows(table: Any) -> Iterator[Any]:
    for row in _inside(table, f"{W}tr"):
        deleted = row.find(f"{W}trPr/{W}del") is not None
        if not deleted and not is_on(row, "trPr/hidden"):
            yield row


def _inside(parent: Any, tag: str, depth: int = 0) -> Iterator[Any]:
    """Yield elements of a kind below a parent, also in content controls, but not those inside another of the kind."""
    for child in parent.iterchildren():
        if child.tag == tag:
            yield child
        elif child.tag not in SKIPPED and child.tag not in {f"{W}p", f"{W}tbl"} and depth < _MAX_DEPTH:
            yield from _inside(child, tag, depth + 1)


def _cell_text(cell: Any, styles: Styles, notes: Notes) -> str:
    if cell is None:
        return ""
    return " ".join(text_of(paragraph, styles, notes) for paragraph in _inside(cell, f"{W}p"))


def _number(text: str | None, default: int) -> int:
    return min(int(text), MAX_COLUMNS) if text and text.isdecimal() else default
