"""Read tables of a Word file as cells with their spans, including rows, cells or tables within content controls."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from index.reading.extraction.pairs import amounts_as_names, is_figure
from index.reading.extraction.tables.grid import MAX_COLUMNS, Cell
from index.reading.extraction.word.names import SKIPPED, W, is_on, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.reading.extraction.word.inline import Line

_MAX_DEPTH = 50
_DAY = re.compile(r"(?:\d{1,2}\.\s?\d{1,2}\.\s?)?(?:19|20)\d\d(?:[/–-]\d{2,4})?")


@dataclass(slots=True)
class _Spanning:
    element: Any
    columns: int
    rows: int = 1


def cells(table: Any) -> list[list[Any]]:
    """Return the cells (``w:tc``) of each row that is shown."""
    return [list(_inside(row, f"{W}tc")) for row in _rows(table)]


def grid(table: Any, line: Line) -> list[list[Cell]]:
    """Return the rows of a table; vertically merged cells are one cell."""
    rows = list(_rows(table))
    laid_out = _spans(rows)
    cells_of = [
        [Cell(_cell_text(one.element, line), one.columns, one.rows) for one in laid_out_row]
        for laid_out_row in laid_out
    ]
    marked = [is_on(row, "trPr/tblHeader") is True for row in rows]
    bold = [line.is_bold(row) for row in rows]
    if not any(marked) and len(rows) > 1:
        heads = next((place for place in range(len(cells_of)) if not bold[place] or _has_amounts(cells_of, place)), 0)
        marked[:heads] = [True] * heads
        marked[0] = marked[0] or line.styles.heads_a_table(table)
    # A cell that is alone in its row and bold is a heading among the rows.
    alone = [strong and sum(bool(cell.text) for cell in row) == 1 for strong, row in zip(bold, cells_of, strict=True)]
    return [
        [replace(cell, header=head or (lone and bool(cell.text))) for cell in row]
        for row, head, lone in zip(cells_of, marked, alone, strict=True)
    ]


def _has_amounts(rows: list[list[Cell]], place: int) -> bool:
    """Tell whether a row has figures that cannot name a column: any but years, days and amounts above other units."""
    names = amounts_as_names(rows, place)
    return any(
        is_figure(cell.text) and not _DAY.fullmatch(cell.text.strip())
        for column, cell in enumerate(rows[place])
        if column > 0 and column not in names and cell.text
    )


def nested(table: Any) -> Iterator[Any]:
    """Yield the tables that stand inside a table's cells."""
    for row in cells(table):
        for cell in row:
            yield from _inside(cell, f"{W}tbl")


def _spans(rows: list[Any]) -> list[list[_Spanning]]:
    result: list[list[_Spanning]] = []
    above: dict[int, _Spanning] = {}  # by column, the cell that the next row may continue
    for row in rows:
        laid_out: list[_Spanning] = []
        below: dict[int, _Spanning] = {}
        column = _number(value(row, "trPr/gridBefore"), 0)
        if column:
            laid_out.append(_Spanning(None, column))
        for cell in _inside(row, f"{W}tc"):
            if cell.find(f"{W}tcPr/{W}cellDel") is not None:
                continue
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
        deleted = any(row.find(f"{W}trPr/{W}{name}") is not None for name in ("del", "moveFrom"))
        if not deleted and not is_on(row, "trPr/hidden"):
            yield row


def _inside(parent: Any, tag: str, depth: int = 0) -> Iterator[Any]:
    """Yield elements with a tag below a parent, also in content controls, but not those inside another such element."""
    for child in parent.iterchildren():
        if child.tag == tag:
            yield child
        elif child.tag not in SKIPPED and child.tag not in {f"{W}p", f"{W}tbl"} and depth < _MAX_DEPTH:
            yield from _inside(child, tag, depth + 1)


def _cell_text(cell: Any, line: Line) -> str:
    if cell is None:
        return ""
    texts = []
    for text, last in line.joined(_inside(cell, f"{W}p")):
        label = line.label(last)  # a column of numbers may hold nothing else
        texts.append(f"{label} {text}" if label else text)
    return " ".join(texts)


def _number(text: str | None, default: int) -> int:
    return min(int(text), MAX_COLUMNS) if text and text.isdecimal() else default
