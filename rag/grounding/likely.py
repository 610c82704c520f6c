"""
Name the sentence that probably answers, before the language model has read anything.

It is the nearest one, if the probability is high enough that follows from what the search knows: how near it is, how
far it leads, and whether it has the question's words. The weights were fitted by `bench/fitting/fit_likely.py`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rag.grounding.answerability import signals_of_search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.grounding.reader.judging import Judgement
    from rag.types import EvidenceSentence

# Logistic regression of "the answer is this sentence" on nearness, lead and coverage, on 340 German questions of MLQA
# and GermanQuAD, half of them without an answer in the texts.
_INTERCEPT = -2.67
_WEIGHTS = (2.44, 10.58, 0.36)
# Share of what is shown that is confirmed, on questions that nothing was fitted on: our own 70 0.78 (shown for 0.51),
# XQuAD 0.89 (0.82).
_LEAST = 0.5
# If the small reader has read and is not sure, 0.54 to 0.76 of what the search alone shows is confirmed on four sets;
# if both name the same sentence, and the reader finds it at least this likely, 0.70 to 0.75, and less is shown.
_LEAST_READ = 0.3


def likely(
    question: str, evidence: Sequence[EvidenceSentence], judgement: Judgement | None = None
) -> EvidenceSentence | None:
    """
    Return the sentence that probably answers.

    Parameters
    ----------
    question
        The question as it was searched for.
    evidence
        The sentences that were found.
    judgement
        The small reader's judgement, if there is such a reader: it must then point at the same sentence.

    Returns
    -------
    EvidenceSentence | None
        The nearest sentence; None if it is more likely that another one answers, or none.

    """
    if not evidence or probability(signals_of_search(question, evidence)) < _LEAST:
        return None
    nearest = max(evidence, key=lambda one: one.score)
    if judgement is None or (evidence[judgement.sentence] == nearest and judgement.probability >= _LEAST_READ):
        return nearest
    return None


def probability(found: tuple[float, float, float]) -> float:
    """Return how likely the nearest sentence answers, from `signals_of_search`; 0 to 1."""
    score = _INTERCEPT + sum(weight * value for weight, value in zip(_WEIGHTS, found, strict=True))
    return 1 / (1 + math.exp(-score))
