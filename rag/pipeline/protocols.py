"""
What can be plugged in: every stage of an answer, and what the stages depend on.

A stage is given to `rag.RAG`, or named by an entry point of another package (see `rag.pipeline.plugins`)::

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
    """Turns a follow-up into one question, as a person would have written it."""

    def rewrite(self, query: Query, view: View) -> Query:
        """Return the question with a new ``standalone``; unchanged if it stands alone already or none is found."""


class Splitter(Protocol):
    """Splits a question that asks several things."""

    def split(self, query: Query) -> Sequence[Query]:
        """Return the parts of the question, in order; ``[query]`` if it asks one thing."""


class Selector(Protocol):
    """Selects from passages the sentences that an answer may rest on."""

    def select(self, query: Query, hits: Sequence[Hit], view: View) -> tuple[EvidenceSentence, ...]:
        """Return verbatim sentences: documents ordered by their best one, each document's in reading order."""

    def context(self, query: Query, sentence: EvidenceSentence, view: View) -> tuple[EvidenceSentence, ...]:
        """Return what has to be shown before a sentence for it to be understood, in reading order."""


class Reader(Protocol):
    """Reads the evidence before the language model does, and instead of it if the model is not needed."""

    def judge(self, query: Query, evidence: Sequence[EvidenceSentence]) -> Judgement | None:
        """Return which sentence answers and how likely that is; None if this cannot be told."""

    # A reader may also have ``bearings(query, sentences)``, which returns a `rag.grounding.reader.Bearing` for each
    # sentence. Without it, answers of several sentences are chosen by the search alone, and the gate says whether there
    # is an answer. It may also have ``words(query, sentence)``, which returns where the words of a sentence that answer
    # begin and end, or None: they are emphasised in lists.


class SecondReader(Protocol):
    """Reads again the likeliest sentences for an answer of several, see `rag.grounding.state_reader`."""

    def read(self, question: str, kind: Kind, sentences: Sequence[EvidenceSentence]) -> StateReading | None:
        """Return whether each sentence belongs in the answer, and whether there is one; None if this cannot be told."""


class Pointing(Protocol):
    """A model that has read the evidence and is asked about it."""

    def confirmation(self) -> tuple[float, float]:
        """Return the probabilities of "yes" and "no" as the reply to whether the evidence holds the answer."""

    def draft(self) -> Iterable[str]:
        """Yield the answer in the model's words, piece by piece; a generator is closed once no more is needed."""


class Generator(Protocol):
    """Lets a model read the evidence."""

    @property
    def fingerprint(self) -> str:
        """Identifies the model."""

    def read(self, asked: Asked) -> AbstractContextManager[Pointing]:
        """Return the model after it has read ``asked.read``."""


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
            Share of the draft's own words that the place it points at holds; 1 before there is a draft.
        strictness
            0 to 1, how sure it must be that there is an answer.

        """

    # A gate may also have ``chance(asked, confirmation, *, share)``, the probability that it decides by. Without it,
    # answers have no `rag.types.Answer.confidence`, and `rag calibrate` has nothing to set.


class Verifier(Protocol):
    """Finds the place in the sources that a draft points at."""

    def foresee(self, asked: Asked) -> Anchor | None:
        """Return the place that any draft would point at; None unless there is hardly any doubt."""

    def place(self, draft: str, asked: Asked) -> Anchor | None:
        """Return the place of a draft, or of its beginning; None if it stands nowhere in ``asked.read``."""


class Presenter(Protocol):
    """Turns a place into what is shown: the source's own characters."""

    def present(self, asked: Asked, place: Anchor, draft: str) -> tuple[Quotation, ...]:
        """Return the quotation, after those that have to be shown before it."""

    def further(self, asked: Asked, place: Anchor, draft: str) -> Iterable[tuple[Quotation, ...]]:
        """Yield what else belongs to the answer: another part of it, another value for the same thing."""


class Translator(Protocol):
    """Translates quotations from sources that are in another language than the question."""

    def translate(self, quotes: Sequence[str], language: str) -> str:
        """Return a translation, to be marked as the model's; an empty text if there is none."""
