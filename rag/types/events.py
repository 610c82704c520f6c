"""What happens while a question is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.types.answers import Answer, AnswerSentence, Citation, Verdict
    from rag.types.questions import Evidence


@dataclass(frozen=True, slots=True)
class EvidenceReady:
    """First event: what was found, before any text is written."""

    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Likely:
    """
    The sentence that probably answers, found without the language model; it comes before the model has read.

    Not an answer yet: the first `SentenceChecked` after it confirms or replaces it, or `Finished`, where nothing answers.
    """

    sentence: AnswerSentence
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Delta:
    """
    The source's text at the place that the language model seems to point at; provisional, at most one for each part.

    Of an answer of several sentences, each sentence that is chosen without the model. The first `SentenceChecked` after
    it takes its place, or `Finished`, where it does not hold.
    """

    text: str


@dataclass(frozen=True, slots=True)
class SentenceChecked:
    """A sentence of the answer as it will stay."""

    sentence: AnswerSentence
    verdict: Verdict
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """Last event: the whole answer."""

    answer: Answer


Event = EvidenceReady | Likely | Delta | SentenceChecked | Finished
