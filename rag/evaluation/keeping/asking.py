"""Ask the questions of one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rag.evaluation.measuring.answers import Told
from rag.evaluation.measuring.outcomes import Case
from rag.evaluation.traces import DIGITS, Trace
from rag.types import Filter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.client import RAG
    from rag.evaluation.corpora import PreparedSet
    from rag.evaluation.keeping.remembering import RememberingEngine
    from rag.evaluation.measuring.answers import AnswerCache
    from rag.evaluation.types import Question
    from rag.types import Hit

_DEPTH = 100  # passages to search, so that ten distinct documents are found
_ALMOST_ALL = 10_000
_MOST_LISTED = 5000  # files, so that a report stays below a megabyte


class Digests(Mapping[str, str]):
    """Digests of the documents that are asked, by path; a document is read only when its digest is asked for."""

    def __init__(self, rag: RAG) -> None:
        self._rag = rag
        self._paths = dict.fromkeys(one.path for one in rag.listed())

    def __getitem__(self, path: str) -> str:
        if path not in self._paths:
            raise KeyError(path)
        return self._rag.document(path).sha256[:DIGITS]

    def __contains__(self, path: object) -> bool:
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


class Asker:
    """
    Asks the questions of one run.

    Parameters
    ----------
    prepared
        The set to ask, with the client that answers.
    cache
        Answers of earlier runs with the same index; None in a run of retrieval alone.
    engine
        The language model that ``prepared`` asks; None in a run of retrieval alone.
    fresh
        Whether the answers of earlier runs are ignored.
    lazy
        Whether the model is loaded only if a reply is missing.

    """

    def __init__(
        self,
        prepared: PreparedSet,
        cache: AnswerCache | None,
        engine: RememberingEngine | None,
        *,
        fresh: bool,
        lazy: bool,
    ) -> None:
        self._prepared = prepared
        self._cache = cache
        self._engine = engine
        self._fresh = fresh
        self._warm = lazy
        self.documents = Digests(prepared.rag)
        self.listed = dict(self.documents) if len(self.documents) <= _MOST_LISTED else {}
        # The strictness in force depends on the language model, which a run without it need not have.
        self.settings = prepared.rag.told() if cache is not None else prepared.rag.settings.told()

    def ask(self, question: Question) -> tuple[Case, Trace]:
        """Return the result of a question, and what happened while it was answered."""
        rag = self._prepared.rag
        allowed = self._prepared.restricted.get(question.id)
        given = dict(question.filter)
        source, since, until = (given.get(name, "") for name in ("source", "since", "until"))
        limits = Filter(source=source, since=since, until=until, paths=allowed)
        restrict = limits if question.filter or allowed else None
        standalone = rag.standalone(question.question, history=question.history)
        depth = _DEPTH if allowed is None else _ALMOST_ALL
        ranked = _documents(rag.search(standalone, k=depth, filter=restrict))
        told = self._told(question, restrict, allowed or frozenset())
        gold, points = self._prepared.gold.get(question.id, ()), self._prepared.points.get(question.id, ())
        case = Case(question, ranked, None if told is None else told.answer, gold, points)
        return case, Trace() if told is None else told.trace

    def _told(self, question: Question, restrict: Filter | None, allowed: frozenset[str]) -> Told | None:
        if self._cache is None or self._engine is None:
            return None
        known = None if self._fresh else self._cache.get(question, allowed)
        if known is not None:
            return known
        if not self._warm:  # one discarded answer, so that loading is not counted
            self._prepared.rag.ask(question.question, history=question.history, filter=restrict, fresh=True)
            self._warm = True
        self._engine.begin()
        answer = self._prepared.rag.ask(question.question, history=question.history, filter=restrict, fresh=True)
        told = Told(answer, self._engine.trace())
        if told.trace.timed:  # else a later run would take its time for that of a full answer
            self._cache.put(question, allowed, told)
        return told


def _documents(hits: Sequence[Hit]) -> tuple[str, ...]:
    # Documents with the same text as a hit are found with it.
    return tuple(dict.fromkeys(path for hit in hits for path in (hit.path, *hit.also)))
