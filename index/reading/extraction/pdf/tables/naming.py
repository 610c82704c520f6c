"""Tell names of columns, names of rows and values of a table apart."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from index.reading.extraction.pairs import is_figure
from index.text.locale import alternatives

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.reading.extraction.tables.grid import Cell

_YEAR = re.compile(r"(?:19|20)\d\d(?:[/–-]\d{2,4})?\*?")
_DIGITS = re.compile(r"[\d\s.,:'+()–—-]+")
_SUM = re.compile(alternatives("files.sum"), re.IGNORECASE)


def heads(rows: Sequence[Sequence[Cell]]) -> int:
    """Return how many rows name the columns: words and years above figures, and a row of spanning names above these."""
    if len(rows) < 3 and not (len(rows) == 2 and len(rows[0]) > 1):
        return 0
    over = 1 if len(rows) > 2 and any(1 < cell.columns < len(rows[-1]) for cell in rows[0]) else 0
    named = [cell.text for cell in rows[over] if cell.text]
    values = [cell.text for row in rows[over + 1 :] for cell in row[1:] if cell.text]
    if len(named) < 2 or 2 * sum(map(is_figure, values)) < len(values) or not values:
        return 0
    if any(map(_YEAR.fullmatch, named)) and any(map(_YEAR.fullmatch, values)):
        return 0
    if not all(
        not cell.text
        or _YEAR.fullmatch(cell.text)
        or not is_figure(cell.text)
        or _is_amount_over_others(rows, over, place)
        for place, cell in enumerate(rows[over])
    ):
        return 0
    count = over + 1
    # Rows of units may follow; they have nothing in the column of the rows' names.
    while count + 1 < len(rows) and not rows[count][0].text and not any(is_figure(cell.text) for cell in rows[count]):
        count += 1
    return count


def _is_amount_over_others(rows: Sequence[Sequence[Cell]], head: int, place: int) -> bool:
    """Tell whether an amount names a column, as "500 g" does above prices: the figures below have another unit."""
    if any(len(row) != len(rows[head]) for row in rows):
        return False
    unit = _unit(rows[head][place].text)
    below = {_unit(row[place].text) for row in rows[head + 1 :] if row[place].text and is_figure(row[place].text)}
    return bool(unit) and bool(below) and unit not in below


def _unit(text: str) -> str:
    """Return the letters and signs of an amount."""
    return _DIGITS.sub("", text).strip()


def hanging(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Let a name in the first column span the rows below it whose first cell is empty and whose second names them."""
    if len(rows) < 3 or len(rows[0]) < 3:
        return rows
    held = -1
    found = [list(row) for row in rows]
    for number, row in enumerate(rows):
        if len(row) != len(rows[0]) or row[0].columns > 1:
            held = -1
        elif row[0].text:
            held = number if row[1].text and not is_figure(row[1].text) else -1
        elif held > 0 and _is_named(row[1]) and any(cell.text for cell in row[2:]):
            found[held][0] = replace(found[held][0], rows=number - held + 1)
            found[number] = list(row[1:])
        else:
            held = -1
    return found


def _is_named(cell: Cell) -> bool:
    """Tell whether a cell names its row, and not a sum of the rows above."""
    return bool(cell.text) and not is_figure(cell.text) and not _SUM.search(cell.text)
