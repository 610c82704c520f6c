"""Run an evaluation set and say, for each failure, which part of the way it was lost on."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from rag.evaluation import metrics as figures
from rag.evaluation.datasets import DatasetError, Question, load_native

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.facade import RAG
    from rag.types import Answer, Citation, Hit

Cause = Literal[
    "not_retrieved",
    "not_selected",
    "not_answered",
    "wrong_answer",
    "wrong_citation",
    "wrongly_abstained",
    "wrongly_answered",
]
RETRIEVAL_METRICS = ("recall@1", "recall@3", "recall@5", "recall@10", "mrr@10", "ndcg@10")
ANSWER_METRICS = (
    "evidence_recall",
    "answer_contains",
    "answer_f1",
    "answer_tokens_p50",
    "share_generated",
    "citation_precision",
    "citation_recall",
    "false_answer_rate",
    "false_abstention_rate",
    "first_evidence_ms_p50",
    "first_token_ms_p50",
    "total_ms_p50",
    "total_ms_p95",
)
METRICS = frozenset((*RETRIEVAL_METRICS, *ANSWER_METRICS))
_DEPTH = 100  # passages searched so that ten distinct documents come together


class Progress(Protocol):
    """Told how far a run has come."""

    def __call__(self, description: str, done: int, total: int, /) -> None:
        """Take note that ``done`` of ``total`` is done."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that went wrong, and where."""

    id: str
    question: str
    gold: tuple[str, ...]
    answer: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class Case:
    """
    What came of one question.

    Parameters
    ----------
    question
        The case of the set.
    ranked
        Distinct documents, best first.
    answer
        None in a run of retrieval alone.
    gold
        Where the gold quotes stand: path, start, end.

    """

    question: Question
    ranked: tuple[str, ...]
    answer: Answer | None = None
    gold: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """
    The outcome of a run.

    Parameters
    ----------
    set
        Name of the set.
    n
        Number of questions.
    metrics
        By name; None where the set has no case for it.
    failures
        In order of the set.
    fingerprints
        Models, index, prompt and settings that the figures belong to.
    cases
        Each question with its ranking and answer.

    """

    set: str
    n: int
    metrics: dict[str, float | None]
    failures: tuple[Failure, ...]
    fingerprints: dict[str, str]
    cases: tuple[Case, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the object that `rag eval --json` prints."""
        return {
            "set": self.set,
            "n": self.n,
            "metrics": {name: None if v is None else round(v, 6) for name, v in self.metrics.items()},
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
        }


def evaluate(
    rag: RAG,
    dataset: str | Path | Sequence[Question],
    *,
    limit: int | None = None,
    seed: int = 0,
    retrieval_only: bool = False,
    progress: Progress | None = None,
) -> Evaluation:
    """
    Ask every question of a set and measure what comes.

    Parameters
    ----------
    rag
        What is measured.
    dataset
        A file in the native format, or questions.
    limit
        Ask only so many, drawn with ``seed``; documents are never sampled.
    seed
        Of that draw.
    retrieval_only
        Leave the language model out.
    progress
        Told how many are done.

    Raises
    ------
    DatasetError
        The set cannot be used.

    """
    name = Path(dataset).name if isinstance(dataset, (str, Path)) else "questions"
    questions = load_native(Path(dataset)) if isinstance(dataset, (str, Path)) else list(dataset)
    where = str(dataset) if isinstance(dataset, (str, Path)) else name
    gold = {question.id: _gold_spans(rag, question, where) for question in questions}
    if limit is not None and limit < len(questions):
        drawn = set(random.Random(seed).sample(range(len(questions)), max(0, limit)))  # noqa: S311 - a sample
        questions = [question for number, question in enumerate(questions) if number in drawn]
    # One discarded question, so that loading is not counted.
    if retrieval_only:
        rag.search("Aufwärmen", k=1)
    else:
        rag.warm_up()
    cases: list[Case] = []
    for done, question in enumerate(questions, start=1):
        cases.append(_run(rag, question, gold[question.id], retrieval_only=retrieval_only))
        if progress:
            progress("questions", done, len(questions))
    return Evaluation(name, len(cases), measure(cases), tuple(_failures(cases)), rag.fingerprints, tuple(cases))


def measure(cases: Sequence[Case]) -> dict[str, float | None]:
    """Return every metric of the contract that the cases allow."""
    found = [case for case in cases if case.question.answerable and case.question.sources]
    values: dict[str, float | None] = {}
    for k in (1, 3, 5, 10):
        values[f"recall@{k}"] = figures.mean(
            [figures.recall_at(case.ranked, frozenset(case.question.sources), k) for case in found]
        )
    values["mrr@10"] = figures.mean(
        [figures.reciprocal_rank_at(case.ranked, frozenset(case.question.sources), 10) for case in found]
    )
    values["ndcg@10"] = figures.mean(
        [figures.ndcg_at(case.ranked, frozenset(case.question.sources), 10) for case in found]
    )
    answered = [(case.question, case.answer) for case in cases if case.answer is not None]
    judged = [
        [_is_right(citation, case) for citation in case.answer.citations]
        for case in cases
        if case.question.answerable and case.answer is not None and not case.answer.abstained
    ]
    if not answered:
        return values | dict.fromkeys(ANSWER_METRICS)
    asked = [(question, answer) for question, answer in answered if question.answerable]
    unanswerable = [answer for question, answer in answered if not question.answerable]
    texts = [answer for _, answer in answered if not answer.abstained]
    tokens = [answer.timings.first_token_ms for _, answer in answered if answer.timings.first_token_ms is not None]
    totals = [answer.timings.total_ms for _, answer in answered]
    return values | {
        "evidence_recall": figures.mean([float(_in_evidence(q, a)) for q, a in asked]),
        "answer_contains": figures.mean([float(is_correct(q, a)) for q, a in asked]),
        "answer_f1": figures.mean([_f1(q, a) for q, a in asked]),
        "answer_tokens_p50": figures.percentile([float(len(figures.tokens(a.text))) for a in texts], 0.5),
        "share_generated": figures.mean([float(a.generated) for a in texts]),
        "citation_precision": figures.mean([float(right) for case in judged for right in case]),
        "citation_recall": figures.mean([float(any(case)) for case in judged]),
        "false_answer_rate": figures.mean([float(not answer.abstained) for answer in unanswerable]),
        "false_abstention_rate": figures.mean([float(answer.abstained) for _, answer in asked]),
        "first_evidence_ms_p50": figures.percentile([a.timings.first_evidence_ms for _, a in answered], 0.5),
        "first_token_ms_p50": figures.percentile(tokens, 0.5),
        "total_ms_p50": figures.percentile(totals, 0.5),
        "total_ms_p95": figures.percentile(totals, 0.95),
    }


def is_correct(question: Question, answer: Answer) -> bool:
    """Tell whether an answer contains what the set wants; an abstention contains nothing."""
    if answer.abstained or any(figures.contains(answer.text, text) for text in question.forbidden):
        return False
    if question.answers_all:
        return all(figures.contains(answer.text, text) for text in question.answers_all)
    return any(figures.contains(answer.text, text) for text in question.answers)


def _run(rag: RAG, question: Question, gold: tuple[tuple[str, int, int], ...], *, retrieval_only: bool) -> Case:
    restrict = dict(question.filter) or None
    standalone = rag.standalone(question.question, history=question.history)
    ranked = _documents(rag.search(standalone, k=_DEPTH, filter=restrict))
    if retrieval_only:
        return Case(question, ranked, None, gold)
    answer = rag.ask(question.question, history=question.history, filter=restrict)
    return Case(question, ranked, answer, gold)


def _documents(hits: Sequence[Hit]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.path for hit in hits))


def _is_right(citation: Citation, case: Case) -> bool:
    if not case.question.gold_quotes:
        return citation.path in case.question.sources
    return any(
        citation.path == path and citation.start < end and start < citation.end for path, start, end in case.gold
    )


def _in_evidence(question: Question, answer: Answer) -> bool:
    text = " ".join(sentence.text for sentence in answer.evidence)
    if question.answers_all:
        return all(figures.contains(text, wanted) for wanted in question.answers_all)
    return any(figures.contains(text, wanted) for wanted in question.answers)


def _f1(question: Question, answer: Answer) -> float:
    if answer.abstained:
        return 0.0
    golds = [" ".join(question.answers_all)] if question.answers_all else question.answers
    return max((figures.f1(answer.text, gold) for gold in golds), default=0.0)


def _failures(cases: Sequence[Case]) -> list[Failure]:
    found: list[Failure] = []
    for case in cases:
        cause = _cause(case)
        if cause:
            text = case.answer.text if case.answer else ""
            found.append(Failure(case.question.id, case.question.question, case.question.gold, text, cause))
    return found


def _cause(case: Case) -> Cause | None:
    question, answer = case.question, case.answer
    if not question.answerable:
        return "wrongly_answered" if answer is not None and not answer.abstained else None
    retrieved = not question.sources or bool(set(question.sources) & set(case.ranked[:10]))
    if answer is None:
        return None if retrieved else "not_retrieved"
    if is_correct(question, answer):
        wrong = not any(_is_right(citation, case) for citation in answer.citations)
        return "wrong_citation" if question.sources and wrong else None
    if not retrieved:
        return "not_retrieved"
    if not _in_evidence(question, answer):
        return "not_selected"
    if not answer.abstained:
        return "wrong_answer"
    # The model was asked and declined, or its draft failed; or the rule before it said no.
    return "not_answered" if answer.timings.first_token_ms is not None else "wrongly_abstained"


def _gold_spans(rag: RAG, question: Question, where: str) -> tuple[tuple[str, int, int], ...]:
    texts = {document.path: document.text for document in rag.documents()}
    for source in question.sources:
        if source not in texts:
            raise DatasetError(
                f"{where}: question {question.id!r} names the source {source!r}, which is not in the index.",
                hint="Bring the index up to date with `rag index`, or mend the set.",
            )
    spans: list[tuple[str, int, int]] = []
    for quote in question.gold_quotes:
        places = [
            (source, start, start + len(quote))
            for source in question.sources
            if (start := texts[source].find(quote)) >= 0
        ]
        if not places:
            raise DatasetError(
                f"{where}: question {question.id!r} has a gold quote that stands in none of its sources: {quote[:60]!r}.",
                hint="Mend the set: quotes are copied to the letter.",
            )
        spans += places
    return tuple(spans)
