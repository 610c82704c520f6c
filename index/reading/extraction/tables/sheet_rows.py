"""The rows of a sheet, and what their cells hold: figures, words, gaps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.reading.extraction.tables.grid import Cell

# A year does not count as a figure: it may be a column's name.
_FIGURE = re.compile(r"(?!(?:19|20)\d\d$)[(]?[A-Z€$£¥]{0,3}[\d.,:/'%€$£¥+−–—() \xa0-]+(?:[^\W\d_]{1,4}\.?)?[)]?")
_DIGIT = re.compile(r"\d")
_DASH = re.compile(r"[–—.-]|n/?a|k\.\s?A\.", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_DATE = re.compile(r"\d{1,2}\.\d{1,2}\.(?:\d{2,4})?|\d{4}-\d\d-\d\d.*")
_PLAIN = re.compile(r"[\d.,\s-]+")
_YEAR = re.compile(r"(?:19|20)\d\d(?:[/–-]\d{2,4})?")


@dataclass(frozen=True, slots=True)
class Row:
    """
    A row of a sheet.

    Parameters
    ----------
    cells
        From left to right, including empty ones; a spanning cell stands where it begins.
    covered
        Whether a cell from above reaches into it.

    """

    cells: Sequence[Cell]
    covered: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it separates two tables."""
        return not self.covered and not any(cell.text for cell in self.cells)

    @property
    def filled(self) -> list[int]:
        """The places of the cells that show something."""
        return [place for place, cell in enumerate(self.cells) if cell.text]

    @property
    def spans(self) -> bool:
        """Whether a cell spans others, or one from above reaches into the row, so that places are not columns."""
        return self.covered or any(cell.columns > 1 or cell.rows > 1 for cell in self.cells)

    @property
    def has_figures(self) -> bool:
        """Whether at least half of the cells behind the row's name are figures."""
        values = [cell.text for cell in self.cells[1:] if cell.text]
        figures = sum(map(is_figure, values))
        return figures > 0 and 2 * figures >= sum(not _DASH.fullmatch(text) for text in values)


def is_figure(text: str) -> bool:
    """Tell whether a cell holds a figure, an amount, a date or a time, and nothing that could name a column."""
    return _FIGURE.fullmatch(text) is not None and _DIGIT.search(text) is not None


def is_worded(text: str) -> bool:
    """Tell whether a cell can be the name of something."""
    return _LETTER.search(text) is not None and not is_figure(text)


def is_year(text: str) -> bool:
    """Tell whether a cell holds a year, or two."""
    return _YEAR.fullmatch(text) is not None


def kind_of(text: str) -> str:
    """Return the kind of value of a text; the values of one column are of the same kind."""
    if _DATE.fullmatch(text):
        return "date"
    if _PLAIN.fullmatch(text):
        return "number"
    if is_figure(text):
        return "time" if ":" in text else "share" if "%" in text else "amount"
    return "words"
