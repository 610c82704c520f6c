"""What `RAG` tells of files: what was not read of those in the index, and which are not in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from index.storage.left_out import left_out
from rag.retrieval.unread import noted

if TYPE_CHECKING:
    from collections.abc import Callable

    from index.storage.left_out import Skipped
    from index.types import Document
    from rag.settings import Settings
    from rag.types import UnreadPart


class _Holding(Protocol):
    @property
    def documents(self) -> Callable[[], list[Document]]: ...

    @property
    def settings(self) -> Settings: ...


class ReadingNotes:
    """Methods that tell what was not read; what is said here, `rag index` has said."""

    def unread(self: _Holding) -> list[UnreadPart]:
        """Return what was not read of the documents of the corpus, by path; for the user's own files see `uploads`."""
        return [part for document in self.documents() for part in noted(document)]

    def left_out(self: _Holding) -> list[Skipped]:
        """Return the files of the corpus that could not be indexed when the index was last brought up to date."""
        return list(left_out(self.settings.index))
