"""
What of a file was not read, said in its text: comments, which are shown with the text and never cited.

A text cannot forge one: where a line of a file begins like a comment, the writer says that it is text.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OPEN = "<!-- not read: "
_NOTE = re.compile(rf"^{_OPEN}(.*?) -->$", re.MULTILINE)
MOST = 20  # notes that are worth reading
ONLY_A_PICTURE = "without text, only a picture"


def comment(text: str) -> str:
    """Return a line that says what was not read."""
    return f"{_OPEN}{text.replace('--', '–').replace('>', '›')} -->"


def in_runs(unit: str, places: Iterable[int], reason: str) -> Iterator[str]:
    """
    Yield a line for each run of pages, slides and the like.

    Parameters
    ----------
    unit
        What they are called: ``slide``.
    places
        Their places in order, from 0.
    reason
        Why they were not read.

    Examples
    --------
    >>> list(in_runs("slide", [0, 2, 3], "without text"))
    ['slide 1: without text', 'slides 3-4: without text']

    """
    for _, run in groupby(enumerate(places), key=lambda pair: pair[1] - pair[0]):
        first, *others = [place + 1 for _, place in run]
        yield f"{unit}s {first}-{others[-1]}: {reason}" if others else f"{unit} {first}: {reason}"


def notes(text: str) -> tuple[str, ...]:
    """Return what was not read of a file whose text was taken out of it: one line each, the first few of them."""
    if _OPEN not in text:  # quicker by far, and so it is with nearly all
        return ()
    found = [match[1] for match in _NOTE.finditer(text)]
    more = len(found) - MOST
    return (*found[:MOST], f"and {more} more of this kind") if more > 0 else tuple(found)


def is_note(text: str, start: int) -> bool:
    """Tell whether a line that says what was not read begins at an offset."""
    return text.startswith(_OPEN, start)
