"""Separate the footnotes of a page from its text, which continues on the next page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.reading.extraction.pdf.types import Line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.reading.extraction.pdf.types import Block, Rule

_MARK = re.compile(r"(?:\[?(\d{1,3}|[*†‡§]{1,3}|[a-z])\]?[).]?)\s+(?=\S)|(\d{1,3})(?=[„“\"]?[A-ZÄÖÜ][a-zäöüß])")
_SMALL = 0.93  # times the size of the text
_LOWEST_PART = 0.6  # of a page's height: footnotes are below it


def parted(blocks: Sequence[Block], body: float, rules: Sequence[Rule]) -> tuple[list[Block], list[Line]]:
    """
    Return the blocks of a page without its footnotes, and the lines of the footnotes.

    Parameters
    ----------
    blocks
        The blocks in reading order.
    body
        The size of the text.
    rules
        The straight lines of the page.

    """
    bases = [block.base for block in blocks if isinstance(block, Line)]
    height = min(bases, default=0.0), max(bases, default=0.0)
    text: list[Block] = []
    notes: list[Line] = []
    column: list[Line] = []

    def close() -> None:
        begin = _begin(column, body, rules, height)
        text.extend(column[:begin])
        notes.extend(column[begin:])
        column.clear()

    for block in blocks:
        if not isinstance(block, Line):
            close()
            text.append(block)
            continue
        if column and column[-1].flow != block.flow:
            close()
        column.append(block)
    close()
    return text, notes


def mark_of(line: Line) -> str:
    """Return the mark that a footnote begins with, empty if it has none."""
    found = _MARK.match(line.text)
    return found[1] or found[2] or "" if found else ""


def _begin(column: Sequence[Line], body: float, rules: Sequence[Rule], height: tuple[float, float]) -> int:
    """Return the number of the line of a column with which its footnotes begin."""
    lowest, highest = height
    most = lowest + _LOWEST_PART * (highest - lowest)
    begin = len(column)
    while begin > 0 and column[begin - 1].size <= _SMALL * body and column[begin - 1].base <= most:
        begin -= 1
    # Small print that is not a note may be above the first note.
    for place in range(begin, len(column)):
        if _MARK.match(column[place].text) and (place > 0 or len(column) < 12):
            return place
    for place in range(1, len(column)):
        line = column[place]
        if line.base <= most and _MARK.match(line.text) and _ruled_off(column[place - 1], line, rules):
            return place
    return len(column)


def _ruled_off(above: Line, line: Line, rules: Sequence[Rule]) -> bool:
    """Tell whether a short line is drawn from the left margin between two lines of text."""
    return any(
        rule.level
        and line.base + 0.5 * line.size < rule.bottom < above.base
        and abs(rule.left - line.left) <= 3 * line.size
        and 20 <= rule.right - rule.left <= 250
        for rule in rules
    )
