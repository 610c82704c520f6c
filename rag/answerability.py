"""
Decide whether the evidence answers the question at all: first by rules, then by a calibrated probability.

The rules are certain and cost nothing: a question about a code name or a number that the sources do not have
cannot be answered from them. The probability weighs cheap signals against each other, the model's own first
word on the matter among them; its coefficients are fitted by `tests/bench/fit_answerability.py`.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from index.lexical import stem, words
from rag.attribution import claims, names_in, same
from rag.language import detect
from rag.quantities import quantities
from rag.question_type import expected, presupposed_event, satisfies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.reader import Index
    from rag.types import EvidenceSentence, Query

# Scores of the best evidence sentence, on the scale of `rag.evidence`.
LEAST_SCORE = 0.2
# Signals are taken from so many sentences, the nearest.
NEAREST = 3

# Logistic regression, see the module's docstring; in the order of `Signals`.
_INTERCEPT = 0.0
_WEIGHTS = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    What can be done with the evidence.

    Parameters
    ----------
    answerable
        Whether the language model is to be asked.
    reason
        Why not answerable, for logs and reports.

    """

    answerable: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Signals:
    """
    What speaks for and against an answer, each from 0 to 1 save the first.

    Parameters
    ----------
    confirmation
        Log-odds of the model's yes against its no, when asked whether the nearest sentences hold the answer.
    nearness
        Score of the best evidence sentence.
    lead
        By how much it leads the fourth.
    coverage
        Share of the question's content words, by their rarity, that the nearest sentences hold.
    focus
        The same for the best of them alone.
    unknown
        Share of the question's capitalised words that no document of the evidence holds.
    kind
        1 where one of the nearest sentences holds something of the kind that is asked for.

    """

    confirmation: float
    nearness: float
    lead: float
    coverage: float
    focus: float
    unknown: float
    kind: float


def judge(query: Query, evidence: Sequence[EvidenceSentence], index: Index, *, strictness: float) -> Judgement:
    """
    Judge by rules whether the evidence can hold the answer.

    A question about a code name or a number that none of the evidence's documents has rests on something
    the sources do not know ("Wie schnell ist der H300?"); so does a question for the reason of something
    they do not report.
    """
    best = max((sentence.score for sentence in evidence), default=0.0)
    if best < LEAST_SCORE * 2 * strictness:
        return Judgement(reason="nothing near the question")
    texts = [index.documents[path].text for path in dict.fromkeys(sentence.path for sentence in evidence)]
    asked = claims(query.standalone)
    held = {stem(word) for text in texts for word in words(text)}
    if missing := asked.names - {name for text in texts for name in names_in(text)}:
        return Judgement(reason=f"unknown to the sources: {', '.join(sorted(missing))}")
    numbers = frozenset().union(*(quantities(text, detect(text)) for text in texts))
    if asked.numbers - numbers:
        return Judgement(reason="a number the sources do not have")
    if not any(satisfies(sentence.text, expected(query.standalone)) for sentence in evidence):
        return Judgement(reason="nothing of the kind that is asked for")
    event = presupposed_event(query.question)
    if event and not any(event in word for word in held):
        return Judgement(reason=f"the sources do not know that this happened: {event}")
    return Judgement(answerable=True)


def signals(
    query: Query, evidence: Sequence[EvidenceSentence], index: Index, *, confirmation: tuple[float, float]
) -> Signals:
    """
    Gather what the probability is made of.

    Parameters
    ----------
    query, evidence, index
        What was asked, what was found, and where.
    confirmation
        The model's probabilities of yes and of no.

    """
    ranked = sorted(evidence, key=lambda one: (-one.score, one.path, one.start))
    nearest = ranked[:NEAREST]
    asked = {term: index.lexical.weight(term) for term in index.lexical.query_terms(query.standalone)}
    held = [{stem(word) for word in words(one.text)} for one in nearest]
    nouns = claims(query.standalone).nouns
    documents = {stem(word) for path in {one.path for one in evidence} for word in words(index.documents[path].text)}
    yes, no = confirmation
    return Signals(
        confirmation=math.log((yes + 1e-4) / (no + 1e-4)),
        nearness=ranked[0].score if ranked else 0.0,
        lead=ranked[0].score - ranked[NEAREST].score if len(ranked) > NEAREST else 0.0,
        coverage=_covered(asked, set().union(*held)),
        focus=max((_covered(asked, one) for one in held), default=0.0),
        unknown=sum(not _holds(documents, noun) for noun in nouns) / len(nouns) if nouns else 0.0,
        kind=float(any(satisfies(one.text, expected(query.standalone)) for one in nearest)),
    )


def probability(found: Signals) -> float:
    """Return how likely the evidence answers the question, where one of two questions can be answered."""
    score = _INTERCEPT + sum(weight * value for weight, value in zip(_WEIGHTS, astuple(found), strict=True))
    return 1 / (1 + math.exp(-score))


def needed(strictness: float) -> float:
    """Return the least probability at which an answer is tried: 0.5, where both errors weigh the same, at 0.5."""
    return 0.05 + 0.9 * strictness


def _covered(asked: dict[str, float], held: set[str]) -> float:
    total = sum(asked.values())
    return sum(weight for term, weight in asked.items() if _holds(held, term)) / total if total else 0.0


def _holds(held: set[str], term: str) -> bool:
    return term in held or any(same(term, other) for other in held)
