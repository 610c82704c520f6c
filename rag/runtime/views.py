"""The indexes that a question is searched in: the articles, a named collection, an owner's files, or several as one."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from index.collections.owners import SHARED, Owner
from index.collections.registry import ALL, ARTICLES, UPLOADS
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
    from rag.runtime.named_collections import NamedCollections
    from rag.runtime.owned_collections import OwnedUploads
    from rag.runtime.unions import Unions
    from rag.settings import Settings
    from rag.types import UnreadPart

_OWN = f"{UPLOADS}/"  # prefix of an owner's digest; no collection can have such a name


class Views(ABC):
    """The part of a `rag.RAG` that holds the open index."""

    settings: Settings
    owned_uploads: OwnedUploads
    named_collections: NamedCollections
    _unions: Unions
    _opened: tuple[Index, Scale] | None
    _lock: threading.RLock
    _stamp: tuple[int, int, int] | None = None

    def embed(self, texts: Sequence[str], *, queries: bool = False) -> Vectors:
        """
        Embed texts with the model that passages are found by.

        Parameters
        ----------
        texts
            Texts; what exceeds the model's token limit is cut off.
        queries
            Whether the texts are questions, not passages. Models may have a different prompt for each.

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

    def listed(self, collection: str = ARTICLES) -> list[Described]:
        """Return path and metadata of all documents of a collection, by default the corpus, by path; reads no text."""
        index = self._index()[0] if collection == ARTICLES else self.named_collections.index(collection)
        return sorted(index.described(), key=lambda one: one.path)

    def left_out(self) -> list[Skipped]:
        """Return the files of the corpus that could not be indexed when the index was last brought up to date."""
        return list(left_out(self.settings.index))

    def unread(self) -> list[UnreadPart]:
        """Return the unread parts of the corpus's documents, by path; for the user's own files see `uploads`."""
        return [part for document in self._index()[0].noted() for part in noted(document)]

    @abstractmethod
    def _the_embedder(self) -> Embedder: ...

    def _view(self, names: Sequence[str] = (ARTICLES,), owner: Owner = SHARED) -> View:
        """
        Return the view to search: one collection, or several as one.

        Parameters
        ----------
        names
            Names of collections as `rag.query.filters.collections_of` returns them.
        owner
            Whose own files to use.

        """
        if names == (ALL,):
            parts, scale = self._parts((ARTICLES, *self.named_collections.ready(), UPLOADS), owner)
        else:
            parts, scale = self._parts(names, owner)
        asked = [name for name in parts if not name.startswith(_OWN)]
        return View(
            self._unions.of(parts),
            scale,
            self._the_embedder(),
            lambda: [file for name in asked for file in self._left_out_of(name)],
        )

    def _left_out_of(self, name: str) -> Sequence[Skipped]:
        return self.left_out() if name == ARTICLES else self.named_collections.left_out(name)

    def _parts(self, names: Sequence[str], owner: Owner) -> tuple[dict[str, Index], Scale]:
        """Return the indexes by keys that tell them apart, the articles first, and the scale of their cosines."""
        parts: dict[str, Index] = {}
        if ARTICLES in names:
            parts[ARTICLES] = self._index()[0]
        named = {name: self.named_collections.index(name) for name in names if name not in {ARTICLES, UPLOADS}}
        parts |= named
        own = self.owned_uploads.get(owner).index() if UPLOADS in names else None
        if own is not None:
            parts[_OWN + owner.digest] = own
        if not parts:
            raise CorpusError("There are no files of your own yet.", hint="Add some first, or ask the articles.")
        largest = max(named.values(), key=lambda one: len(one.chunks), default=None)
        if ARTICLES in parts and parts[ARTICLES].chunks:
            return parts, Scale(parts[ARTICLES].cosine_floor)
        if largest is not None and largest.chunks:
            return parts, Scale(largest.cosine_floor)
        return parts, self._scale_beside(own)

    def _scale_beside(self, own: Index | None) -> Scale:
        """Return the scale of the articles, because a few sentences are too few to estimate the floor from."""
        try:
            articles, scale = self._index()
        except CorpusError:
            if own is None:
                raise
            return Scale(own.cosine_floor)
        return scale if own is None or articles.chunks else Scale(own.cosine_floor)

    def refresh(self) -> None:
        """Make the next question use the newest index, if another process has updated it in the meantime."""
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
                self._stamp = stamp(settings.index)  # taken before opening: later changes are noticed the next time
                try:
                    index = open_()
                except IndexMissingError:
                    # A missing index is built; an existing one is only brought up to date on request.
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
