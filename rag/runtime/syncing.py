"""The methods of `rag.RAG` that make indexes and list them."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from index.collections.registry import ARTICLES, check_name
from index.errors import EmptiedError, IndexReadOnlyError, RagError, StoreUnavailableError
from index.progress import told
from index.storage.manifest import MANIFEST
from index.syncing.sharing import Share, ShareReport, prepare_share
from index.syncing.sync import SyncReport, sync
from rag.runtime.named_collections import NamedCollections, state_of
from rag.runtime.views import Views

if TYPE_CHECKING:
    from index.progress import Progress
    from rag.types.collections import CollectionState


_LOG = logging.getLogger(__name__)


class Syncing(Views):
    """The part of a `rag.RAG` that manages its collections of articles."""

    named_collections: NamedCollections

    def sync(
        self,
        *,
        collection: str = ARTICLES,
        corpus: str | Path | None = None,
        rebuild: bool = False,
        empty: bool = False,
        progress: Progress | None = None,
    ) -> SyncReport:
        """
        Make an index the mirror of its folder.

        Parameters
        ----------
        collection
            Name of the collection; a named collection is made if there is none of this name.
        corpus
            Folder of a named collection's articles; its present folder if None.
        rebuild
            Build the index from scratch; needed after a change of the embedding model.
        empty
            Empty the index if the folder holds no article any more.
        progress
            Called with the progress.

        Raises
        ------
        EmptiedError
            The folder holds no article any more, and ``empty`` is not given; the index stays as it was.
        RagError
            The folder, the name or the index cannot be used; the error says what to do.

        """
        settings, folder = self.settings, self._folder_of(collection, corpus)
        if collection != ARTICLES:
            with told(progress):
                return self.named_collections.sync(collection, folder, rebuild=rebuild, empty=empty)
        with told(progress):
            report = sync(
                settings.corpus,
                settings.index,
                self._the_embedder(),
                rebuild=rebuild,
                store=settings.store,
                options=settings.reading.options,
                empty=empty,
            )
        with self._lock:
            self._opened = None
        return report

    def _sync_where_it_can(self, progress: Progress | None) -> None:
        """Bring the articles' index up to date; leave it as it is if that fails but the index can still be asked."""
        try:
            self.sync(progress=progress)
        except EmptiedError as error:  # a drive may not be mounted; what was indexed can still be asked
            _LOG.warning("%s", error)
        except IndexReadOnlyError as error:
            self._index()  # an existing index can still be asked
            _LOG.warning("%s It is asked as it is.", error)
        except StoreUnavailableError as error:
            if not (self.settings.index / MANIFEST).is_file():
                raise
            _LOG.warning("%s The index is asked as it was.", error)

    def prepare_share(
        self,
        share: str,
        *,
        collection: str = ARTICLES,
        corpus: str | Path | None = None,
        progress: Progress | None = None,
    ) -> ShareReport:
        """
        Embed a share of the articles as one of several workers; `sync` then builds the index from all workers' results.

        Parameters
        ----------
        share
            Number of this share, and of all shares: ``"2/4"``.
        collection, corpus
            Name and folder of the collection; see `sync`.
        progress
            Called with the progress.

        """
        settings, part = self.settings, Share.read(share)
        folder = self._folder_of(collection, corpus)
        with told(progress):
            if collection != ARTICLES:
                return self.named_collections.prepare_share(collection, folder, part)
            return prepare_share(
                settings.corpus, settings.index, self._the_embedder(), part, options=settings.reading.options
            )

    def _folder_of(self, collection: str, corpus: str | Path | None) -> Path | None:
        """Return the folder given for a collection; raises `RagError` if the collection cannot be given one."""
        if collection != ARTICLES:
            check_name(collection)
        elif corpus is not None:
            raise RagError("The folder of the articles is a setting.", hint="Name it with `RAG.open` or RAG_CORPUS.")
        return None if corpus is None else Path(corpus).expanduser()

    def collections(self) -> tuple[CollectionState, ...]:
        """Return the state of the articles and of each named collection; no model is loaded."""
        settings = self.settings
        articles = state_of(ARTICLES, settings.corpus, settings.index, "Run `rag index`.")
        return (articles, *self.named_collections.states())

    def collection_names(self) -> tuple[str, ...]:
        """Return the names of the named collections that can be asked."""
        return self.named_collections.ready()

    def remove_collection(self, name: str) -> None:
        """
        Remove a named collection and delete its index; its articles are not touched.

        Raises
        ------
        CorpusError
            There is no named collection of this name.
        RagError
            Its index is being written or cannot be deleted.

        """
        check_name(name)
        self.named_collections.registry.remove(name, store=self.settings.store)
        self._unions.clear()
