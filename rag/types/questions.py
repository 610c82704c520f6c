"""Questions, and the passages and sentences that are found for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from rag.types.forms import rounded

if TYPE_CHECKING:
    from rag.kinds.types import Kind

Collection = str
"""``articles``, ``uploads``, ``all``, or the name of a collection; several separated by commas: ``articles,news``."""


@dataclass(frozen=True, slots=True)
class Filter:
    """
    Which documents a question may be answered from.

    Parameters
    ----------
    source
        Only documents of this publication (case is ignored), empty for all.
    since
        Only documents dated on or after this day (``YYYY-MM-DD``), empty for all.
        A document without a date does not pass.
    until
        Only documents dated on or before this day, likewise.
    paths
        Only these documents, None for all.
    collection
        ``articles`` (the corpus), ``uploads`` (the user's own files), the name of a collection, several of these
        separated by commas, or ``all`` of them.

    """

    source: str = ""
    since: str = ""
    until: str = ""
    paths: frozenset[str] | None = None
    collection: Collection = "articles"


@dataclass(frozen=True, slots=True)
class Query:
    """
    A question in the form that is searched for.

    Parameters
    ----------
    question
        What the user typed.
    standalone
        The same question, made understandable without the conversation.
    language
        ``de`` or ``en``: the language to answer in.
    history
        Earlier (question, answer) pairs, oldest first.
    kind
        What is asked for, as it will be in the answer; None until it is known.
    context
        What a follow-up refers to, if ``standalone`` is a question of its own that needs this only for the search; else
        empty.
    generated
        Whether the language model worded ``standalone``.

    """

    question: str
    standalone: str
    language: str
    history: tuple[tuple[str, str], ...] = ()
    kind: Kind | None = None
    context: str = ""
    generated: bool = False

    @property
    def searched(self) -> str:
        """The text with which passages are searched."""
        return f"{self.standalone} {self.context}" if self.context else self.standalone


@dataclass(frozen=True, slots=True)
class Rank:
    """The rank and the raw score that one retriever gave a passage."""

    retriever: str
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """
    A passage found for a query.

    Parameters
    ----------
    chunk_id
        The passage's id in the index.
    path, start, end, text
        The passage and its place in the document; ``text`` is the document's own characters.
    title
        The document's title.
    score
        Fused score from 0 (nothing in common) to 1 (best conceivable); comparable within one query.
    ranks
        Rank and score that each retriever gave it.
    weight
        Factor that ``score`` already contains and that also applies to the passage's sentences: less than 1 for older
        sources if the question asks for the latest.
    also
        Paths of other documents that have the same passage, word for word.

    """

    chunk_id: int
    path: str
    start: int
    end: int
    text: str
    title: str
    score: float
    ranks: tuple[Rank, ...] = ()
    weight: float = 1.0
    also: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the object that `rag search --json` prints for this hit."""
        return {
            "path": self.path,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "title": self.title,
            "score": round(self.score, 6),
            "also_in": list(self.also),
        }


@dataclass(frozen=True, slots=True)
class EvidenceSentence:
    """A sentence of a document picked for the question: ``text`` is verbatim, ``score`` from 0 to 1."""

    path: str
    start: int
    end: int
    text: str
    title: str
    score: Annotated[float, rounded(6)]


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    The sentences that the answer may be based on.

    Parameters
    ----------
    sentences
        Verbatim sentences: documents in order of relevance, the sentences of each in reading order.
    query
        What was searched for.

    """

    sentences: tuple[EvidenceSentence, ...]
    query: Query
