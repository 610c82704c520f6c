"""What the app needs of a `rag.RAG`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from index.collections.owners import SHARED, Owner
from index.collections.registry import ARTICLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any, Unpack

    from index.protocols import Vectors
    from index.storage.protocols import Described
    from index.types import Document
    from rag.types import AskOptions, Event, Filter, Hit


class Engine(Protocol):
    """What the app needs of `rag.RAG`."""

    settings: Any

    def stream(self, question: str, **options: Unpack[AskOptions]) -> Iterator[Event]:
        """Answer a question event by event; closing the iterator cancels, and so does its ``stop`` method if any."""

    def document(self, path: str, *, owner: Owner = SHARED) -> Document:
        """Return a document with its full text; a user's own file only if this owner has it."""

    def documents(self) -> Sequence[Document]:
        """Return all documents, by path."""

    def listed(self, collection: str = ARTICLES) -> list[Described]:
        """Return path and metadata of all documents in the articles or a named collection, by path."""

    def mentions(self, words: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """Return which of the words occur in each document's text, ignoring case, by path; others are left out."""

    def search(self, query: str, *, k: int = 5, filter: Filter | None = None, owner: Owner = SHARED) -> list[Hit]:  # noqa: A002
        """Find passages, best first."""

    def embed(self, texts: Sequence[str], *, queries: bool = False) -> Vectors:
        """Return unit vectors of texts."""

    @property
    def embedding_fingerprint(self) -> str:
        """Identifier of the embedding model."""
