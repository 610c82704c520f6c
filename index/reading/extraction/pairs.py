"""Tell whether a table is a list of names with their values beside them, so that no row names the columns."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

_FIGURE = re.compile(
    r"[-–—+±(]?\s?(?:[€$£]|EUR|CHF)?\s?\d[\d.,:' \u00a0/–-]*\)?\s?(?:[€$£%‰]|[A-Za-z²³°]{1,4}|EUR|Euro|Mio\.?|Tsd\.?|Uhr)?\*?|[-–—]|n\.?\s?a\.?|k\.\s?A\."
)

_AMOUNT = re.compile(r"\d[\d.,]*\s?([^\W\d_²³°]{1,10}\.?[²³]?|[²³°″\"])")
_MONEY = re.compile(r"EUR|Euro|CHF|[MT]io|Mrd|Tsd|T€|Uhr|[TM]?EUR", re.IGNORECASE)
_DIGITS = re.compile(r"[\d\s.,:'+()–—-]+")


class Texted(Protocol):
    """A cell."""

    @property
    def text(self) -> str:
        """What it shows."""


def is_figure(text: str) -> bool:
    """Tell whether a cell shows a figure, an amount or nothing."""
    return len(text) <= 24 and _FIGURE.fullmatch(text.strip()) is not None


def are_pairs(rows: Sequence[Sequence[Texted]]) -> bool:
    """Tell whether names ending in a colon stand before their values, so that no row names the columns."""
    asking = [row for row in rows if any(_asks(one, other) for one, other in pairwise(row))]
    return 2 * len(asking) > len([row for row in rows if sum(bool(cell.text) for cell in row) > 1])


def _asks(one: Texted, other: Texted) -> bool:
    return one.text.endswith(":") and bool(other.text) and not other.text.endswith(":")


def name_values(rows: Sequence[Sequence[Texted]]) -> bool:
    """Tell whether each row is a name and its value."""
    full = [row for row in rows if len(row) == 2 and row[0].text and row[1].text]
    if not full:
        return True
    values = [is_figure(row[1].text) for row in full]
    # Only figures below a first row without one: that row names the column, and the rows are not names with values.
    return not (all(values[1:]) and not values[0]) and not all(values)


def amounts_as_names(rows: Sequence[Sequence[Texted]], head: int) -> frozenset[int]:
    """
    Return the columns in which an amount names what stands below it, as "500 g" does above prices.

    The figures below must be in another unit. If they have none, all columns but the first must be named by amounts
    whose units are not money: "500 Mio." above "1200" may as well be two values.
    """
    row, body = rows[head], rows[head + 1 :]
    if not body or not row or is_figure(row[0].text) or any(len(other) != len(row) for other in body):
        return frozenset()
    found: set[int] = set()
    bare: set[int] = set()
    for column in range(1, len(row)):
        amount = _AMOUNT.fullmatch(row[column].text.strip())
        values = [other[column].text for other in body if other[column].text]
        if amount is None or not values or not all(map(is_figure, values)):
            continue
        units = {_unit(text) for text in values}
        if units == {""}:
            bare |= {column} if not _MONEY.match(amount[1]) else set()
        elif amount[1] not in units:
            found.add(column)
    if len(row) > 2 and found | bare == set(range(1, len(row))):  # two columns may as well be names with their values
        found |= bare
    return frozenset(found) if len(row) > 2 else frozenset()


def _unit(text: str) -> str:
    """Return the letters and signs of an amount."""
    return _DIGITS.sub("", text).strip()
