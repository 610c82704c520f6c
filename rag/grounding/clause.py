"""
Cut a long sentence to its first statements, if nothing of their meaning is lost.

A sentence is shown whole unless it is long. It is cut only before a semicolon, and only what follows is left out: what
stands before may hold for the whole sentence, such as a condition, a denial or who says it. It is not cut at commas,
which divide what belongs together.
"""

from __future__ import annotations

import re

from rag.grounding.pointing import points_back
from rag.limits import LONGEST_SENTENCE

# A sentence of at most this many words is shown whole.
SHORT = 25
ELLIPSIS = "…"

_SEMICOLON = re.compile(r"(?<=\w[\w)])\s*;\s+")
# After a colon or inside quotation marks, statements are somebody's, or parts of a list.
_HOLDING = re.compile(r"[:\"“”„«»‚‘]")
# Full stops and closing marks at the end of a sentence do not count as words left out.
_NO_WORDS = re.compile(r"[\W_]*")


def clause(text: str, end: int) -> tuple[int, int]:
    """
    Return the part of a sentence to show.

    Parameters
    ----------
    text
        The sentence.
    end
        Where the words that answer end.

    Returns
    -------
    Offsets of the whole sentence, or of its beginning up to the semicolon after the words. What follows is kept if it
    points back.

    """
    ends = [end_ for _, end_ in statements(text)]
    begins = [begin for begin, _ in statements(text)]
    last = min(i for i, stop in enumerate(ends) if stop >= end)
    while last + 1 < len(ends) and points_back(text[begins[last + 1] : ends[last + 1]]):
        last += 1
    return 0, ends[last]


def statements(text: str) -> list[tuple[int, int]]:
    """Return the ranges of a sentence that are statements of their own; the whole sentence if it is short."""
    # Each clause is compared with the whole, so that a sentence of thousands of clauses would take very long.
    if len(text) > LONGEST_SENTENCE or len(text.split()) <= SHORT or _HOLDING.search(text):
        return [(0, len(text))]
    seams = [match.span() for match in _SEMICOLON.finditer(text)]
    begins, ends = [0, *(right for _, right in seams)], [*(left for left, _ in seams), len(text)]
    return list(zip(begins, ends, strict=True))


def marked_cuts(text: str, start: int, end: int) -> str:
    """Return ``text[start:end]`` with an ellipsis on each side where words were left out."""
    before = "" if _NO_WORDS.fullmatch(text, 0, start) else f"{ELLIPSIS} "
    after = "" if _NO_WORDS.fullmatch(text, end, len(text)) else f" {ELLIPSIS}"
    return f"{before}{text[start:end]}{after}"
