"""
Say how likely the evidence answers the question at all.

The probability weighs cheap signals against each other, among them the model's own yes or no; its weights were fitted
by `bench/fitting/fit_answerability.py`. No rule rejects a question: none that was tried could tell "not in the sources"
from "in other words".
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from index.storage.lexical import words
from index.text.stems import stem, stop_words
from rag.grounding.anchoring import same
from rag.limits import MOST_COMPARED
from rag.retrieval.evidence import READ

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.types import EvidenceSentence

# The lead of the best sentence is measured against this one, counted from 0.
_BEHIND = 3
# Keeps the logarithm finite if the model says neither yes nor no.
_LEAST_SHARE = 1e-4

# Logistic regression in the order of `Signals`, both classes of equal weight, on 255 German questions of MLQA and
# GermanQuAD, a third of them with the sentence that answers taken out (`bench/fitting/fit_answerability.py`). Area
# under the curve on other questions: our own 70 0.95, NoMIRACL 0.83; without the draft's share 0.94 and 0.82. The
# negative weight, that of the coverage, is the telling one: if a sentence has all the words of the question and the
# model still hesitates, the answer is missing. A sixth signal, how much of what the question names is missing from the
# place, was tried and told nothing more.
_INTERCEPT = -1.84
_WEIGHTS = (0.51, 1.36, 3.97, -1.18, 0.69)
# Weight of the small reader's log odds that anything answers, added to the signals. On XQuAD, with and without the
# sentence that answers, the area grows from 0.80 to 0.83, on NoMIRACL from 0.83 to 0.84; on our own questions it falls
# from 0.95 to 0.94. Fitted on MLQA and GermanQuAD they weigh five times as much, and the area on our own is then 0.86.
_READER_WEIGHT = 0.1
_READER_MEAN = 2.0
# For a closed question the model's yes or no may be its answer to the question itself, so it says less. Fitted on 170
# such questions that the reader is not sure of (docs/kinds.md); nearly half of them have no answer and were written to
# be near to the articles. The intercept is such that a strictness of 0.6 requires what is likelier than not among them.
_CLOSED_INTERCEPT = -0.51
_CLOSED_CONFIRMATION = 0.592
_CLOSED_READER = 0.532
# The probability that a strictness of 1 requires.
_HIGHEST = 0.6


@dataclass(frozen=True, slots=True)
class Signals:
    """
    What speaks for and against an answer, each from 0 to 1 except the first.

    Parameters
    ----------
    confirmation
        Log-odds of the model's yes against its no, when asked whether the nearest sentences hold the answer.
    nearness
        Score of the best evidence sentence.
    lead
        By how much it leads the fourth best, or the last if there are fewer.
    coverage
        Share of the question's content words that the sentence with most of them has.
    share
        Share of the draft's own words that the place it points at holds.

    """

    confirmation: float
    nearness: float
    lead: float
    coverage: float
    share: float


def signals(
    question: str, evidence: Sequence[EvidenceSentence], *, confirmation: tuple[float, float], share: float
) -> Signals:
    """
    Gather the signals that the probability is computed from.

    Parameters
    ----------
    question
        The question as it was searched for.
    evidence
        The sentences that were found.
    confirmation
        The model's probabilities of yes and of no.
    share
        Share of the draft's own words that the place it points at holds, 0 to 1.

    """
    yes, no = confirmation
    nearness, lead, coverage = signals_of_search(question, evidence)
    return Signals(math.log((yes + _LEAST_SHARE) / (no + _LEAST_SHARE)), nearness, lead, coverage, share)


def signals_of_search(question: str, evidence: Sequence[EvidenceSentence]) -> tuple[float, float, float]:
    """Return nearness, lead and coverage as in `Signals`: the signals that need no language model."""
    scores = sorted((sentence.score for sentence in evidence), reverse=True)
    if not scores:
        return 0.0, 0.0, 0.0
    return scores[0], scores[0] - scores[min(_BEHIND, len(scores) - 1)], _coverage(question, evidence)


def _coverage(question: str, evidence: Sequence[EvidenceSentence]) -> float:
    content = (stem(word) for word in words(question) if word not in stop_words() and not word.isdigit())
    asked = list(dict.fromkeys(content))[:MOST_COMPARED]
    if not asked:
        return 1.0
    shares = [0.0]
    for sentence in sorted(evidence, key=lambda sentence: -sentence.score)[:READ]:
        held = {stem(word) for word in words(sentence.text)}
        shares.append(sum(any(same(term, other) for other in held) for term in asked) / len(asked))
    return max(shares)


def probability(found: Signals, answers: float | None = None) -> float:
    """
    Return how likely the evidence answers the question, if one of two questions can be answered.

    Parameters
    ----------
    found
        What speaks for and against it.
    answers
        The small reader's log odds that anything answers; None if it has not read.

    """
    score = _INTERCEPT + sum(weight * value for weight, value in zip(_WEIGHTS, astuple(found), strict=True))
    if answers is not None:
        score += _READER_WEIGHT * (answers - _READER_MEAN)
    return 1 / (1 + math.exp(-score))


def probability_of_closed(confirmation: float, answers: float) -> float:
    """
    Return how likely the evidence answers a closed question.

    Parameters
    ----------
    confirmation
        Log odds of the model's yes, see `Signals`.
    answers
        The small reader's log odds that anything answers.

    """
    score = _CLOSED_INTERCEPT + _CLOSED_CONFIRMATION * confirmation + _CLOSED_READER * answers
    return 1 / (1 + math.exp(-score))


def needed(strictness: float) -> float:
    """Return the least probability that a strictness requires of an answer: 0.3 at 0.5."""
    return _HIGHEST * strictness
