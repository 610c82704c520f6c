"""Tell whether a table is a list of names, each with its value beside it, so that no row names the columns of others."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

_FIGURE = re.compile(
    r"[-–—+±(]?\s?(?:[€$£]|EUR|CHF)?\s?\d[\d.,:' \u00a0/–-]*\)?\s?(?:[€$£%‰]|[A-Za-z²³°]{1,4}|EUR|Euro|Mio\.?|Tsd\.?|Uhr)?\*?|[-–—]|n\.?\s?a\.?|k\.\s?A\."
)


class Texted(Protocol):
    """A cell."""

    @property
    def text(self) -> str:
        """What it shows."""


def is_figure(text: str) -> bool:
    """Tell whether a cell shows a figure, an amount or nothing."""
    return len(text) <= 24 and _FIGURE.fullmatch(text.strip()) is not None


def are_pairs(rows: Sequence[Sequence[Texted]]) -> bool:
    """Tell whether what names a value stands before it, with a colon, so that no row names the cells of others."""
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
    # Below the name of a column stand values of one kind.
    return not (all(values[1:]) and not values[0]) and not all(values)
