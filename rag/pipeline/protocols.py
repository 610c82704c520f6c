"""
What can be plugged in: every stage of an answer, and what the stages rest on.

A stage is named where a `rag.RAG` is made, or by an entry point of another package (see `rag.pipeline.plugins`)::

    class Newest:
        def __init__(self, inner: Retriever) -> None:
            self._inner = inner

        def retrieve(self, query, view, *, restrict, k):
            hits = self._inner.retrieve(query, view, restrict=restrict, k=10 * k)
            return sorted(hits, key=lambda hit: view.index.documents[hit.path].metadata.date, reverse=True)[:k]

    rag = RAG(retriever=Newest(HybridRetriever()))

Besides the stages: `index.protocols.Embedder` and `rag.inference.protocol.Engine` are the two models,
`index.reading.extraction.types.FormatReader` reads a file format, and `index.storage.protocols.VectorStore` keeps
vectors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from index.protocols import Embedder
from rag.inference.protocol import Engine
from rag.retrieval.protocol import Retriever

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager

    from rag.grounding.anchoring import Anchor
    from rag.grounding.quotation import Quotation
    from rag.grounding.reader import Judgement
    from rag.grounding.state_reader import StateReading
    from rag.kinds import Kind
    from rag.pipeline.values import Asked
    from rag.retrieval.view import View
    from rag.types import EvidenceSentence, Hit, Query

__all__ = [
    "Embedder",
    "Engine",
    "Gate",
    "Generator",
    "Pointing",
    "Presenter",
    "Reader",
    "Retriever",
    "Rewriter",
    "SecondReader",
    "Selector",
    "Splitter",
    "Translator",
    "Verifier",
]


class Rewriter(Protocol):
    """Makes of a follow-up one question that a person would have written."""

    def rewrite(self, query: Query, view: View) -> Query:
        """Return the question with another ``standalone``; as it is where it stands alone or none is found."""


class Splitter(Protocol):
    """Takes a question apart that asks several things."""

    def split(self, query: Query) -> Sequence[Query]:
        """Return what is asked, in order; ``[query]`` where it is one thing."""


class Selector(Protocol):
    """Picks from passages the sentences that an answer may rest on."""

    def select(self, query: Query, hits: Sequence[Hit], view: View) -> tuple[EvidenceSentence, ...]:
        """Return verbatim sentences, documents in order of their best one, each document's in reading order."""

    def context(self, query: Query, sentence: EvidenceSentence, view: View) -> tuple[EvidenceSentence, ...]:
        """Return what a sentence needs before it to be understood, in reading order."""


class Reader(Protocol):
    """Reads the evidence before the language model does, and in place of it where that is not needed."""

    def judge(self, query: Query, evidence: Sequence[EvidenceSentence]) -> Judgement | None:
        """Return which sentence answers and how likely that is; None where this cannot be told."""

    # A reader may also have ``bearings(query, sentences)``, a `rag.grounding.reader.Bearing` for each sentence: without,
    # answers of several sentences are chosen by the search alone, and the gate says whether there is one. And it may have
    # ``words(query, sentence)``, where the words of it that answer begin and end, or None: they are set off in lists.


class SecondReader(Protocol):
    """Reads what the reader finds likeliest of an answer of several sentences, see `rag.grounding.state_reader`."""

    def read(self, question: str, kind: Kind, sentences: Sequence[EvidenceSentence]) -> StateReading | None:
        """Return whether each belongs into the answer, and whether there is one; None where this cannot be told."""


class Pointing(Protocol):
    """A model that has read the evidence, and is asked about it."""

    def confirmation(self) -> tuple[float, float]:
        """Return the probabilities of "yes" and "no" to whether the answer stands there."""

    def draft(self) -> Iterable[str]:
        """Yield the answer in the model's words, piece by piece; a generator is closed where no more is needed."""


class Generator(Protocol):
    """Lets a model read the evidence."""

    @property
    def fingerprint(self) -> str:
        """Identifies the model."""

    def read(self, asked: Asked) -> AbstractContextManager[Pointing]:
        """Return the model as it has read ``asked.read``."""


class Gate(Protocol):
    """Decides whether there is an answer."""

    def admits(self, asked: Asked, confirmation: tuple[float, float], *, share: float, strictness: float) -> bool:
        """
        Tell whether the evidence answers the question.

        Parameters
        ----------
        asked
            The question and what was found.
        confirmation
            From `Pointing.confirmation`.
        share
            Of the draft's own words, how many the place that it points at holds; 1 before there is a draft.
        strictness
            0 to 1, how sure it must be.

        """

    # A gate may also have ``chance(asked, confirmation, *, share)``, the probability that it decides by: without,
    # answers have no `rag.types.Answer.confidence`, and `rag calibrate` has nothing to set.


class Verifier(Protocol):
    """Finds the place in the sources that a draft points at."""

    def foresee(self, asked: Asked) -> Anchor | None:
        """Return the place that any draft would point at, where there is hardly a doubt."""

    def place(self, draft: str, asked: Asked) -> Anchor | None:
        """Return the place, None where the draft, or the beginning of one, stands nowhere in ``asked.read``."""


class Presenter(Protocol):
    """Makes of a place what is shown: the source's own characters."""

    def present(self, asked: Asked, place: Anchor, draft: str) -> tuple[Quotation, ...]:
        """Return the quotation, behind those that it needs before it."""

    def further(self, asked: Asked, place: Anchor, draft: str) -> Iterable[tuple[Quotation, ...]]:
        """Yield what belongs to the answer besides: another part of it, another value for the same thing."""


class Translator(Protocol):
    """Says in the reader's language what sources in another one say."""

    def translate(self, quotes: Sequence[str], language: str) -> str:
        """Return a translation, to be marked as the model's; nothing where there is none."""
