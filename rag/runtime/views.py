"""What is searched in for a question: the articles, an owner's files, or both as one."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from index.collections.owners import SHARED, Owner
from index.errors import CorpusError, IndexMissingError
from index.storage.left_out import left_out
from index.storage.manifest import stamp
from index.storage.reader import Index
from index.syncing.sync import sync
from rag.retrieval.hybrid import Scale
from rag.retrieval.unread import noted
from rag.retrieval.view import View

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from index.protocols import Embedder, Vectors
    from index.storage.left_out import Skipped
    from index.storage.protocols import Described
    from rag.runtime.owned_collections import OwnedUploads
    from rag.settings import Settings
    from rag.types import Collection, UnreadPart


class Views(ABC):
    """The part of a `rag.RAG` that holds the open index."""

    settings: Settings
    owned_uploads: OwnedUploads
    _opened: tuple[Index, Scale] | None
    _lock: threading.RLock
    _stamp: tuple[int, int, int] | None = None

    def embed(self, texts: Sequence[str], *, queries: bool = False) -> Vectors:
        """
        Embed texts with the model that passages are found by.

        Parameters
        ----------
        texts
            What exceeds the model's token limit is cut off.
        queries
            They are questions; else passages. Models may have a prompt for each.

        Returns
        -------
        Unit vectors, shape ``(len(texts), dimension)``, float32.

        Raises
        ------
        ModelError
            The model cannot be used.

        """
        embedder = self._the_embedder()
        if not queries or not texts:
            return embedder.embed_passages(texts)
        return np.stack([embedder.embed_query(text) for text in texts])

    def listed(self) -> list[Described]:
        """Return path and metadata of all documents of the corpus, by path, without reading any text."""
        return sorted(self._index()[0].described(), key=lambda one: one.path)

    def left_out(self) -> list[Skipped]:
        """Return the files of the corpus that could not be indexed when the index was last brought up to date."""
        return list(left_out(self.settings.index))

    def unread(self) -> list[UnreadPart]:
        """Return what was not read of the documents of the corpus, by path; for the user's own files see `uploads`."""
        return [part for document in self._index()[0].documents.values() for part in noted(document)]

    @abstractmethod
    def _the_embedder(self) -> Embedder: ...

    def _view(self, collection: Collection = "articles", owner: Owner = SHARED) -> View:
        """Return what is searched in: the corpus, an owner's files, or both as one."""
        index, scale = self._searched(collection, owner)
        return View(index, scale, self._the_embedder(), self.left_out)

    def _searched(self, collection: Collection, owner: Owner) -> tuple[Index, Scale]:
        own = None if collection == "articles" else self.owned_uploads.get(owner).index()
        if own is None and collection == "uploads":
            raise CorpusError("There are no files of your own yet.", hint="Add some first, or ask the articles.")
        if own is None:
            return self._index()
        try:
            articles, scale = self._index()
        except CorpusError:
            if collection == "all":
                raise
            return own, Scale(own.cosine_floor)
        scale = scale if articles.chunks else Scale(own.cosine_floor)
        if collection == "uploads":
            return own, scale  # a few sentences say little about what "nothing in common" looks like
        return self.owned_uploads.united(articles, own), scale

    def refresh(self) -> None:
        """Let the next question look into the newest index, where another process has brought it up to date since."""
        with self._lock:
            now = stamp(self.settings.index)
            if self._opened is not None and self._stamp != now:
                self._opened = None
        self.owned_uploads.refresh()

    def _index(self) -> tuple[Index, Scale]:
        with self._lock:
            if self._opened is None:
                settings, embedder = self.settings, self._the_embedder()
                open_ = functools.partial(
                    Index.open, settings.index, embedding=embedder.fingerprint, store=settings.store
                )
                self._stamp = stamp(settings.index)  # before: what comes meanwhile is seen the next time
                try:
                    index = open_()
                except IndexMissingError:
                    # A missing index is built; one that is there is only brought up to date when asked.
                    sync(
                        settings.corpus,
                        settings.index,
                        embedder,
                        store=settings.store,
                        options=settings.reading.options,
                    )
                    self._stamp = stamp(settings.index)
                    index = open_()
                self._opened = index, Scale(index.cosine_floor)
            return self._opened
