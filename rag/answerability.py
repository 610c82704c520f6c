"""Decide, before the language model is asked, whether the evidence can answer the question at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.lexical import stem, words
from rag.attribution import claims, names_in
from rag.language import detect
from rag.quantities import quantities
from rag.question_type import expected, presupposed_event, satisfies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.reader import Index
    from rag.types import EvidenceSentence, Query

# Scores of the best evidence sentence, on the scale of `rag.evidence`.
LEAST_SCORE = 0.2


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


def judge(query: Query, evidence: Sequence[EvidenceSentence], index: Index, *, strictness: float) -> Judgement:
    """
    Judge whether the evidence can hold the answer.

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
