"""Recognise table rows that people type as lines of text with bars between the cells."""

from __future__ import annotations

import re

_BAR = "|"
# If a sentence ends within the line, it is ordinary text that contains bars.
_SENTENCE_END = re.compile(r"[.!?]\s+[A-ZÄÖÜ]")


def is_row(text: str) -> bool:
    """Tell whether a line is a table row: cells separated by bars."""
    if text.startswith(_BAR):
        return True
    return f" {_BAR} " in text and "\n" not in text and _SENTENCE_END.search(text) is None
