"""Write the rows of a sheet within bounds: its tables, and its titles and remarks as paragraphs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.reading.extraction.tables.sheet_heads import is_form, is_headed, with_heads
from index.reading.extraction.tables.sheet_rows import Row
from index.reading.extraction.tables.sheet_tables import tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.reading.extraction.writer import Writer

MAX_ROWS = 10_000  # of a sheet, empty ones left out
MAX_CELLS = 200_000  # of a file, empty ones left out
MAX_CHARACTERS = 3_000_000  # of a file's text
_AROUND = 5  # characters between a cell and the next one, and between its column's name and its value
_LONGEST_NAME = 60  # characters


def write(writer: Writer, rows: Sequence[Row], *, name: str = "", named: bool = False) -> None:
    """
    Write the rows of a sheet.

    Parameters
    ----------
    writer
        Receives the blocks.
    rows
        The sheet's rows from the top down.
    name
        The name of the sheet, which becomes its heading; without one there is no heading.
    named
        Whether a first row in words names the columns wherever it can, because a table as text has no other headings.

    """
    found = list(tables(rows))
    if not found:
        return
    if name:
        writer.heading(name, 2)
    for position, table in enumerate(found):
        cut = _most(table, MAX_CHARACTERS - writer.length)
        _write(writer, table[:cut], named=named)
        if cut < len(table):
            rest = len(table) - cut + sum(map(len, found[position + 1 :]))
            where = f" of the sheet {name}" if name else ""
            writer.note(f"the last {rest} rows{where}: too many")
            return


def _write(writer: Writer, table: Sequence[Row], *, named: bool) -> None:
    body = _after_titles(writer, table)
    if is_form(body):
        for row in body:
            writer.table([row.cells])
        return
    above, body = with_heads(body)
    for row in above:
        writer.table([row.cells])
    writer.table([row.cells for row in body], headed=is_headed(body, named=named))


def _most(table: Sequence[Row], left: int) -> int:
    """Return how many rows of a table can be written in ``left`` characters."""
    names = [min(_LONGEST_NAME, len(cell.text)) for cell in table[0].cells] if table else []
    for number, row in enumerate(table):
        left -= sum(len(cell.text) + _AROUND for cell in row.cells) + sum(names[: len(row.cells)])
        if left < 0:
            return number
    return len(table)


def _after_titles(writer: Writer, table: Sequence[Row]) -> Sequence[Row]:
    """Write the rows of one cell above a table as paragraphs; return the others."""
    if all(len(row.filled) <= 1 for row in table):  # a column of text
        for row in table:
            for cell in row.cells:
                writer.paragraph(cell.text)
        return []
    begin = 0
    while len(found := table[begin].filled) <= 1 and not table[begin].covered:
        if found and table[begin].cells[found[0]].rows > 1:
            break
        for place in found:
            writer.paragraph(table[begin].cells[place].text)
        begin += 1
    return table[begin:]


__all__ = ["MAX_CELLS", "MAX_CHARACTERS", "MAX_ROWS", "Row", "write"]
