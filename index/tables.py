"""Rows of tables, as Markdown writes them and as they are taken out of web pages and Word files."""

from __future__ import annotations

_BAR = "|"


def is_row(text: str) -> bool:
    """Tell whether a line is the row of a table: cells parted by bars."""
    return text.startswith(_BAR) or f" {_BAR} " in text
