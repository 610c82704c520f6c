"""
Notes in a text of what was not read of its file: comments, which are shown with the text and never cited.

A text cannot forge one: if a line of a file begins like a comment, the writer escapes it.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OPEN = "<!-- not read: "
_NOTE = re.compile(rf"^{_OPEN}(.*?) -->$", re.MULTILINE)
MOST = 20  # number of notes that are shown
ONLY_A_PICTURE = "without text, only a picture"


def comment(text: str) -> str:
    """Return a note of what was not read, as a line."""
    return f"{_OPEN}{text.replace('--', '–').replace('>', '›')} -->"


def in_runs(unit: str, places: Iterable[int], reason: str) -> Iterator[str]:
    """
    Yield a line for each run of pages, slides and the like.

    Parameters
    ----------
    unit
        The word for one of them: ``slide``.
    places
        Their positions in order, from 0.
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
    """Return the notes of what was not read of a file whose text was extracted: the first few, one line each."""
    if _OPEN not in text:  # much faster, and true of nearly all texts
        return ()
    found = [match[1] for match in _NOTE.finditer(text)]
    more = len(found) - MOST
    return (*found[:MOST], f"and {more} more of this kind") if more > 0 else tuple(found)


def is_note(text: str, start: int) -> bool:
    """Tell whether a note of what was not read begins at an offset."""
    return text.startswith(_OPEN, start)
