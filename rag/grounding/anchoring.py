"""
Find the place in the sources that a draft of the model points at.

A small model is good at finding an answer and bad at wording it, so its words are never shown. They are looked for in
the sentences it read, and the sentence that holds them is shown: hedges, negations and directions are then the source's
own. If words and retrieval point at different sentences, a probability decides.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.text.locale import alternatives
from index.text.numerals import digits, spelled_out
from index.text.spelling import comparable, folded
from index.text.stems import stem, stop_words
from rag.grounding.clause import clause
from rag.limits import MOST_COMPARED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rag.types import EvidenceSentence

# Words that answer are emphasised unless they are nearly all of the sentence.
_MOST_EMPHASISED = 0.6
# Weights of the share of the draft's words that a sentence holds, and of its nearness to the question, both from 0 to
# 1: a conditional logistic regression on 135 German questions (`bench/fitting/fit_place.py`).
_SHARE_WEIGHT = 2.0
_NEARNESS_WEIGHT = 13.0
# Weight of the share beside the small reader's odds: between 2 and 4, 20 or 21 of our own 25 questions that the reader
# is unsure of get the right sentence (19 by nearness and draft, 20 by the reader alone).
_SHARE_BESIDE_READER = 3.0
# A second sentence is shown if it holds the words that the first lacks, these are at least `_LEAST_REST`, the draft has
# at most `_MOST_NAMED`, and the second scores at most `_FARTHEST` below the nearest.
_LEAST_REST = 2
_MOST_NAMED = 8
_FARTHEST = 0.25
# A sentence at least this likely by its nearness alone is shown before the model has written anything: of 99 questions
# of XQuAD 57 have one, and all 57 drafts point at it; of our own 48 questions 22 have one, and 20 drafts point at it.
_SURE = 0.6

# In decomposed text combining marks belong to their letter, and a soft hyphen stands within a word.
_TOKEN = re.compile(r"[\w\u0300-\u036f][\w\u0300-\u036f\u00ad\u200b-\u200d\u2060]*(?:[.,]\d+)*", re.UNICODE)
# What belongs to the word at the edge of an emphasis but is not a word: a sign, or the rest of a hyphenated word.
_BEFORE = re.compile(r"(?:[\w\u0300-\u036f]+[-‐‑])+$|[−+$€¥-]\s?$")
_AFTER = re.compile(r"(?:[-‐‑][\w\u0300-\u036f]+)+|\s?[%‰€$]")
_LONGEST_EDGE = 60
# More words of a sentence that match those of a draft tell nothing more, and take time with the square of their number.
_MOST_MATCHES = 100
# "Ja, der Ascend 910C": "Ja" answers what was asked, and does not say where the answer stands.
_VERDICT = re.compile(rf"\W*{alternatives('grammar.verdicts')}\b[\s,.:;!–-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Anchor:
    """
    Where a draft stands in the evidence.

    Parameters
    ----------
    sentence
        Index of the evidence sentence.
    start, end
        The part of it that is shown, as offsets into the sentence's text.
    share
        Share of the draft's own content words that the sentence, or what it points back to, holds.
    words
        The words that answer, as ranges of the sentence's text, in order.

    """

    sentence: int
    start: int
    end: int
    share: float
    words: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    stem: str
    function: bool


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The shortest part of a text with as many of the wanted words as possible; ``tokens`` are those that match."""

    tokens: tuple[_Token, ...] = ()
    held: frozenset[str] = frozenset()


def anchor(
    draft: str,
    evidence: Sequence[EvidenceSentence],
    *,
    question: str,
    contexts: Sequence[Sequence[EvidenceSentence]] = (),
    odds: Sequence[float] = (),
) -> Anchor | None:
    """
    Find the sentence that a draft was taken from.

    Parameters
    ----------
    draft
        What the model wrote, or the beginning of it.
    evidence
        The sentences it was written from.
    question
        What was asked. Its words say nothing about where the answer stands, unless the draft has no others.
    contexts
        For each evidence sentence, those that are shown before it: the words that answer may stand there, and the
        sentence counts as near to the question as they are.
    odds
        The small reader's log odds of each sentence, used in place of its nearness.

    Returns
    -------
    The sentence that holds most of the draft's words and is nearest to the question, both weighed together; None if
    there is no evidence.

    """
    return _best(_wanted(draft, question), evidence, contexts or [()] * len(evidence), odds)


def anchored(sentence: int, text: str, start: int, end: int) -> Anchor:
    """
    Return the place of words that are known to answer.

    Parameters
    ----------
    sentence
        Index of the evidence sentence.
    text
        Its text.
    start, end
        The words, as offsets into it.

    """
    if start < end:  # a token may end within a word
        touched = [token for token in _tokens(text) if token.start < end and start < token.end]
        start = min([start, *(one.start for one in touched)])
        end = max([end, *(one.end for one in touched)])
    words = _emphasis(text, _Stretch((_Token(start, end, "", function=False),))) if start < end else ()
    shown = clause(text, end if start < end else len(text))
    return Anchor(sentence, *shown, 1.0, words)


def foreseen(
    evidence: Sequence[EvidenceSentence], contexts: Sequence[Sequence[EvidenceSentence]] = ()
) -> Anchor | None:
    """
    Find the sentence that is so much nearer to the question than all others that a draft will hardly point elsewhere.

    Parameters
    ----------
    evidence
        The sentences that the draft will be written from.
    contexts
        As in `anchor`.

    Returns
    -------
    The place of that sentence; None if no sentence stands out.

    """
    contexts = contexts or [()] * len(evidence)
    odds = [math.exp(weight) for weight in _nearness_of_all(evidence, contexts)]
    return _best([], evidence, contexts) if odds and max(odds) >= _SURE * sum(odds) else None


def second_place(
    draft: str,
    first: Anchor,
    evidence: Sequence[EvidenceSentence],
    *,
    question: str,
    contexts: Sequence[Sequence[EvidenceSentence]] = (),
) -> Anchor | None:
    """
    Find the sentence that holds what the first place and its context lack of a draft that names few things.

    Returns
    -------
    Its place; None if too little is lacking, no other sentence holds all of it, or that one is far from the question.

    """
    wanted = _wanted(draft, question)
    shown = [evidence[first.sentence], *(contexts[first.sentence] if contexts else ())]
    held = frozenset().union(*(_stretch(one.text, wanted).held for one in shown))
    rest = [word for word in wanted if word not in held]
    if not held or len(rest) < _LEAST_REST or len(wanted) > _MOST_NAMED:
        return None
    found = _best(rest, evidence, [()] * len(evidence))
    if found is None or found.share < 1:
        return None
    sentence = evidence[found.sentence]
    if any((one.path, one.start) == (sentence.path, sentence.start) for one in shown):
        return None
    return found if max(one.score for one in evidence) - sentence.score <= _FARTHEST else None


def _best(
    wanted: Sequence[str],
    evidence: Sequence[EvidenceSentence],
    contexts: Sequence[Sequence[EvidenceSentence]],
    odds: Sequence[float] = (),
) -> Anchor | None:
    share_weight = _SHARE_BESIDE_READER if odds else _SHARE_WEIGHT
    weights = odds or _nearness_of_all(evidence, contexts)
    best: tuple[float, int, float, _Stretch] | None = None
    for number, (sentence, context) in enumerate(zip(evidence, contexts, strict=True)):
        stretch = _stretch(sentence.text, wanted)
        held = stretch.held.union(*(_stretch(one.text, wanted).held for one in context))
        share = len(held) / len(wanted) if wanted else 0.0
        weight = share_weight * share + weights[number]
        if best is None or weight > best[0]:
            best = weight, number, share, stretch
    if best is None:
        return None
    _, number, share, stretch = best
    text = evidence[number].text
    words = _emphasis(text, stretch)
    start, end = clause(text, words[-1][1] if words else len(text))
    return Anchor(number, start, end, share, words)


def _nearness_of_all(
    evidence: Sequence[EvidenceSentence], contexts: Sequence[Sequence[EvidenceSentence]]
) -> list[float]:
    """Return the weighted nearness of each sentence to the question."""
    scores = {(one.path, one.start): one.score for one in evidence}
    return [_NEARNESS_WEIGHT * _nearness(one, context, scores) for one, context in zip(evidence, contexts, strict=True)]


def _nearness(
    sentence: EvidenceSentence, context: Sequence[EvidenceSentence], scores: Mapping[tuple[str, int], float]
) -> float:
    """Return the greatest score of a sentence and of those shown before it."""
    return max(sentence.score, *(scores.get((one.path, one.start), 0.0) for one in context), 0.0)


def settled_beginning(draft: str, question: str) -> str:
    """
    Return the beginning of an unfinished draft that later pieces cannot change: all but the word it ends in.

    It is empty until it has a content word that the question lacks: only such a word says where the answer stands.
    """
    begun = draft[: max((place for place, sign in enumerate(draft) if sign.isspace()), default=-1) + 1]
    asked = {token.stem for token in _tokens(question)}
    return begun if any(not one.function and one.stem not in asked for one in _tokens(begun)) else ""


def words_that_answer(draft: str, text: str, *, question: str) -> tuple[tuple[int, int], ...]:
    """Return where a text holds the words of a draft, as ranges in order; none if they are nearly all of the text."""
    return _emphasis(text, _stretch(text, _wanted(draft, question)))


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        word = folded(comparable(match.group()))
        # "Vier" and "4", "1.000" and "1000" are the same number.
        number = digits(word) if word[:1].isdigit() else spelled_out(word)
        yield _Token(match.start(), match.end(), number or stem(word), not number and word in stop_words())


def _wanted(draft: str, question: str) -> list[str]:
    asked = {token.stem for token in _tokens(question)}
    said = list(_tokens(_VERDICT.sub("", draft, count=1) if _VERDICT.match(draft) else draft))
    wanted = [token.stem for token in said if not token.function] or [token.stem for token in said]
    own = list(dict.fromkeys(word for word in wanted if word not in asked)) or list(dict.fromkeys(wanted))
    return own[:MOST_COMPARED]


def _stretch(text: str, wanted: Sequence[str]) -> _Stretch:
    tokens = list(_tokens(text))
    matches = [(i, frozenset(word for word in wanted if same(word, token.stem))) for i, token in enumerate(tokens)]
    matches = [(i, found) for i, found in matches if found][:_MOST_MATCHES]
    best: tuple[tuple[int, int, int], int, int] | None = None
    for first in range(len(matches)):
        held: set[str] = set()
        for last in range(first, len(matches)):
            held |= matches[last][1]
            key = len(held), matches[first][0] - matches[last][0], -first
            if best is None or key > best[0]:
                best = key, first, last
    if best is None:
        return _Stretch()
    inside = matches[best[1] : best[2] + 1]
    return _Stretch(tuple(tokens[i] for i, _ in inside), frozenset().union(*(found for _, found in inside)))


def same(term: str, other: str) -> bool:
    """Tell whether two stems are equal or one stands in the other."""
    # German has compounds: "Chip" stands in "Chipproduktion", and so does "Produktion".
    return (
        term == other
        or (len(term) >= 4 and term in other)
        or (len(other) >= 5 and other in term and len(other) * 2 >= len(term))
    )


def _emphasis(text: str, stretch: _Stretch) -> tuple[tuple[int, int], ...]:
    """Return the ranges of matching words; function words between two of them join them to one range."""
    ranges: list[tuple[int, int]] = []
    for token in stretch.tokens:
        start, end = _with_signs(text, token.start, token.end)
        if ranges and _only_function_words(text[ranges[-1][1] : start]):
            ranges[-1] = ranges[-1][0], max(end, ranges[-1][1])
        else:
            ranges.append((start, end))
    emphasised = sum(end - start for start, end in ranges)
    return tuple(ranges) if emphasised <= _MOST_EMPHASISED * len(text) else ()


def _only_function_words(between: str) -> bool:
    return not any(mark in between for mark in ".;:!?") and all(token.function for token in _tokens(between))


def _with_signs(text: str, start: int, end: int) -> tuple[int, int]:
    """Extend a range by a sign or the rest of a hyphenated word at either edge."""
    if (sign := _BEFORE.search(text, max(0, start - _LONGEST_EDGE), start)) is not None:
        start = sign.start()
    if (sign := _AFTER.match(text, end)) is not None:
        end = sign.end()
    return start, end
