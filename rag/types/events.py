"""The events that are reported while a question is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.types.answers import Answer, AnswerSentence, Citation, Verdict
    from rag.types.questions import Evidence


@dataclass(frozen=True, slots=True)
class EvidenceReady:
    """First event: the evidence that was found, before any text is written."""

    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Likely:
    """
    The sentence that probably answers, found without the language model and reported before the model has read.

    Not an answer yet: the next `SentenceChecked` confirms or replaces it, or `Finished` does if nothing answers.
    """

    sentence: AnswerSentence
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Delta:
    """
    The source's text that the language model seems to point at; provisional, at most one for each part of the question.

    For an answer of several sentences, there is one for each sentence that is chosen without the model. The next
    `SentenceChecked` replaces it, or `Finished` does if it does not hold.
    """

    text: str


@dataclass(frozen=True, slots=True)
class SentenceChecked:
    """A sentence of the answer in its final form."""

    sentence: AnswerSentence
    verdict: Verdict
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """Last event: the whole answer."""

    answer: Answer


Event = EvidenceReady | Likely | Delta | SentenceChecked | Finished
