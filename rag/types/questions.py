"""What is asked, and what is found for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from rag.types.forms import rounded

if TYPE_CHECKING:
    from rag.kinds.types import Kind

Collection = str
"""``articles``, ``uploads``, ``all``, or the name of a collection; several with commas between: ``articles,news``."""


@dataclass(frozen=True, slots=True)
class Filter:
    """
    Which documents a question may be answered from.

    Parameters
    ----------
    source
        Only documents of this publication (compared without regard to case), empty for all.
    since
        Only documents dated on or after this day (``YYYY-MM-DD``), empty for all.
        A document without a date does not pass.
    until
        Only documents dated on or before this day, likewise.
    paths
        Only these documents, None for all.
    collection
        ``articles`` (the corpus), ``uploads`` (the user's own files), the name of a collection, several of these with
        commas between, or ``all`` of them.

    """

    source: str = ""
    since: str = ""
    until: str = ""
    paths: frozenset[str] | None = None
    collection: Collection = "articles"


@dataclass(frozen=True, slots=True)
class Query:
    """
    A question as it is searched for.

    Parameters
    ----------
    question
        What the user typed.
    standalone
        The same made understandable without the conversation.
    language
        ``de`` or ``en``: the language to answer in.
    history
        Earlier (question, answer) pairs, oldest first.
    kind
        What is asked for, as the answer will have it; None as long as that is not known.
    context
        What a follow-up leans on, where ``standalone`` is one question and needs it only to be found; else empty.
    generated
        Whether ``standalone`` is the language model's wording.

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
        """What passages are searched with."""
        return f"{self.standalone} {self.context}" if self.context else self.standalone


@dataclass(frozen=True, slots=True)
class Rank:
    """The place and the raw score that one retriever gave a passage."""

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
        The passage and where it stands: ``text`` is the document's own characters.
    title
        The document's title.
    score
        Fused score from 0 (nothing in common) to 1 (best conceivable); comparable within one query.
    ranks
        What each retriever made of it.
    weight
        Factor that is already in ``score`` and counts for the passage's sentences too: less than 1 for older
        sources where the question asks for the latest.
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
    What the answer may rest on.

    Parameters
    ----------
    sentences
        Verbatim sentences: documents in order of relevance, sentences of each in reading order.
    query
        What was searched for.

    """

    sentences: tuple[EvidenceSentence, ...]
    query: Query
