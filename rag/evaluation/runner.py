"""Ask every question of a set and measure what comes."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import RagError
from index.extras import require
from index.progress import tell
from rag.evaluation.corpora import prepare
from rag.evaluation.datasets import load
from rag.evaluation.measuring.answers import AnswerCache
from rag.evaluation.measuring.outcomes import Case, judge
from rag.evaluation.measuring.statistics import confidence, measure, measure_extractive
from rag.evaluation.types import Dataset, DatasetError, Evaluation, Outcome, Question
from rag.query.filters import read_filter
from rag.types import Filter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.client import RAG
    from rag.evaluation.corpora import Ground
    from rag.evaluation.types import Format
    from rag.types import Answer, Hit

_DEPTH = 100  # passages searched so that ten distinct documents come together
_ALMOST_ALL = 10_000


def evaluate(
    rag: RAG,
    dataset: str | Path | Dataset | Sequence[Question],
    *,
    format: Format | None = None,  # noqa: A002 - the contract's name
    limit: int | None = None,
    seed: int = 0,
    fresh: bool = False,
    retrieval_only: bool = False,
) -> Evaluation:
    """
    Ask every question of a set and measure what comes; tells how many are done (see `index.progress`).

    Parameters
    ----------
    rag
        What is measured. Sets that bring their own documents are asked of these, with its models and settings.
    dataset
        A file or folder, a set that was loaded, or questions to the corpus.
    format
        ``native``, ``squad`` or ``beir``; by default it is found out.
    limit
        Ask only so many, drawn with ``seed``; documents are never sampled.
    seed
        Of that draw.
    fresh
        Ask all anew, instead of going on from the answers of earlier runs with the same models, index,
        prompt, settings and code.
    retrieval_only
        Leave the language model out.

    Raises
    ------
    DatasetError
        The set cannot be used; says where and why.

    Examples
    --------
    >>> result = evaluate(RAG.open("corpus/"), "corpus/questions.jsonl")  # doctest: +SKIP
    >>> result.metrics["answer_contains"], result.confidence["answer_contains"]  # doctest: +SKIP

    """
    require("pytrec_eval", extra="eval", purpose="An evaluation")
    loaded = _loaded(dataset, format)
    ground = prepare(rag, loaded)
    questions = ground.questions
    if limit is not None and limit < len(questions):
        drawn = set(random.Random(seed).sample(range(len(questions)), max(0, limit)))  # noqa: S311 - a sample
        questions = tuple(question for number, question in enumerate(questions) if number in drawn)
    for question in questions:
        try:
            ground.rag.standalone(question.question, history=question.history)
            read_filter(dict(question.filter))
        except RagError as error:
            where = question.where or loaded.name
            raise DatasetError(f"{where}: question {question.id!r} cannot be asked: {error}") from error
    answering = not (retrieval_only or loaded.retrieval_only)
    if answering:
        ground.rag.warm_up()  # a server tells which model it runs only when it is asked
    fingerprints = ground.rag.fingerprints if answering else ground.rag.retrieval_fingerprints
    asker = _Asker(ground, AnswerCache(fingerprints) if answering else None, fresh=fresh)
    outcomes: list[Outcome] = []
    for done, question in enumerate(questions, start=1):
        outcomes.append(judge(asker.ask(question)))
        tell("questions", done, len(questions))
    metrics = measure(outcomes)
    return Evaluation(
        loaded.name,
        loaded.format,
        len(outcomes),
        metrics,
        confidence(outcomes, metrics),
        measure_extractive(outcomes),
        fingerprints,
        tuple(outcomes),
    )


class _Asker:
    """Asks the questions of one run."""

    def __init__(self, ground: Ground, cache: AnswerCache | None, *, fresh: bool) -> None:
        self._ground = ground
        self._cache = cache
        self._fresh = fresh
        self._warm = False

    def ask(self, question: Question) -> Case:
        rag = self._ground.rag
        allowed = self._ground.restricted.get(question.id)
        given = dict(question.filter)
        source, since, until = (given.get(name, "") for name in ("source", "since", "until"))
        limits = Filter(source=source, since=since, until=until, paths=allowed)
        restrict = limits if question.filter or allowed else None
        standalone = rag.standalone(question.question, history=question.history)
        depth = _DEPTH if allowed is None else _ALMOST_ALL
        ranked = _documents(rag.search(standalone, k=depth, filter=restrict))
        answer = None if self._cache is None else self._answer(question, restrict, allowed or frozenset())
        gold, points = self._ground.gold.get(question.id, ()), self._ground.points.get(question.id, ())
        return Case(question, ranked, answer, gold, points)

    def _answer(self, question: Question, restrict: Filter | None, allowed: frozenset[str]) -> Answer:
        assert self._cache is not None  # noqa: S101 - for the type checker
        known = None if self._fresh else self._cache.get(question, allowed)
        if known is not None:
            return known
        if not self._warm:  # one discarded answer, so that loading is not counted
            self._ground.rag.ask(question.question, history=question.history, filter=restrict, fresh=True)
            self._warm = True
        answer = self._ground.rag.ask(question.question, history=question.history, filter=restrict, fresh=True)
        self._cache.put(question, allowed, answer)
        return answer


def _loaded(dataset: str | Path | Dataset | Sequence[Question], format_: Format | None) -> Dataset:
    if isinstance(dataset, Dataset):
        return dataset
    if isinstance(dataset, (str, Path)):
        return load(Path(dataset), format=format_)
    return Dataset("questions", "native", tuple(dataset))


def _documents(hits: Sequence[Hit]) -> tuple[str, ...]:
    # What has the same text as a hit is found with it.
    return tuple(dict.fromkeys(path for hit in hits for path in (hit.path, *hit.also)))
