"""The frozen values that pass through an evaluation: sets, outcomes and results."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from index.errors import RagError
from rag.kinds.types import KINDS, Kind

if TYPE_CHECKING:
    from rag.evaluation.traces import Basis

Format = Literal["native", "squad", "beir"]
FORMATS: tuple[Format, ...] = ("native", "squad", "beir")
Cause = Literal[
    "not_retrieved",
    "not_selected",
    "not_answered",
    "wrong_answer",
    "wrong_citation",
    "wrongly_abstained",
    "wrongly_answered",
]


# Kinds whose questions have key points: the answer has several parts.
OPEN_KINDS: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind not in {"talk", "other"})


class DatasetError(RagError):
    """An evaluation set cannot be used; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that a set brings along: ``id`` as in the set, ``title`` may be empty, ``where`` its file and line."""

    id: str
    title: str
    text: str
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class PointQuote:
    """A passage that carries a key point: the document's path or the passage's id, and the exact words."""

    path: str
    quote: str


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """
    Something that a good answer to an open question says.

    Parameters
    ----------
    answers
        Texts that say the point: any one of them is enough, as whole tokens in a row.
    quotes
        Passages that carry the point: any one of them is enough.

    """

    answers: tuple[str, ...] = ()
    quotes: tuple[PointQuote, ...] = ()

    @property
    def label(self) -> str:
        """The point in a few words, for people."""
        return self.answers[0] if self.answers else self.quotes[0].quote


@dataclass(frozen=True, slots=True)
class Question:
    """
    One case of an evaluation set.

    Parameters
    ----------
    id, question
        As in the set.
    answers
        Any of these makes an answer right.
    answers_all
        All of these are needed.
    forbidden
        None of these may occur.
    sources
        Documents that hold the answer: paths in the corpus, or ids of the set's own documents.
    gold_quotes
        Passages of those documents that carry it, to the letter.
    gold_spans
        The same as (source, start, end), if the set gives offsets into the document's text.
    answerable
        Whether the documents hold the answer at all.
    history
        Earlier (question, answer) pairs.
    filter
        ``source``, ``since`` and ``until``, see `rag.types.Filter`.
    passages
        If there are any, the question is answered from these alone.
    injection
        A text planted in one of the passages that tries to steer the answer.
    where
        File and line that it was read from, for error messages; empty if there is none.
    kind
        What is asked for; empty if the set does not say or has labels of its own.
    key_points
        What a good answer to an open question says.

    """

    id: str
    question: str
    answers: tuple[str, ...] = ()
    answers_all: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    gold_quotes: tuple[str, ...] = ()
    gold_spans: tuple[tuple[str, int, int], ...] = ()
    answerable: bool = True
    history: tuple[tuple[str, str], ...] = ()
    filter: tuple[tuple[str, str], ...] = ()
    passages: tuple[Passage, ...] = ()
    injection: str = ""
    where: str = field(default="", compare=False)
    kind: Kind | Literal[""] = ""
    key_points: tuple[KeyPoint, ...] = ()

    @property
    def gold(self) -> tuple[str, ...]:
        """All strings an answer is compared with."""
        return self.answers or self.answers_all

    @property
    def seeks_nothing(self) -> bool:
        """Whether it is talk, or asks for something the app does not do, so that no document is searched for."""
        return self.kind in {"talk", "other"} and not (self.gold or self.key_points)

    @property
    def judges_answers(self) -> bool:
        """Whether the set says what an answer must, or must not, contain."""
        return bool(self.gold or self.forbidden)


@dataclass(frozen=True, slots=True)
class Dataset:
    """
    An evaluation set.

    Parameters
    ----------
    name
        Name of the file or folder.
    format
        Format that it was read as.
    questions
        Questions in the order of the set, with unique ids.
    documents
        The documents it brings along; if it has none, and its questions have no passages, the corpus is asked.
    retrieval_only
        True if the set has no answers to compare with (BEIR).

    """

    name: str
    format: Format
    questions: tuple[Question, ...]
    documents: tuple[Passage, ...] = ()
    retrieval_only: bool = False


@dataclass(frozen=True, slots=True)
class CheckedCitation:
    """A citation of an answer, and whether it is right (see the metric ``citation_precision``)."""

    path: str
    start: int
    end: int
    quote: str
    right: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    The result of one question.

    Parameters
    ----------
    id, question, answerable, gold, sources
        As in the set; ``gold`` holds the answers.
    retrieved
        The first ten distinct documents, best first.
    answer
        The text of the answer; None in a run of retrieval alone.
    abstained, generated
        As in `rag.types.Answer`.
    correct
        Whether the answer contains what the set expects; for an open question, at least half of its key points.
    evidence
        The sentences that were selected, best first.
    citations
        The citations, each with a verdict.
    support
        Support of each sentence that was shown, 0 to 1.
    cause
        The stage at which the question failed; None if it went well.
    shares
        What the question adds to each metric it counts for: (numerator, denominator). A metric is the sum of
        numerators over the sum of denominators; for medians, see ``samples``.
    samples
        Values of the metrics that are percentiles, timings among them.
    extractive
        ``shares`` of the baseline: the best evidence sentence, quoted, without a language model.
    kind
        What was asked for; empty if the set does not say.
    key_points
        Each key point in a few words, and whether the answer covers it.
    basis
        What the result rests on; None if that was not recorded.

    """

    id: str
    question: str
    answerable: bool
    gold: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    retrieved: tuple[str, ...] = ()
    answer: str | None = None
    abstained: bool = False
    generated: bool = False
    correct: bool = False
    evidence: tuple[str, ...] = ()
    citations: tuple[CheckedCitation, ...] = ()
    support: tuple[float, ...] = ()
    cause: Cause | None = None
    shares: dict[str, tuple[float, float]] = field(default_factory=dict)
    samples: dict[str, float] = field(default_factory=dict)
    extractive: dict[str, tuple[float, float]] = field(default_factory=dict)
    kind: str = ""
    key_points: tuple[tuple[str, bool], ...] = ()
    basis: Basis | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what a report on this question needs, with timings kept apart."""
        timings = {name: round(value, 1) for name, value in self.samples.items() if "_ms" in name}
        return {
            "id": self.id,
            "question": self.question,
            "answerable": self.answerable,
            "gold": list(self.gold),
            "sources": list(self.sources),
            "retrieved": list(self.retrieved),
            "answer": self.answer,
            "abstained": self.abstained,
            "generated": self.generated,
            "correct": self.correct,
            "evidence": list(self.evidence),
            "citations": [
                {"path": one.path, "start": one.start, "end": one.end, "quote": one.quote, "right": one.right}
                for one in self.citations
            ],
            "support": [round(value, 4) for value in self.support],
            "cause": self.cause,
            "shares": {name: list(pair) for name, pair in self.shares.items()},
            "samples": {name: value for name, value in self.samples.items() if "_ms" not in name},
            "extractive": {name: list(pair) for name, pair in self.extractive.items()},
            "timings": timings,
            "kind": self.kind,
            "key_points": [{"point": point, "covered": is_covered} for point, is_covered in self.key_points],
            "basis": None if self.basis is None else self.basis.to_json(),
        }


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Answers of similar confidence: their mean confidence, the share of them that went well, and their number."""

    confidence: float
    right: float
    count: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that went wrong, and where."""

    id: str
    question: str
    gold: tuple[str, ...]
    answer: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class Evaluation:
    """
    The outcome of a run.

    Parameters
    ----------
    set, format
        Name of the set, and the format that it was read as.
    n
        Number of questions.
    metrics
        Values by name; None if the set has no case for a metric.
    confidence
        95 % intervals of the metrics that are not None.
    extractive
        Answer metrics of the baseline that quotes the best evidence sentence without a language model.
    fingerprints
        Fingerprints of the models, index, prompt and settings that the figures belong to.
    outcomes
        Each question, in the order of the set.
    settings
        Settings that change answers, by name.
    documents
        Digest of each file that was searched; empty if the set brings its own documents, or if there are very many.
    reliability
        Answers grouped by confidence, each group with the share that went well.

    """

    set: str
    format: str
    n: int
    metrics: dict[str, float | None]
    confidence: dict[str, tuple[float, float]]
    extractive: dict[str, float | None]
    fingerprints: dict[str, str]
    outcomes: tuple[Outcome, ...]
    settings: dict[str, str] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)
    reliability: tuple[ReliabilityBin, ...] = ()

    @property
    def kept(self) -> int:
        """Number of questions for which all of the language model's replies were taken from an earlier run."""
        return sum(one.basis is not None and one.basis.trace.kept for one in self.outcomes)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The questions that went wrong, in the order of the set."""
        return tuple(
            Failure(one.id, one.question, one.gold, one.answer or "", one.cause)
            for one in self.outcomes
            if one.cause is not None
        )

    def to_json(self) -> dict[str, Any]:
        """Return the object that `rag eval --json` prints."""
        return {
            "set": self.set,
            "format": self.format,
            "n": self.n,
            "metrics": {name: _rounded(value) for name, value in self.metrics.items()},
            "confidence": {name: [_rounded(low), _rounded(high)] for name, (low, high) in self.confidence.items()},
            "extractive": {name: _rounded(value) for name, value in self.extractive.items()},
            "failures": [
                {
                    "id": failure.id,
                    "question": failure.question,
                    "gold": list(failure.gold),
                    "answer": failure.answer,
                    "cause": failure.cause,
                }
                for failure in self.failures
            ],
            "fingerprints": self.fingerprints,
            "settings": self.settings,
            "documents": self.documents,
            "reliability": [
                {"confidence": _rounded(one.confidence), "right": _rounded(one.right), "n": one.count}
                for one in self.reliability
            ],
            "questions": [outcome.to_json() for outcome in self.outcomes],
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
