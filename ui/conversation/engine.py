"""What the app needs of a `rag.RAG`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from index.collections.owners import SHARED, Owner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Unpack

    from index.types import Document
    from rag.types import AskOptions, Event


class Engine(Protocol):
    """What the app needs of `rag.RAG`."""

    def stream(self, question: str, **options: Unpack[AskOptions]) -> Iterator[Event]:
        """Answer a question event by event; closing the iterator cancels, as does its method ``stop`` if it has one."""

    def document(self, path: str, *, owner: Owner = SHARED) -> Document:
        """Return a document with its full text; of the users' own files, one that this owner has."""

    def documents(self) -> list[Document]:
        """Return all documents, by path."""
