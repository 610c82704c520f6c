"""
Cut a long sentence to the clause that answers, where nothing of its meaning is lost.

A sentence is shown whole unless it is long. It is cut at semicolons only: what stands on either side is a statement of
its own. Commas divide what belongs together: a condition, a hedge, whose statement it is.
"""

from __future__ import annotations

import re

from rag.context import SUBORDINATE, points_back

# A sentence of no more words is shown whole.
SHORT = 25
ELLIPSIS = "…"

_SEMICOLON = re.compile(r"(?<=\w[\w)\"“”»«’])\s*;\s+")
# A comma divides statements where a conjunction or a relative pronoun follows, not between a name and its apposition.
_SEAM = re.compile(
    r"[;:]\s|\s[(–—]|,\s(?=(?:und|oder|aber|doch|denn|sondern|der|die|das|dem|den|deren|dessen|wo|wie|was|and|or|but|who|"
    rf"which|that|{'|'.join(sorted(SUBORDINATE))})\b)"
)
_FIRST_WORD = re.compile(r"\W*(\w+)")
# Full stops and closing marks at the ends of a sentence are no words left out.
_NO_WORDS = re.compile(r"[\W_]*")


def clause(text: str, start: int, end: int) -> tuple[int, int]:
    """
    Return what to show of a sentence.

    Parameters
    ----------
    text
        The sentence.
    start, end
        The words that answer; they are kept.

    Returns
    -------
    Offsets of the whole sentence, or of the statements between semicolons that hold the words. A statement that
    points back is kept together with the one before it, and so is one that another points back to.

    """
    parts = statements(text)
    first = max(i for i, (begin, _) in enumerate(parts) if begin <= start)
    last = min(i for i, (_, stop) in enumerate(parts) if stop >= end)
    while first > 0 and _points_back(text, parts[first]):
        first -= 1
    while last + 1 < len(parts) and _points_back(text, parts[last + 1]):
        last += 1
    return parts[first][0], parts[last][1]


def statements(text: str) -> list[tuple[int, int]]:
    """Return the ranges of a sentence that are statements of their own; the whole where it is short."""
    if len(text.split()) <= SHORT:
        return [(0, len(text))]
    seams = [match.span() for match in _SEMICOLON.finditer(text)]
    begins, ends = [0, *(right for _, right in seams)], [*(left for left, _ in seams), len(text)]
    return list(zip(begins, ends, strict=True))


def _points_back(text: str, part: tuple[int, int]) -> bool:
    return points_back(text[slice(*part)])


def opening(text: str, needed: int) -> int:
    """
    Return where the first statement of a sentence ends that has its first ``needed`` characters.

    For a sentence that only names what the next one is about. One that begins with a subordinate clause is kept whole:
    its beginning says nothing alone.
    """
    first = _FIRST_WORD.match(text)
    if first is None or first.group(1).casefold() in SUBORDINATE:
        return len(text)
    seam = _SEAM.search(text, max(needed, first.end()))
    return seam.start() if seam else len(text)


def marked_cuts(text: str, start: int, end: int) -> str:
    """Return ``text[start:end]`` with an ellipsis on each side where words were left out."""
    before = "" if _NO_WORDS.fullmatch(text, 0, start) else f"{ELLIPSIS} "
    after = "" if _NO_WORDS.fullmatch(text, end, len(text)) else f" {ELLIPSIS}"
    return f"{before}{text[start:end]}{after}"
