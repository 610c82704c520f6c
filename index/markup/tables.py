"""Rows of tables that people type as lines of a text, their cells parted by bars."""

from __future__ import annotations

import re

_BAR = "|"
# A sentence that ends within the line makes it a text that has bars in it.
_SENTENCE_END = re.compile(r"[.!?]\s+[A-ZÄÖÜ]")


def is_row(text: str) -> bool:
    """Tell whether a line is the row of a table: cells parted by bars."""
    if text.startswith(_BAR):
        return True
    return f" {_BAR} " in text and "\n" not in text and _SENTENCE_END.search(text) is None
