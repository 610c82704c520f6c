"""Find the rows of a table that name its columns, by what stands below them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from index.reading.extraction.tables.grid import Cell
from index.reading.extraction.tables.sheet_rows import Row, is_figure, is_worded, kind_of
from index.reading.extraction.tables.sheet_tables import MOST_HEADS

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST_NAME = 60  # characters
_LEAST_NAMED = 3  # columns; if there are only two columns in words, the first may as well name the second


def is_form(table: Sequence[Row]) -> bool:
    """Tell whether each row is a name and its value, so that no row names the values of others."""
    if any(row.spans or len(row.filled) > 2 for row in table):
        return False
    pairs = [[row.cells[place].text for place in row.filled] for row in table if len(row.filled) == 2]
    if len(pairs) < 2:
        return False
    colons = sum(name.endswith(":") for name, _ in pairs)
    kinds = {kind_of(value) for _, value in pairs[1:]}
    return 2 * colons >= len(pairs) or len(kinds) > 2 or (len(kinds) == 2 and "words" not in kinds)


def with_heads(table: Sequence[Row]) -> tuple[Sequence[Row], Sequence[Row]]:
    """Return the rows above a table of figures, and the table with the names of its columns marked as headings."""
    heads = _heads(table)
    if not heads:
        return (), table
    above: list[Row] = []
    marked: list[Row] = []
    width = max(len(row.cells) for row in table)
    names = table[heads - 1]
    first = next((place for place in names.filled if place), 0)
    for number, row in enumerate(table[:heads]):
        spread = row
        if number < heads - 1 and not row.spans:
            groups = [place for place in row.filled if place]
            if not groups or groups[0] > first:  # does not name a group of columns
                above.append(row)
                continue
            spread = _spread(row, groups, width)
        marked.append(replace(spread, cells=[replace(cell, header=True) for cell in spread.cells]))
    return above, [*marked, *_with_sums(table[heads:])]


def is_headed(table: Sequence[Row], *, named: bool) -> bool:
    """
    Tell whether the first row of a table can be the names of its columns.

    Parameters
    ----------
    table
        The rows of the table.
    named
        Whether two columns in words are enough.

    """
    if len(table) < 2 or any(cell.header for cell in table[0].cells):
        return False
    texts = [cell.text for cell in table[0].cells]
    width = max(len(row.cells) for row in table)
    return (
        (2 if named else _LEAST_NAMED) <= len(texts) == width
        and all(texts)
        and len(set(texts)) == len(texts)
        and all(len(text) <= _LONGEST_NAME and not is_figure(text) for text in texts)
    )


def _heads(table: Sequence[Row]) -> int:
    """Return how many rows at the top name the columns of a table of figures, 0 if that is not clear."""
    first = next((number for number, row in enumerate(table[: MOST_HEADS + 1]) if row.has_figures), 0)
    width = max((len(row.cells) for row in table), default=0)
    if not first or width < _LEAST_NAMED:
        return 0
    names = table[first - 1]
    if len(names.filled) < 2 or any(is_figure(cell.text) for row in table[:first] for cell in row.cells):
        return 0
    # Rows above the names of columns name groups of them, so they have fewer cells.
    if any(not row.spans and len(row.filled) >= len(names.filled) for row in table[: first - 1]):
        return 0
    values = sum(row.has_figures or len(row.filled) <= 1 for row in table[first:])
    return first if 3 * values >= 2 * (len(table) - first) else 0


def _with_sums(rows: Sequence[Row]) -> Sequence[Row]:
    """Mark the name of a sum that stands in a column of figures, as below an invoice's prices."""
    if any(row.spans for row in rows):
        return rows
    of_figures: dict[int, bool] = {}
    named = []
    for row in rows:
        filled = row.filled
        place = filled[0] if len(filled) > 1 else 0
        if place and is_worded(row.cells[place].text):
            if place not in of_figures:
                of_figures[place] = _is_of_figures(rows, place)
            if of_figures[place]:
                row = Row([replace(cell, header=at == place) for at, cell in enumerate(row.cells)])  # noqa: PLW2901
        named.append(row)
    return named


def _is_of_figures(rows: Sequence[Row], place: int) -> bool:
    """Tell whether most texts of a column, in rows that have a name, are figures."""
    texts = [row.cells[place].text for row in rows if place < len(row.cells) and row.cells[0].text]
    return 2 * sum(map(is_figure, texts)) > sum(map(bool, texts))


def _spread(row: Row, groups: Sequence[int], width: int) -> Row:
    """Let each name of a group span the columns up to the next one."""
    cells = [row.cells[0] if row.cells else Cell("")]
    cells += [Cell("")] * (groups[0] - 1)
    for place, after in zip(groups, [*groups[1:], width], strict=True):
        cells.append(replace(row.cells[place], columns=after - place))
    return Row(cells)
