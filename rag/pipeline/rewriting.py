"""Turn a follow-up into one question: by rules, by the language model, or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from index.errors import BusyError, ModelError
from rag.exploring.names import names_of
from rag.inference.adapting import REWRITING_FILE, adapters_for
from rag.query import written_out
from rag.query.condense import cut
from rag.query.rewriting import candidates
from rag.retrieval.hybrid import retrieve

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.inference.protocol import Engine, Rewriting
    from rag.pipeline.protocols import Rewriter
    from rag.query.rewriting import Candidate
    from rag.retrieval.view import View
    from rag.types import Query

# Of 51 good rewritings of `tests/data/follow_ups_blind_2.jsonl` 50 are at least this sure, of 14 wrong ones 8
# (docs/follow-ups.md).
_SURE = 0.82


class SearchingRewriter:
    """
    Rewrites a follow-up as one sentence of the conversation's own words; see `rag.query.rewriting`.

    If a word may mean several things, the one that brings the question nearest to the sources is taken.

    Parameters
    ----------
    most
        Most characters of the text that is searched for.

    """

    def __init__(self, *, most: int) -> None:
        self._most = most

    def rewrite(self, query: Query, view: View) -> Query:
        """Return the question with such a sentence if one is found, else unchanged."""
        if query.standalone == query.question:
            return query
        named = frozenset(names_of(view.index).frequent)
        found = [one for one in candidates(query, named) if len(one.text) < self._most]
        if not found:
            return query
        best = found[0] if len(found) == 1 else max(found, key=lambda one: _nearness(one, view))
        return _in_a_sentence(query, best.text, self._most)


class WritingRewriter:
    """
    Lets the language model write out a follow-up, if it has been trained to; see `rag.query.written_out`.

    Parameters
    ----------
    engine
        The language model.
    most
        Most characters of the text that is searched for.
    otherwise
        Used if the model has not been trained to, or cannot be asked. It is not used if the model is unsure: the rules
        then give a wrong sentence or none.

    """

    def __init__(self, engine: Engine, *, most: int, otherwise: Rewriter) -> None:
        self._engine = engine
        self._most = most
        self._otherwise = otherwise

    def rewrite(self, query: Query, view: View) -> Query:
        """
        Return the question with such a sentence if one is found.

        If the model is sure and only repeats the question, it is asked without what was said before. Otherwise it is
        returned unchanged.

        Raises
        ------
        StoppedError
            The current run was stopped.

        """
        if query.standalone == query.question or not query.history:
            return query
        found = self._written(query)
        if found is None:
            return self._otherwise.rewrite(query, view)
        is_sure = found.sureness >= _SURE and len(found.text) < self._most
        if is_sure and written_out.repeats(found.text, query.question):
            return replace(query, standalone=query.question)  # it depends on nothing
        if not is_sure or not written_out.is_of(found.text, query.question, query.history):
            return query
        return replace(_in_a_sentence(query, found.text, self._most), generated=True)

    def _written(self, query: Query) -> Rewriting | None:
        write: Callable[..., Rewriting | None] | None = getattr(self._engine, "rewritten", None)
        try:
            # Check by fingerprint, so that a model without these layers is not loaded for nothing.
            if write is None or adapters_for(self._engine.fingerprint, REWRITING_FILE) is None:
                return None
            return write(written_out.prompt(query.question, query.history), max_tokens=written_out.MOST_TOKENS)
        except (ModelError, BusyError):
            return None


class KeptContext:
    """Leaves a follow-up with the context that `rag.query.condense` puts before it."""

    def rewrite(self, query: Query, view: View) -> Query:  # noqa: ARG002 - it looks nowhere
        """Return the question unchanged."""
        return query


def _in_a_sentence(query: Query, sentence: str, most: int) -> Query:
    # Of 62 follow-ups 58 find their article first if the context is kept beside the sentence, 57 without it.
    context = query.standalone.removesuffix(query.question).strip()
    return replace(query, standalone=sentence, context=cut(context, max(1, most - len(sentence) - 1)))


def _nearness(candidate: Candidate, view: View) -> float:
    text = candidate.text
    hits = retrieve(view.index, text, view.vector(text), k=1, scale=view.scale)
    return candidate.weight + (hits[0].score if hits else 0.0)
