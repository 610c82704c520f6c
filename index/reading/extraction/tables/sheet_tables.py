"""Find the tables of a sheet: separated by empty rows, or side by side with an empty column between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.reading.extraction.tables.sheet_rows import Row, is_figure, is_worded, is_year

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.reading.extraction.tables.grid import Cell

MOST_HEADS = 4  # rows that name columns
_MOST_BESIDE = 20  # tables
_SAMPLE = 100  # rows that are looked at


def tables(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield the tables of a sheet, without the empty columns around them."""
    for block in _blocks(rows):
        for part in _beside(block, _MOST_BESIDE):
            yield from _blocks(part) if part is not block else [part]


def _blocks(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield the rows between empty ones; values that continue below an empty row stay with their table."""
    block: list[Row] = []
    parted = False
    for row in rows:
        if row.is_empty:
            parted = bool(block)
            continue
        if parted and not _goes_on(block, row):
            yield _trimmed(block)
            block = []
        parted = False
        block.append(row)
    if block:
        yield _trimmed(block)


def _goes_on(block: Sequence[Row], row: Row) -> bool:
    """Tell whether a row continues a block: it has figures below the figures, or below the names, of its last row."""
    last = block[-1]
    before, after = last.filled, row.filled
    if last.spans or row.spans or not before or not after:
        return False
    if not any(one.has_figures for one in block):  # the names of columns, set off from the values below
        names = len(before) > 1 and len(block) <= MOST_HEADS and not any(is_figure(cell.text) for cell in last.cells)
        return names and row.has_figures and set(after) <= {after[0], *before}
    if len(block) < 2 or before[0] != after[0] or after[-1] > before[-1]:
        return False
    figures = {place for place in after if _has_digit(row.cells[place])}
    wanted = {place for place in before if _has_digit(last.cells[place])}
    if not figures - {after[0]} or not figures <= wanted:
        return False
    # Years are more likely names of columns, unless the values are years too.
    return not all(is_year(row.cells[place].text) for place in figures) or all(
        is_year(last.cells[place].text) for place in wanted
    )


def _has_digit(cell: Cell) -> bool:
    return any(letter.isdigit() for letter in cell.text)


def _beside(block: list[Row], most: int) -> Iterator[list[Row]]:
    """Yield a block, or the tables side by side in it, each with its own column of names."""
    gap = 0 if most <= 1 or len(block) < 2 or any(row.spans for row in block) else _gap(block)
    if not gap:
        yield block
        return
    yield [Row(row.cells[:gap]) for row in block]
    yield from _beside(_trimmed([Row(row.cells[gap + 1 :]) for row in block]), most - 1)


def _gap(block: Sequence[Row]) -> int:
    """Return the first empty column between two tables that begin with a column of names, 0 if there is none."""
    width = max(len(row.cells) for row in block)
    used = {place for row in block for place in row.filled}
    block = block[:_SAMPLE]
    for column in range(2, width - 2):
        if column not in used and _is_table(block, 0, column) and _is_table(block, column + 1, width):
            return column
    return 0


def _is_table(block: Sequence[Row], first: int, end: int) -> bool:
    rows = [[cell.text for cell in row.cells[first:end]] for row in block]
    rows = [row for row in rows if any(row)]
    width = max((max(place for place, text in enumerate(row) if text) + 1 for row in rows), default=0)
    worded = sum(bool(row[0]) and is_worded(row[0]) for row in rows)
    return len(rows) > 1 and width > 1 and 3 * worded >= 2 * len(rows)


def _trimmed(block: Sequence[Row]) -> list[Row]:
    """Return a block without the empty columns before and behind it."""
    rows = [row for row in block if row.cells]
    before = min((_blanks(row.cells) for row in rows if not row.is_empty), default=0)
    return [Row(_without_end(row.cells[before:]), row.covered) for row in rows]


def _blanks(cells: Sequence[Cell]) -> int:
    return next(
        (place for place, cell in enumerate(cells) if cell.text or cell.columns > 1 or cell.rows > 1), len(cells)
    )


def _without_end(cells: Sequence[Cell]) -> Sequence[Cell]:
    end = len(cells)
    while end and not cells[end - 1].text:
        end -= 1
    return cells[:end]
