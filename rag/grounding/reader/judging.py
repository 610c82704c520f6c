"""
Say which sentence answers, and how likely that is, without the language model.

The sentence is chosen by the reader's score and by its nearness according to the search; the probability is a logistic
regression over what both say. `bench/fitting/fit_reader.py` fits the weights.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.grounding.answerability import signals_of_search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.grounding.reader.scoring import SentenceScore
    from rag.types import EvidenceSentence

# Weight of a sentence's nearness to the question, from 0 to 1, beside the reader's score of it.
NEARNESS_WEIGHT = 8.0
# A greater lead says nothing more.
_MOST_LEAD = 10.0
# Fitted on 523 questions of MLQA, GermanQuAD and NoMIRACL, 228 of them without an answer.
_INTERCEPT = -5.273
_WEIGHTS = (1.574, 2.121, -0.858, 0.521, 0.171, 0.143, -0.008, 1.058)
# A sentence at least this likely is shown as the answer, and the language model is not asked: the probability that the
# greatest strictness requires. Of questions that nothing was fitted on, these are 0.58 of 100 of XQuAD, 0.93 of them
# right (0.91 by the language model), and 0.54 of our own 50 that have an answer, 0.89 right (0.93); of 20 without an
# answer it is 1.
SURE = 0.6
# If a sentence has at least this share of all sentences' odds, it is the one that answers if any does: the language
# model is then asked only for its yes or no, and writes nothing. Of the questions that the reader is not sure of, these
# are 16 of our own 25 and 24 of 40 of XQuAD; 13 and 21 of them are right, or 14 and 18 if the model's words count as
# well.
STANDS_OUT = 0.8


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    The reader's judgement of the evidence.

    Parameters
    ----------
    sentence
        Index of the evidence sentence that answers, if any does.
    start, end
        The words that answer, as offsets into its text.
    probability
        Probability that this sentence answers, 0 to 1.
    answers
        Log odds, by the network alone, that anything answers.
    odds
        Log odds of each evidence sentence against the others; empty if not known.

    """

    sentence: int
    start: int
    end: int
    probability: float
    answers: float
    odds: tuple[float, ...] = ()

    @property
    def share(self) -> float:
        """How likely it is that this sentence answers, if any sentence of the evidence does."""
        if not self.odds:
            return 0.0
        highest = self.odds[self.sentence]
        return 1 / sum(math.exp(min(one - highest, 0.0)) for one in self.odds)


def judge(question: str, evidence: Sequence[EvidenceSentence], scores: Sequence[SentenceScore]) -> Judgement | None:
    """
    Choose the sentence that answers, and say how likely it does.

    Parameters
    ----------
    question
        The question as it was searched for.
    evidence, scores
        The sentences that were found, and what the reader says about each.

    Returns
    -------
    The judgement; None if there is no evidence.

    """
    if not evidence:
        return None
    chosen, values = features(question, evidence, scores)
    odds = _INTERCEPT + sum(weight * value for weight, value in zip(_WEIGHTS, values, strict=True))
    score, answers = scores[chosen], max(one.answers for one in scores)
    weighed = tuple(_weighed(evidence, scores))
    return Judgement(chosen, score.start, score.end, 1 / (1 + math.exp(-odds)), answers, weighed)


def features(
    question: str, evidence: Sequence[EvidenceSentence], scores: Sequence[SentenceScore]
) -> tuple[int, tuple[float, ...]]:
    """Return the index of the best sentence and what its probability is computed from; there must be evidence."""
    weighed = _weighed(evidence, scores)
    chosen = max(range(len(weighed)), key=weighed.__getitem__)
    others = [value for number, value in enumerate(weighed) if number != chosen]
    lead = min(weighed[chosen] - max(others), _MOST_LEAD) if others else _MOST_LEAD
    score = scores[chosen]
    nearest = max(range(len(evidence)), key=lambda number: evidence[number].score)
    return chosen, (
        *signals_of_search(question, evidence),
        max(one.answers for one in scores),
        score.answers + score.span,
        lead,
        score.share,
        float(chosen == nearest),
    )


def _weighed(evidence: Sequence[EvidenceSentence], scores: Sequence[SentenceScore]) -> list[float]:
    return [
        score.answers + score.span + NEARNESS_WEIGHT * one.score for one, score in zip(evidence, scores, strict=True)
    ]
