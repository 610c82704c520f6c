"""Rows of tables, as Markdown writes them and as they are taken out of web pages and Word files."""

from __future__ import annotations

import re

from index.types import Span

_BAR = "|"
# A sentence that ends within the line makes it a text that has bars in it.
_SENTENCE_END = re.compile(r"[.!?]\s+[A-ZÄÖÜ]")
# The line below the one that names a table's columns.
_DELIMITERS = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*(?:\r\n?|\n)")
_MARKS = " \t>"
_MOST_ROWS = 500
_LONGEST_ROW = 2_000


def is_row(text: str) -> bool:
    """Tell whether a line is the row of a table: cells parted by bars."""
    if text.startswith(_BAR):
        return True
    return f" {_BAR} " in text and "\n" not in text and _SENTENCE_END.search(text) is None


def header_above(text: str, start: int) -> Span | None:
    """
    Find the row that names the columns of a table in Markdown.

    Parameters
    ----------
    text
        A document's text.
    start
        Where one of the table's rows begins, or a part of one.

    Returns
    -------
    Span or None
        None where the row is that one itself, stands in no such table, or in one of more than some hundred rows.

    """
    line = _line_start(text, start)
    for _ in range(_MOST_ROWS):
        above = _line_start(text, line - 1) if line > 0 else -1
        if above < 0 or line - above > _LONGEST_ROW:
            return None
        if _DELIMITERS.fullmatch(text, above, line):
            return _row(text, _line_start(text, above - 1), above) if above > 0 else None
        if _BAR not in text[above:line]:
            return None
        line = above
    return None


def _line_start(text: str, place: int) -> int:
    """Return where the line begins that a place is in; a line end belongs to the line before it."""
    if text.startswith("\n", place) and text.startswith("\r", place - 1):
        place -= 1
    return max(text.rfind("\n", 0, place), text.rfind("\r", 0, place)) + 1


def _row(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start] in _MARKS:
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if _BAR in text[start:end] else None
