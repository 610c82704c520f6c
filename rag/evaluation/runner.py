"""Ask every question of a set and measure the results."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import RagError
from index.extras import require
from index.progress import tell
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load
from rag.evaluation.fingerprints import code_fingerprint, instructions, machine
from rag.evaluation.keeping.asking import Asker
from rag.evaluation.keeping.basis import basis_of
from rag.evaluation.keeping.remembering import RememberingEngine, RememberingReader
from rag.evaluation.keeping.since import replies_of
from rag.evaluation.keeping.watching import WatchedGate, WatchedReader
from rag.evaluation.measuring.answers import AnswerCache
from rag.evaluation.measuring.outcomes import judge
from rag.evaluation.measuring.reliability import reliability
from rag.evaluation.measuring.statistics import confidence, measure, measure_extractive
from rag.evaluation.types import Dataset, DatasetError, Evaluation, Outcome, Question
from rag.query.filters import read_filter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rag.client import RAG
    from rag.evaluation.traces import Reply
    from rag.evaluation.types import Format
    from rag.inference import Engine


def evaluate(
    rag: RAG,
    dataset: str | Path | Dataset | Sequence[Question],
    *,
    format: Format | None = None,  # noqa: A002 - the contract's name
    limit: int | None = None,
    seed: int = 0,
    fresh: bool = False,
    retrieval_only: bool = False,
    since: Path | None = None,
) -> Evaluation:
    """
    Ask every question of a set and measure the results; reports progress (see `index.progress`).

    Parameters
    ----------
    rag
        The client that is measured. A set that brings its own documents is asked of these, with the client's models and
        settings.
    dataset
        A file or folder, a loaded set, or questions to the corpus.
    format
        ``native``, ``squad`` or ``beir``; detected by default.
    limit
        Number of questions to ask, drawn with ``seed``; documents are never sampled.
    seed
        Seed of that draw.
    fresh
        Ask every question anew, instead of reusing the answers of earlier runs with the same models, index, prompt,
        settings and code.
    retrieval_only
        Leave the language model out.
    since
        An earlier run, as `rag eval --json` or a baseline records it: the language model gets only the prompts that
        it did not get there. The figures equal those of a run without ``since``, except that timings cover only what
        was asked anew.

    Raises
    ------
    DatasetError
        The set cannot be used; the message says where and why.

    Examples
    --------
    >>> result = evaluate(RAG.open("corpus/"), "corpus/questions.jsonl")  # doctest: +SKIP
    >>> result.metrics["answer_contains"], result.confidence["answer_contains"]  # doctest: +SKIP

    """
    run = begin(
        rag,
        dataset,
        format=format,
        limit=limit,
        seed=seed,
        fresh=fresh,
        retrieval_only=retrieval_only,
        since=since,
    )
    outcomes: list[Outcome] = []
    for done, question in enumerate(run.questions, start=1):
        outcomes.append(run.ask(question))
        tell("questions", done, len(run.questions))
    return run.result(outcomes)


def begin(
    rag: RAG,
    dataset: str | Path | Dataset | Sequence[Question],
    *,
    format: Format | None = None,  # noqa: A002 - the contract's name
    limit: int | None = None,
    seed: int = 0,
    fresh: bool = False,
    retrieval_only: bool = False,
    since: Path | None = None,
) -> SetRun:
    """
    Prepare a set for being asked question by question; see `evaluate` for the parameters.

    Raises
    ------
    DatasetError
        The set cannot be used; the message says where and why.

    """
    require("pytrec_eval", extra="eval", purpose="An evaluation")
    loaded = _loaded(dataset, format)
    prepared = prepare(rag, loaded)
    questions = prepared.questions
    if limit is not None and limit < len(questions):
        drawn = set(random.Random(seed).sample(range(len(questions)), max(0, limit)))  # noqa: S311 - a sample
        questions = tuple(question for number, question in enumerate(questions) if number in drawn)
    for question in questions:
        try:
            prepared.rag.standalone(question.question, history=question.history)
            read_filter(dict(question.filter))
        except RagError as error:
            where = question.where or loaded.name
            raise DatasetError(f"{where}: question {question.id!r} cannot be asked: {error}") from error
    answering = not (retrieval_only or loaded.retrieval_only)
    known = replies_of(since) if since is not None and answering else {}
    asked, fingerprints, engine = _watched(prepared.rag, known) if answering else _searching(prepared.rag)
    prepared = replace(prepared, rag=asked)
    cache = AnswerCache(fingerprints) if answering else None
    asker = Asker(prepared, cache, engine, fresh=fresh, lazy=bool(known))
    return SetRun(loaded, questions, fingerprints, asker)


def _watched(rag: RAG, known: Mapping[str, Reply]) -> tuple[RAG, dict[str, str], RememberingEngine]:
    """Return a client whose language model and gate are watched, the fingerprints of its answers, and the engine."""
    if not known or rag.settings.generation.is_served:
        rag.warm_up()  # a server tells which model it runs only when it is asked
    computed = machine(rag.fingerprints["llm"], rag.settings.machine.device)
    engines: list[RememberingEngine] = []

    def wrap(engine: Callable[[], Engine]) -> RememberingEngine:
        engines.append(RememberingEngine(engine, computed, known))
        return engines[0]

    watched = rag.through(
        wrap,
        lambda gate: WatchedGate(gate, engines[0].judged),
        lambda reader: WatchedReader(reader, engines[0].done_without),
        lambda second: RememberingReader(second, engines[0]),
    )
    code = f"{code_fingerprint('rag')}-{code_fingerprint('index')}"
    return watched, {**rag.fingerprints, "code": code, **computed}, engines[0]


def _searching(rag: RAG) -> tuple[RAG, dict[str, str], None]:
    code = f"{code_fingerprint('rag')}-{code_fingerprint('index')}"
    return rag, {**rag.retrieval_fingerprints, "code": code, "instructions": instructions()}, None


class SetRun:
    """
    A set that is being asked.

    Parameters
    ----------
    dataset
        The set.
    questions
        The questions to ask, with sources as paths of the index.
    fingerprints
        Fingerprints of everything that the answers depend on.
    asker
        Asks each question.

    """

    def __init__(
        self, dataset: Dataset, questions: tuple[Question, ...], fingerprints: dict[str, str], asker: Asker
    ) -> None:
        self.questions = questions
        self._dataset = dataset
        self._fingerprints = fingerprints
        self._asker = asker

    def ask(self, question: Question) -> Outcome:
        """Ask one of the questions and judge the result."""
        case, trace = self._asker.ask(question)
        outcome = judge(case)
        if not trace.timed:
            outcome = replace(outcome, samples={n: value for n, value in outcome.samples.items() if "_ms" not in n})
        return replace(outcome, basis=basis_of(case, trace, self._asker.documents))

    def result(self, outcomes: Sequence[Outcome]) -> Evaluation:
        """Return the evaluation of the given outcomes."""
        metrics = measure(outcomes)
        return Evaluation(
            self._dataset.name,
            self._dataset.format,
            len(outcomes),
            metrics,
            confidence(outcomes, metrics),
            measure_extractive(outcomes),
            self._fingerprints,
            tuple(outcomes),
            self._asker.settings,
            {} if self._dataset.documents else self._asker.listed,
            reliability(outcomes),
        )


def _loaded(dataset: str | Path | Dataset | Sequence[Question], format_: Format | None) -> Dataset:
    if isinstance(dataset, Dataset):
        return dataset
    if isinstance(dataset, (str, Path)):
        return load(Path(dataset), format=format_)
    return Dataset("questions", "native", tuple(dataset))
