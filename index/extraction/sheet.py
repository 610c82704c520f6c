"""Write the rows of a sheet: tables parted by empty rows, titles and remarks as paragraphs, no more than is bounded."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.extraction.grid import Cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.extraction.writer import Writer

MAX_ROWS = 10_000  # of a sheet, empty ones left out
MAX_CELLS = 200_000  # of a file, empty ones left out
MAX_CHARACTERS = 3_000_000  # of a file's text
_AROUND = 5  # characters that part a cell from the next one, and its column's name from its value
_LONGEST_NAME = 60  # characters
_LEAST_NAMED = 3  # columns; of two columns in words the first may as well name the second
_MOST_HEADS = 4  # rows
# A figure or a date is no column's name; a year may be.
_FIGURE = re.compile(r"(?!(?:19|20)\d\d$)[\d.,:/%€$£+−\s-]+")
_VALUE = re.compile(r"(?!(?:19|20)\d\d$)[(]?[A-Z€$£¥]{0,3}[\d.,:/'%€$£¥+−–—() \xa0-]+(?:[^\W\d_]{1,4}\.?)?[)]?")
_DASH = re.compile(r"[–—.-]|n/?a|k\.\s?A\.", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?:19|20)\d\d(?:[/–-]\d{2,4})?")


@dataclass(frozen=True, slots=True)
class Row:
    """
    A row of a sheet.

    Parameters
    ----------
    cells
        From left to right, spanning ones where they begin, empty ones too.
    covered
        Whether a cell from above reaches into it.

    """

    cells: Sequence[Cell]
    covered: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it parts two tables."""
        return not self.covered and not any(cell.text for cell in self.cells)


def write(writer: Writer, rows: Sequence[Row], *, name: str = "", named: bool = False) -> None:
    """
    Write the rows of a sheet.

    Parameters
    ----------
    writer
        Where to.
    rows
        The sheet's rows from the top down.
    name
        Of the sheet; a heading over it, left out where there is none.
    named
        Whether the first row in words names the columns wherever it can: a text of values has no other headings.

    """
    tables = list(_tables(rows))
    if not tables:
        return
    if name:
        writer.heading(name, 2)
    for position, table in enumerate(tables):
        cut = _most(table, MAX_CHARACTERS - writer.length)
        body = _titles(writer, table[:cut])
        heads = _heads(body)
        headed = not heads and _is_headed(body, least=2 if named else _LEAST_NAMED)
        writer.table(
            [
                [replace(cell, header=True) for cell in row.cells] if number < heads else row.cells
                for number, row in enumerate(body)
            ],
            headed=headed,
        )
        if cut < len(table):
            rest = len(table) - cut + sum(map(len, tables[position + 1 :]))
            where = f" of the sheet {name}" if name else ""
            writer.note(f"the last {rest} rows{where}: too many")
            return


def _tables(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield the rows between empty ones; values that go on below an empty row stay with the table they belong to."""
    table: list[Row] = []
    parted = False
    for row in rows:
        if row.is_empty:
            parted = bool(table)
            continue
        if parted and not _goes_on(table, row):
            yield _trimmed(table)
            table = []
        parted = False
        table.append(row)
    if table:
        yield _trimmed(table)


def _goes_on(table: Sequence[Row], row: Row) -> bool:
    """Tell whether a row has figures where the last row of a table has some, and begins where it begins."""
    last = table[-1]
    if last.covered or row.covered or any(cell.columns > 1 for one in (last, row) for cell in one.cells):
        return False
    before, after = _filled(last), _filled(row)
    if not any(_is_figures(one) for one in table):  # the names of columns, set off from the values below
        heads = len(before) > 1 and len(table) <= _MOST_HEADS and not any(_is_figure(cell) for cell in last.cells)
        return heads and _is_figures(row) and set(after) <= {after[0], *before}
    if len(table) < 2:
        return False
    figures = {place for place in after if _DIGIT.search(row.cells[place].text)}
    wanted = {place for place in before if _DIGIT.search(last.cells[place].text)}
    if before[0] != after[0] or after[-1] > before[-1] or not figures - {after[0]} or not figures <= wanted:
        return False
    # Years are rather the names of columns, unless the values are years too.
    return not all(_YEAR.fullmatch(row.cells[place].text) for place in figures) or all(
        _YEAR.fullmatch(last.cells[place].text) for place in wanted
    )


def _filled(row: Row) -> list[int]:
    return [place for place, cell in enumerate(row.cells) if cell.text]


def _trimmed(table: list[Row]) -> list[Row]:
    """Return a table without the empty columns before and behind it."""
    plain = [row for row in table if row.cells]
    while plain and all(row.cells and _is_blank(row.cells[0]) for row in plain):
        plain = [Row(row.cells[1:], row.covered) for row in plain]
    return [Row(_without_end(row.cells), row.covered) for row in plain]


def _is_blank(cell: Cell) -> bool:
    return not cell.text and cell.columns == cell.rows == 1


def _without_end(cells: Sequence[Cell]) -> Sequence[Cell]:
    end = len(cells)
    while end and not cells[end - 1].text:
        end -= 1
    return cells[:end]


def _most(table: Sequence[Row], left: int) -> int:
    """Return how many rows of a table can be written in so many characters."""
    names = [min(_LONGEST_NAME, len(cell.text)) for cell in table[0].cells]
    for number, row in enumerate(table):
        left -= sum(len(cell.text) + _AROUND for cell in row.cells) + sum(names[: len(row.cells)])
        if left < 0:
            return number
    return len(table)


def _titles(writer: Writer, table: Sequence[Row]) -> Sequence[Row]:
    """Write the rows of one cell that stand over a table; return the others."""
    if all(len(_filled(row)) <= 1 for row in table):  # a column of text
        for row in table:
            for cell in row.cells:
                writer.paragraph(cell.text)
        return []
    begin = 0
    while len(found := _filled(table[begin])) <= 1 and not table[begin].covered:
        cell = table[begin].cells[found[0]] if found else Cell("")
        if cell.rows > 1:
            break
        writer.paragraph(cell.text)
        begin += 1
    return table[begin:]


def _heads(table: Sequence[Row]) -> int:
    """Return how many rows at the top name the columns of a table of figures, 0 where that is not plain."""
    first = next((number for number, row in enumerate(table[: _MOST_HEADS + 1]) if _is_figures(row)), 0)
    width = max((len(row.cells) for row in table), default=0)
    if not first or width < _LEAST_NAMED:
        return 0
    names = table[first - 1]
    if len(_filled(names)) < 2 or any(_is_figure(cell) for row in table[:first] for cell in row.cells):
        return 0
    # What stands over several columns is not a row of its own.
    for row in table[: first - 1]:
        spans = any(cell.columns > 1 or cell.rows > 1 for cell in row.cells)
        if not spans and len(_filled(row)) >= len(_filled(names)):
            return 0
    values = sum(_is_figures(row) or len(_filled(row)) <= 1 for row in table[first:])
    return first if 3 * values >= 2 * (len(table) - first) else 0


def _is_figures(row: Row) -> bool:
    """Tell whether a row has figures behind its name, in at least half of its cells."""
    values = [cell for cell in row.cells[1:] if cell.text]
    figures = sum(_is_figure(cell) for cell in values)
    return figures > 0 and 2 * figures >= sum(not _DASH.fullmatch(cell.text) for cell in values)


def _is_figure(cell: Cell) -> bool:
    return _VALUE.fullmatch(cell.text) is not None and _DIGIT.search(cell.text) is not None


def _is_headed(table: Sequence[Row], *, least: int) -> bool:
    """Tell whether the first row of a table can be the names of its columns."""
    if len(table) < 2 or any(cell.header for cell in table[0].cells):
        return False
    texts = [cell.text for cell in table[0].cells]
    width = max(len(row.cells) for row in table)
    return (
        least <= len(texts) == width
        and all(texts)
        and len(set(texts)) == len(texts)
        and all(len(text) <= _LONGEST_NAME and not _FIGURE.fullmatch(text) for text in texts)
    )
