"""
Find another sentence that gives another value for the same thing.

An answer that quotes only one of two sentences that disagree misleads, however exact the quotation. Two statements are
taken to be about the same thing only if they say the same except for the value: "Im Mai kostet die Überfahrt 49 Euro"
and "Im Januar kostet die Überfahrt 29 Euro" each name a month, so that both hold.
"""

from __future__ import annotations

import functools
import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.text import cldr, locale
from index.text.numerals import digits, times
from index.text.stems import stem, stop_words
from rag.grounding.pointing import is_noun, points_back, tokens_of
from rag.limits import MOST_COMPARED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rag.types import EvidenceSentence

# The other sentence is at least this near to the question, as a share of the first one's nearness.
NEAR = 0.75
_YEARS = range(1500, 2101)
_MONEY = "money"

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*(?![^\W\d_])|[^\W_]+(?:[-‐‑][^\W_]+)*|[$€£¥%]")
# A value's statement ends here; a comma inside a number is part of its token.
_SEAM = re.compile(r"[;:]\s|,\s|\s[–—]\s")
# With one of these a value stands for others as well: "mehr als 100" does not contradict "120".
_MODIFIER = re.compile(rf"\b{locale.alternatives('numbers.modifiers')}\b", re.IGNORECASE)
# A modifier stands at most this many characters before its value.
_NEARBY = 20
_PERCENT = frozenset({"%", *locale.texts("numbers.percent")})


@dataclass(frozen=True, slots=True)
class OtherValue:
    """A sentence with another value, and where in its text the value stands."""

    sentence: EvidenceSentence
    words: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Statement:
    """
    What a clause says besides its one value.

    ``kind`` is what the value counts, ``unit`` the name of the currency or unit, ``value`` a number in figures.
    """

    value: str
    unit: str
    kind: str
    span: tuple[int, int]
    content: frozenset[str]
    modified: bool


def other_value(
    source: EvidenceSentence,
    words: Sequence[tuple[int, int]],
    evidence: Sequence[EvidenceSentence],
    *,
    question: str,
    texts: Mapping[str, str],
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
        All sentences that were found, including the source.
    question
        The question; what it asks about by name must be in both documents, or in neither.
    texts
        The documents of the evidence, by path.

    """
    folded: dict[str, str] = {}  # each once: a document may have many sentences near the question
    statements = [one for one in _statements(source.text) if _overlaps(one.span, words)]
    if len(statements) != 1 or points_back(source.text):
        return None
    ours = statements[0]
    for other in sorted(evidence, key=lambda one: (-one.score, one.path, one.start)):
        if other.score < NEAR * source.score or (other.path, other.start) == (source.path, source.start):
            continue
        if points_back(other.text) or not _same_subject(question, source.path, other.path, texts, folded):
            continue
        theirs = _statements(other.text)
        if any((one.value, one.unit) == (ours.value, ours.unit) for one in theirs):
            continue
        for one in theirs:
            if _differs(one, ours):
                return OtherValue(other, (one.span,))
    return None


def _overlaps(span: tuple[int, int], words: Sequence[tuple[int, int]]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in words)


def _same_subject(question: str, one: str, other: str, texts: Mapping[str, str], folded: dict[str, str]) -> bool:
    if one == other:
        return True
    for path in (one, other):
        if path not in folded:
            folded[path] = texts[path].casefold()
    tokens = enumerate(tokens_of(question))
    names = dict.fromkeys(token.casefold() for place, token in tokens if place and is_noun(token, place))
    known = itertools.islice(names, MOST_COMPARED)
    return all((name in folded[one]) == (name in folded[other]) for name in known)


def _differs(one: _Statement, other: _Statement) -> bool:
    said, also_said = one.content - _hedges(), other.content - _hedges()
    if one.kind != other.kind or not said or said != also_said:
        return False
    # "560 Millionen US-Dollar" and "rund 4 Milliarden Yuan" are two figures, whether or not they are the same sum.
    return one.unit != other.unit or not (one.modified or other.modified)


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
    number, scales = digits(tokens[first].group()), _scales()
    while last + 1 < len(tokens) and (scale := scales.get(tokens[last + 1].group().casefold())):
        last += 1
        number = times(number, scale) or number
    unit = tokens[last + 1].group() if last + 1 < len(tokens) else ""
    before = tokens[first - 1].group() if first else ""
    if currency := _currency(unit):
        kind, last = _MONEY, last + 1
    elif currency := _currency(before):
        kind, first = _MONEY, first - 1
    elif unit[:1].isupper() or unit in _PERCENT:
        kind, last = "%" if unit in _PERCENT else stem(unit.casefold()), last + 1
        currency = kind
    else:
        return None
    rest = [token.group().casefold() for i, token in enumerate(tokens) if not first <= i <= last]
    content = frozenset(stem(word) for word in rest if word not in stop_words() and not _MODIFIER.fullmatch(word))
    span = tokens[first].start(), tokens[last].end()
    modified = _MODIFIER.search(text, max(begin, span[0] - _NEARBY), span[0]) is not None
    return _Statement(number, currency, kind, span, content, modified)


def _is_year(token: str) -> bool:
    # `int` takes neither "²" nor numbers of thousands of figures.
    return len(token) == 4 and token.isdecimal() and int(token) in _YEARS


def _currency(word: str) -> str:
    return _currencies().get(word.casefold(), "")


@functools.cache
def _hedges() -> frozenset[str]:
    """Return stems of the words that only one of two statements may have: they say how sure it is."""
    return frozenset(map(stem, locale.words("numbers.hedges")))


@functools.cache
def _scales() -> dict[str, int]:
    return {word.casefold(): scale for word, scale in cldr.scales().items()}


@functools.cache
def _currencies() -> dict[str, str]:
    """Return the name of a currency by its name, its last word, its code and its sign, casefolded."""
    last = {re.split(r"[\s-]", name)[-1].casefold(): name for name in cldr.currencies().values()}
    exact = {word.casefold(): name for code, name in cldr.currencies().items() for word in (code, name)}
    return last | exact
