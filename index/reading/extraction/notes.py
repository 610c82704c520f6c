"""
What of a file was not read, said in its text: comments, which are shown with the text and never cited.

A text cannot forge one: where a line of a file begins like a comment, the writer says that it is text.
"""

from __future__ import annotations

import re

_OPEN = "<!-- not read: "
_NOTE = re.compile(rf"^{_OPEN}(.*?) -->$", re.MULTILINE)
MOST = 20  # notes that are worth reading


def comment(text: str) -> str:
    """Return a line that says what was not read."""
    return f"{_OPEN}{text.replace('--', '–').replace('>', '›')} -->"


def notes(text: str) -> tuple[str, ...]:
    """Return what was not read of a file whose text was taken out of it: one line each, the first few of them."""
    found = [match[1] for match in _NOTE.finditer(text)]
    more = len(found) - MOST
    return (*found[:MOST], f"and {more} more of this kind") if more > 0 else tuple(found)


def is_note(text: str, start: int) -> bool:
    """Tell whether a line that says what was not read begins at an offset."""
    return text.startswith(_OPEN, start)
