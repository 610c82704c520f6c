"""
Lay out tables so that each row can be read alone: with the names of its columns, and with cells that span several rows.

A row is what gets found, shown and cited. "Tore | 31" says neither whose goals nor which season; a value whose left
neighbour is empty would move into the neighbour's place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from index.reading.extraction.pairs import amounts_as_names, are_pairs, is_figure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Tables are read up to this width, and no cell spans more columns.
MAX_COLUMNS = 200
_MAX_NAME = 80
_MAX_HEADER_ROWS = 4
_LONGEST_UNIT = 16
_MOST_NAMES = 3  # of columns that one cell spans
_DIGIT = re.compile(r"\d")
# "Umsatz", "Q1", "ab 10 Stück", "2023" name columns; a value begins with its figures.
_NAME = re.compile(r"[^\W\d_]|(?:19|20)\d\d\b(?![.,]?\d)")
_DATE = re.compile(r"\d{1,2}\.\s?\d{1,2}\.\s?(?:\d{4}|\d{2})\b|\d{4}-\d{2}-\d{2}\b")
_NOTE = re.compile(r"[*†‡¹²³⁰-⁹]|\[[\w*†‡]{1,3}\]|\d{1,2}\)\s")  # the beginning of a row that explains a mark
# A unit in the corner of a table, which says that the figures are in thousands of Euro or in percent, for example.
_UNIT = re.compile(
    r"\(?(?:(?:alle )?(?:angaben|beträge|werte|zahlen|figures|amounts) )?in ([^:]{1,30})|"
    r"\(?([TM]?(?:€|EUR)|%|(?:Tsd|Mio|Mrd)\.? ?(?:€|EUR|Euro))\)?",
    re.IGNORECASE,
)
_HAS_UNIT = re.compile(r"[€$£%‰]|\b(?:in|je|pro|per|EUR|Euro|Prozent)\b")
_LETTER = re.compile(r"[^\W\d_]")
# A footnote mark behind a value.
_LOOSE_MARK = re.compile(r"\s*(?:\[[^\[\]]{1,3}\]|[¹²³⁰-⁹*†]{1,3})$")
_YEAR = re.compile(r"(?:19|20)\d\d\b")
_LETTER_OR_SIGN = re.compile(r"[^\W\d_]|[%‰€$£°]")
# Names of a column whose values are of any kind.
_VALUES = re.compile(r"werte?|angaben?|daten|inhalt|details?|beschreibung|values?|data|description", re.IGNORECASE)
# Stripped from the end of a column's name, because a colon is written behind it anyway.
_NAME_END = " :"
_STOPS = (".", "!", "?")
_TOTAL = re.compile(
    r"(?:(?:end|gesamt|bilanz)?(?:summe|betrag)|gesamt|insgesamt|total|sum|zusammen|alle zusammen)(?:\s*\([^()]*\))?:?",
    re.IGNORECASE,
)
# Characters; a cell that spans rows is repeated in each of them if it is a name. A longer text is only in the first.
_MAX_REPEATED = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """
    A cell as the file has it.

    Parameters
    ----------
    text
        What it shows, in one line.
    columns, rows
        How many of each it spans, at least 1.
    header
        Whether the file marks it as a heading.
    footer
        Whether the file marks its row as one that sums up the whole table.

    """

    text: str
    columns: int = 1
    rows: int = 1
    header: bool = False
    footer: bool = False


@dataclass(frozen=True, slots=True)
class _Slot:
    """One place of the grid; ``cell`` distinguishes two cells with the same text."""

    text: str
    cell: int
    header: bool
    footer: bool = False


_EMPTY = _Slot("", -1, header=False)


def lines(rows: Sequence[Sequence[Cell]], *, headed: bool = False) -> Iterator[str]:
    """
    Write a table as lines that can each be read alone.

    Parameters
    ----------
    rows
        The cells of each row from left to right; a spanning cell is in the row where it begins.
    headed
        Whether the file says that the first row names the columns; else headings are recognised by their cells, or by
        words above figures.

    Yields
    ------
    str
        A line for each row that has text: its cells separated by bars, each with its column's name except the row's own
        name ("Kranich | Menge: 12 | Einzelpreis: 289,00 €"). Rows that name the columns are one line each, unchanged.

    """
    grid = [row for row in _unfolded(rows) if any(slot.text for slot in row)]
    heads = _header_rows(grid, headed=headed)
    if heads and _are_units(grid, heads):
        heads += 1
    names = _names(grid[:heads])
    sections = _sections(grid, heads)
    for number, row in enumerate(grid):
        cells = [next(same) for _, same in groupby(enumerate(row), key=lambda one: one[1].cell)]
        shown = [(column, slot) for column, slot in cells if slot.text]
        names_anew = _names_anew(grid, number, heads)
        alone = len(shown) == 1 and (shown[0][0] == 0 or len({slot.cell for slot in row}) == 1)
        if number < heads or alone or names_anew:
            names = _names([row]) if names_anew else names
            yield " | ".join(slot.text for _, slot in shown)
            continue
        labels = _labels(row, shown)
        cells_shown = [
            slot.text if place in labels else _named(names, row, column) for place, (column, slot) in enumerate(shown)
        ]
        section = sections[number]
        yield " | ".join([section, *cells_shown] if section else cells_shown)


def columns_left_out(rows: Sequence[Sequence[Cell]]) -> int:
    """Return how many columns of a table are beyond the last one that is read."""
    return max(0, max((sum(cell.columns for cell in row) for row in rows), default=0) - MAX_COLUMNS)


def _sections(grid: Sequence[Sequence[_Slot]], heads: int) -> list[str]:
    """Return the name of the section that each row is in, empty if it is in none."""
    body = range(heads, len(grid))
    # If headings name the rows of a table, a heading without values does not open a section.
    named = any(row and row[0].header and sum(bool(slot.text) for slot in row) > 1 for row in grid[heads:])
    width = max(map(len, grid), default=0)
    openings = {number for number in body if _opens_section(grid[number], width, headings=not named)}
    first, last = min(openings, default=len(grid)), max(openings, default=len(grid))
    totals = {number for number in body if _is_total(grid[number])}
    # If other sections have sums of their own, so has the last one; otherwise the sum at the end is that of the table.
    own = any(first < number < last for number in totals)
    section, found = "", [""] * len(grid)
    for number in body:
        if number in openings:
            section = next(slot.text for slot in grid[number] if slot.text)
            continue
        if any(slot.footer for slot in grid[number]) or _names_anew(grid, number, heads):
            section = ""
        elif number in totals and number > last:
            section, own = (section if own else ""), False
        found[number] = section
    return found


def _are_units(grid: Sequence[Sequence[_Slot]], place: int) -> bool:
    """Tell whether the row below the names of columns holds units ("m", "in %") and has no name itself."""
    row, body = grid[place], grid[place + 1 :]
    units = [slot.text for slot in row[1:] if slot.text]
    named = bool(body) and all(below[0].text for below in body) and bool(grid[place - 1][0].text)
    short = all(len(text) <= _LONGEST_UNIT and not _DIGIT.search(text) for text in units)
    return named and not row[0].text and bool(units) and short


def _is_total(row: Sequence[_Slot]) -> bool:
    """Tell whether a row is named as a sum and nothing else: "Summe Obst" says itself what it sums up."""
    first = next((slot.text for slot in row if slot.text), "")
    return _TOTAL.fullmatch(first) is not None and sum(bool(slot.text) for slot in row) > 1


def _names_anew(grid: Sequence[Sequence[_Slot]], number: int, heads: int) -> bool:
    """Tell whether a row within a table names the columns of the rows below it: its cells are marked as headings."""
    if not heads <= number < len(grid) - 1 or number == 0 or not heads:
        return False

    def headings(row: Sequence[_Slot]) -> bool:
        filled = [slot for slot in row if slot.text]
        return len({slot.cell for slot in filled}) > 1 and all(slot.header for slot in filled)

    return (
        headings(grid[number])
        and _may_name(grid[number])
        and not headings(grid[number - 1])
        and not headings(grid[number + 1])
    )


def _opens_section(row: Sequence[_Slot], width: int, *, headings: bool) -> bool:
    """
    Tell whether a row names what the rows below it are about: its only text spans the table, or is a heading.

    ``headings`` tells whether a heading whose row is otherwise empty may do so.
    """
    text = row[0].text
    spanning = len(row) > 1 and row[0].cell == row[-1].cell
    alone = headings and width > 1 and row[0].header and not any(slot.text for slot in row if slot.cell != row[0].cell)
    names = len(text) <= _MAX_NAME and not text.endswith(_STOPS) and not _NOTE.match(text)
    return bool(text) and (spanning or alone) and names


def is_cut(rows: Sequence[Sequence[Cell]]) -> bool:
    """Tell whether a table has text in columns beyond `MAX_COLUMNS`, which are not read."""
    for row in rows:
        column = 0
        for cell in row:
            if column >= MAX_COLUMNS and cell.text.strip():
                return True
            column += cell.columns
    return False


def _unfolded(rows: Sequence[Sequence[Cell]]) -> list[list[_Slot]]:
    """Return one slot for each place of the table; a cell that spans several places is in all of them."""
    grid: list[list[_Slot]] = []
    hanging: dict[int, tuple[_Slot, int]] = {}  # by column: a cell that reaches down, and into how many more rows
    number = 0
    for row in rows:
        slots: list[_Slot] = []

        def fall(slots: list[_Slot] = slots) -> None:
            while (held := hanging.get(len(slots))) is not None:
                _let_down(hanging, len(slots), held)
                slots.append(held[0])

        for cell in row:
            fall()
            number += 1
            slot = _Slot(" ".join(cell.text.split()), number, cell.header, cell.footer)
            for _ in range(min(cell.columns, MAX_COLUMNS - len(slots))):
                # If this cell overlaps one that reaches down from above, that one continues below it.
                if (held := hanging.get(len(slots))) is not None:
                    _let_down(hanging, len(slots), held)
                if cell.rows > 1:
                    repeated = slot if len(slot.text) <= _MAX_REPEATED else replace(slot, text="")
                    hanging[len(slots)] = repeated, cell.rows - 1
                slots.append(slot)
        fall()
        for column in sorted(hanging):  # further to the right than this row has cells
            if column >= len(slots):
                slots += [_EMPTY] * (column - len(slots))
                fall()
        grid.append(slots)
    return grid


def _let_down(hanging: dict[int, tuple[_Slot, int]], column: int, held: tuple[_Slot, int]) -> None:
    """Count one more row that a cell reaching down from above takes its place in."""
    slot, left = held
    if left > 1:
        hanging[column] = slot, left - 1
    else:
        del hanging[column]


def _header_rows(grid: Sequence[Sequence[_Slot]], *, headed: bool) -> int:
    """Return how many rows at the top name the columns, including a title above all of them."""
    title = int(len(grid) > 2 and _is_title(grid[0], grid[1]))
    marked = 0
    for row in grid[:_MAX_HEADER_ROWS]:
        filled = [slot for slot in row if slot.text]
        alone = len(filled) == 1 and row[0].text and row[0].cell != row[-1].cell
        begins_a_section = marked > title and (_is_title(row, grid[marked - 1]) or alone)
        if (filled and not all(slot.header for slot in filled[1:] or filled)) or begins_a_section:
            break
        marked += 1
    if marked == len(grid):  # in a table of nothing but headings some must be values
        return 0
    if marked == _MAX_HEADER_ROWS:  # too many to be names of columns: the rest are values
        return title + _height(grid, title)
    if marked > title:
        parted = title + _height(grid, title)
        return parted if marked < parted and _may_name(grid[parted - 1]) else marked
    if len(grid) < title + 2:
        return 0
    if are_pairs(grid) or (grid[title] and grid[title][0].header and not headed):  # names of rows, not of columns
        return 0
    if headed or _is_worded_over_figures(grid[title:]):
        return title + _height(grid, title)
    return 0


def _is_title(row: Sequence[_Slot], below: Sequence[_Slot]) -> bool:
    """Tell whether one cell spans the whole row and the adjacent row has several cells."""
    return len({slot.cell for slot in row}) == 1 and len({slot.cell for slot in below}) > 1


def _may_name(row: Sequence[_Slot], values: Sequence[str] = ()) -> bool:
    """Tell whether all cells but the first could name columns: words, years, "Q1", or days if no value is a day."""
    days = not any(map(_DATE.match, values))
    return all(_NAME.match(slot.text) or (days and _DATE.match(slot.text)) for slot in row[1:] if slot.text)


def _is_worded_over_figures(grid: Sequence[Sequence[_Slot]]) -> bool:
    first, body = [slot.text for slot in grid[0]], grid[1:]
    rest = [slot.text for row in body for slot in row[1:] if slot.text and slot.cell != row[0].cell]
    # An empty corner above the names of rows shows that row 1 names columns, unless other rows have no name either.
    unnamed = any(row and not row[0].text and sum(bool(slot.text) for slot in row) > 1 for row in body)
    if len(first) > 1 and not first[0] and all(first[1:]) and not unnamed:
        return True
    amounts = amounts_as_names(grid, 0)
    named = [slot for place, slot in enumerate(grid[0]) if place not in amounts]
    worded = len(first) > 1 and all(first[1:]) and _may_name(named, rest) and not _DIGIT.search(first[0])
    figures = sum(bool(_DIGIT.search(text)) for text in rest)
    # Two rows of two columns may as well be two names, each with its value.
    pairs = len(first) == 2 and (len(body) == 1 or (not _VALUES.fullmatch(first[1]) and _are_of_kinds(grid)))
    return worded and bool(rest) and not pairs and 2 * figures >= len(rest)


def _are_of_kinds(grid: Sequence[Sequence[_Slot]]) -> bool:
    """Tell whether two columns are names and values: the second has words besides figures, or several units."""
    rows = [row for row in grid if len(row) == 2 and row[0].text and row[1].text and row[0].cell != row[1].cell]
    values = [_LOOSE_MARK.sub("", row[1].text) for row in rows[1:]]
    if not values or not any(_LETTER.search(row[0].text) for row in rows[1:]):  # years and numbers do not name a value
        return False
    words = sum(not is_figure(text) for text in values)
    return words > 0 or (not _YEAR.match(grid[0][1].text) and len({_unit(text) for text in values}) > 1)


def _unit(text: str) -> str:
    return "".join(_LETTER_OR_SIGN.findall(text))


def _height(grid: Sequence[Sequence[_Slot]], first: int) -> int:
    """Return how many rows the headings that begin in a row take; the parts of a divided heading lie below it."""
    row = grid[first]
    height = 1
    for below in grid[first + 1 : first + _MAX_HEADER_ROWS]:
        if not any(slot.cell == other.cell and slot.cell >= 0 for slot, other in zip(row, below, strict=False)):
            break
        height += 1
    parted = any(slot.cell == other.cell >= 0 for slot, other in pairwise(row))
    two = parted and len(grid) > first + 2 and _has_parts(grid, first + 1)
    return min(max(height, 2) if two else height, len(grid) - first - 1)


def _has_parts(grid: Sequence[Sequence[_Slot]], place: int) -> bool:
    """Tell whether the row below a divided heading holds its parts: it has no name, or names columns above figures."""
    row = grid[place]
    if not row or not row[0].text or row[0].cell == grid[place - 1][0].cell:
        return True
    values = [slot.text for below in grid[place + 1 :] for slot in below[1:] if slot.text]
    figures = sum(bool(_DIGIT.search(text)) for text in values)
    return _may_name(row, values) and 2 * figures >= len(values)


def _names(heads: Sequence[Sequence[_Slot]]) -> list[str]:
    """Return the name of each column: the distinct texts above it, from the top down."""
    width = max(map(len, heads), default=0)
    names = []
    for column in range(width):
        over = [row[column].text for row in heads if column < len(row) and row[column].text]
        name = " ".join(dict.fromkeys(over))
        # If this is too long, the lowest text tells the columns apart.
        names.append((name if len(name) <= _MAX_NAME else over[-1][:_MAX_NAME]).rstrip(_NAME_END))
    if names and (corner := _UNIT.fullmatch(names[0])):  # the unit of all columns
        unit = (corner[1] or corner[2]).strip("() ")
        names[1:] = [f"{name} in {unit}" if name and not _HAS_UNIT.search(name) else name for name in names[1:]]
    return names


def _labels(row: Sequence[_Slot], shown: Sequence[tuple[int, _Slot]]) -> frozenset[int]:
    """Return which of the shown cells name the row: its headings, or the first cell if it has letters."""
    headings = frozenset(place for place, (_, slot) in enumerate(shown) if slot.header)
    if headings and len(headings) < len(shown):
        return headings
    first = shown[0]
    return frozenset({0}) if first[0] == 0 and _LETTER.search(row[0].text) else frozenset()


def _named(names: Sequence[str], row: Sequence[_Slot], column: int) -> str:
    """Return a cell with the name of its column, or of all columns that it spans if these are few."""
    slot = row[column]
    over = [name for name, other in zip(names[column:], row[column:], strict=False) if other.cell == slot.cell and name]
    name = " / ".join(dict.fromkeys(over)) if len(over) <= _MOST_NAMES else ""
    return f"{name}: {slot.text}" if name and name != slot.text else slot.text
