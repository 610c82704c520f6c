"""Join lines: tell which hyphen at the end of a line divides a word, and which belongs to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.text import locale

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

# French, which such files quote, has no word lists of its own.
_AND = re.compile(rf"(?:{locale.alternatives('files.hyphen_before')}|et|ou)\b")
_LAST = re.compile(r"[^\W_]+(?:[-‐][^\W_]+)*[-‐]$")
_FIRST = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S*[/.?=&_-]$")
SOFT = "\u00ad"


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """Return the words of a file in lower case, with their hyphens: they show which words were divided."""
    return frozenset(word.lower().replace("‐", "-") for text in texts for word in _WORD.findall(text))


def seam(text: str, piece: str, words: Collection[str] = ()) -> str:
    """
    Return a line in the form to which the next one can be appended.

    Parameters
    ----------
    text
        The line, or all text up to its end.
    piece
        The next line.
    words
        Words found elsewhere in the file, see `words_of`.

    """
    if text.endswith(SOFT):
        return text.rstrip(SOFT)
    tail = text[-80:]
    if _ADDRESS.search(tail) and not piece[0].isupper():
        return text
    if tail.endswith(("–", "/")) and tail[-2:-1].isdigit() and piece[0].isdigit():
        return text
    if tail.endswith("/") and tail[-2:-1].isalpha() and piece[0].isalpha():
        return text
    last = _LAST.search(tail)
    if last is None:
        return text + " "
    if _AND.match(piece):  # "Hard-" and "und Software"
        return text + " "
    return text[:-1] if _parts_a_word(last[0], piece, words) else text


def _parts_a_word(last: str, piece: str, words: Collection[str]) -> bool:
    """Tell whether a hyphen at the end of a line is there only because the line ends."""
    following = _FIRST.match(piece)
    if following is None:
        return False
    stem = last[:-1].replace("‐", "-")
    whole, kept = (stem + following[0]).lower(), f"{stem}-{following[0]}".lower()
    if whole in words and kept not in words:
        return True
    if kept in words and whole not in words:
        return False
    part = re.split("[-‐]", stem)[-1]
    if not part.isalpha() or not following[0][0].islower():
        return False
    # "KI-gestützt", "E-mobil": after capitals the hyphen belongs to the word.
    return not part.isupper()


def joined(lines: Iterable[str], words: Collection[str] = ()) -> str:
    """Join lines into one."""
    pieces: list[str] = []
    for line in lines:
        if line and pieces:
            pieces[-1] = seam(pieces[-1], line, words)
        if line:
            pieces.append(line)
    return "".join(pieces).replace(SOFT, "")
