"""
Find another sentence that gives another value for the same thing.

An answer that quotes one of two sentences that disagree misleads, however exact the quotation. Two statements are of
one thing where one of them says nothing but its value that the other does not say too: "Im Mai kostet die Überfahrt
49 Euro" and "Im Januar kostet die Überfahrt 29 Euro" each name a month, so that both hold.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index import cldr
from index.stems import stem, stop_words
from rag.context import points_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.types import EvidenceSentence

# The other sentence is at least this near to the question, as a share of the first one's nearness.
NEAR = 0.75
_YEARS = range(1500, 2101)

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*(?![^\W\d_])|[^\W_]+(?:[-‐‑][^\W_]+)*|[$€£¥%]")
# A value's statement ends here; a comma inside a number is part of its token.
_SEAM = re.compile(r"[;:]\s|,\s|\s[–—]\s")


@dataclass(frozen=True, slots=True)
class OtherValue:
    """A sentence with another value, and where in its text that stands."""

    sentence: EvidenceSentence
    words: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Statement:
    """What a clause says besides its one value: ``kind`` is what the value counts."""

    value: str
    kind: str
    span: tuple[int, int]
    content: frozenset[str]
    names: frozenset[str]


def other_value(
    source: EvidenceSentence, words: Sequence[tuple[int, int]], evidence: Sequence[EvidenceSentence]
) -> OtherValue | None:
    """
    Return the nearest evidence sentence that gives another value for what an answer says.

    Parameters
    ----------
    source
        The sentence that answers.
    words
        The words in it that answer; without a number among them there is nothing to compare.
    evidence
        Everything found, the source included.

    """
    ours = [
        one
        for one in _statements(source.text)
        if any(start < one.span[1] and one.span[0] < end for start, end in words)
    ]
    if len(ours) != 1 or points_back(source.text):
        return None
    for other in sorted(evidence, key=lambda one: (-one.score, one.path, one.start)):
        if other.score < NEAR * source.score or (other.path, other.start) == (source.path, source.start):
            continue
        if points_back(other.text):
            continue
        theirs = _statements(other.text)
        if any(one.kind == ours[0].kind and one.value == ours[0].value for one in theirs):
            continue
        for one in theirs:
            if one.kind == ours[0].kind and _same_thing(one, ours[0]):
                return OtherValue(other, (one.span,))
    return None


def _same_thing(one: _Statement, other: _Statement) -> bool:
    smaller, larger = sorted((one, other), key=lambda statement: len(statement.content))
    return len(smaller.content) > 1 and smaller.content <= larger.content and larger.names <= smaller.content


def _statements(text: str) -> list[_Statement]:
    """Return the clauses of a sentence that have exactly one value."""
    found: list[_Statement] = []
    begin = 0
    for end in [*(match.start() for match in _SEAM.finditer(text)), len(text)]:
        statement = _statement(text, begin, end)
        if statement is not None:
            found.append(statement)
        begin = end
    return found


def _statement(text: str, begin: int, end: int) -> _Statement | None:
    tokens = list(_TOKEN.finditer(text, begin, end))
    values = [i for i, token in enumerate(tokens) if token.group()[0].isdigit() and not _is_year(token.group())]
    if len(values) != 1:
        return None
    first = last = values[0]
    scales, currencies = _scales(), _currencies()
    while last + 1 < len(tokens) and tokens[last + 1].group().casefold() in scales:
        last += 1
    unit = tokens[last + 1].group() if last + 1 < len(tokens) else ""
    before = tokens[first - 1].group() if first else ""
    if unit.casefold() in currencies or before.casefold() in currencies:
        kind = "money"
    elif unit[:1].isupper() or unit == "%":
        kind = stem(unit.casefold())
    else:
        return None
    if unit.casefold() in currencies or kind != "money":
        last += 1
    if before.casefold() in currencies:
        first -= 1
    rest = [token for i, token in enumerate(tokens) if not first <= i <= last]
    kept = [(token.group(), token.start()) for token in rest if token.group().casefold() not in stop_words()]
    content = frozenset(stem(word.casefold()) for word, _ in kept)
    # The first word of a sentence has a capital whatever it is ("Rund").
    names = frozenset(stem(word.casefold()) for word, at in kept if (at and word[0].isupper()) or word[0].isdigit())
    value = " ".join(token.group().casefold() for token in tokens[first : last + 1])
    return _Statement(value, kind, (tokens[first].start(), tokens[last].end()), content, names)


def _is_year(token: str) -> bool:
    return token.isdigit() and int(token) in _YEARS


@functools.cache
def _scales() -> frozenset[str]:
    return frozenset(word.casefold() for word in cldr.scales())


@functools.cache
def _currencies() -> frozenset[str]:
    """Return the last words of currencies' names, their codes and their signs, casefolded: "Dollar", "USD", "$"."""
    named = (re.split(r"[\s-]", name)[-1] for name in cldr.currencies().values())
    return frozenset(word.casefold() for word in (*named, *cldr.currencies().values(), *cldr.currencies()))
