"""The form of a question as numbers: words, endings and their order, hashed into a fixed number of columns."""

from __future__ import annotations

import itertools
import re
import zlib
from typing import TYPE_CHECKING

import numpy as np

from index.text.spelling import comparable
from rag.limits import LONGEST_QUESTION

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS = 8192
_TOKEN = re.compile(r"\w+|[^\w\s]")
_BEGIN, _END = "<s>", "</s>"
_MOST_TOKENS = 10  # a question longer than that is long


def tokens(question: str) -> list[str]:
    """Return the words and punctuation marks of a question as they are written."""
    return _TOKEN.findall(comparable(question[:LONGEST_QUESTION]))


def columns(question: str, frequent: frozenset[str]) -> NDArray[np.int64]:
    """
    Return the columns that a question sets, in ascending order.

    Parameters
    ----------
    question
        What was asked.
    frequent
        Casefolded words that count as themselves. Of all others only the form counts, so that the subject of a question
        influences its kind little.

    Returns
    -------
    NDArray[np.int64]
        Distinct columns from 0 to ``COLUMNS - 1``.

    """
    written = tokens(question)
    words = [token.casefold() for token in written]
    found = [*_sequences(written, words, frequent), *_pieces(words), *_endings(words, frequent)]
    return np.array(sorted({zlib.crc32(name.encode()) % COLUMNS for name in found}), dtype=np.int64)


def _sequences(written: list[str], words: list[str], frequent: frozenset[str]) -> list[str]:
    """Return runs of up to four words, the rare ones reduced to their shape, and pairs of words as they are."""
    shapes = [
        word if word in frequent else _shape(token, first=not place)
        for place, (token, word) in enumerate(zip(written, words, strict=True))
    ]
    line, whole = [_BEGIN, *shapes, _END], [_BEGIN, *words, _END]
    found = ["w" + word for word in words if word in frequent]
    found += ["b" + " ".join(pair) for pair in itertools.pairwise(line)]
    found += ["B" + " ".join(pair) for pair in itertools.pairwise(whole)]
    found += ["t" + " ".join(three) for three in zip(line, line[1:], line[2:], strict=False)]
    return found + ["p" + " ".join(line[:length]) for length in (2, 3, 4)]


def _pieces(words: list[str]) -> list[str]:
    """Return the runs of three and four characters of each word."""
    framed = [f"^{word}$" for word in words]
    return [
        "c" + word[start : start + length]
        for word in framed
        for length in (3, 4)
        for start in range(len(word) - length + 1)
    ]


def _endings(words: list[str], frequent: frozenset[str]) -> list[str]:
    """Return the endings of the first words, and of rare words after the word before: they show number and person."""
    found = [f"{place}s{word[-size:]}" for place, word in enumerate(words[:2]) for size in (1, 2)]
    for before, word in zip([_BEGIN, *words], [*words, _END], strict=True):
        if word not in frequent:
            found += [f"z{before} {word[-2:]}", f"y{before} {word[-1:]}"]
    return [*found, f"l{min(len(words), _MOST_TOKENS)}"]


def _shape(token: str, *, first: bool) -> str:
    if token[0].isdigit():
        return "0"
    # The first word has a capital because of its place.
    return "N" if token[0].isupper() and not first else "x"
