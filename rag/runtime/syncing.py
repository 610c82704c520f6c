"""The methods of `rag.RAG` that make indexes, and tell which there are."""

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
    """What a `rag.RAG` does with its collections of articles."""

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
            Which; a named one is made where there is none of this name.
        corpus
            Folder of a named collection's articles; the one it has where None.
        rebuild
            Make it anew; needed after a change of the embedding model.
        empty
            Empty it where the folder holds no article any more.
        progress
            Told how far it has come.

        Raises
        ------
        EmptiedError
            The folder holds no article any more, and ``empty`` is not given; the index stays as it was.
        RagError
            The folder, the name or the index cannot be used; says what to do.

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
        """Bring the articles' index up to date, or leave it as it is where that is no reason not to ask it."""
        try:
            self.sync(progress=progress)
        except EmptiedError as error:  # be it that a drive is not mounted: what was indexed can be asked on
            _LOG.warning("%s", error)
        except IndexReadOnlyError as error:
            self._index()  # an index that is there can be asked all the same
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
        Embed a share of the articles, as one of several workers; `sync` makes the index of what all of them have left.

        Parameters
        ----------
        share
            Which of how many: ``"2/4"``.
        collection, corpus
            Which, and its folder; see `sync`.
        progress
            Told how far it has come.

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
        """Return the folder that is given for a collection; raises `RagError` where none can be."""
        if collection != ARTICLES:
            check_name(collection)
        elif corpus is not None:
            raise RagError("The folder of the articles is a setting.", hint="Name it with `RAG.open` or RAG_CORPUS.")
        return None if corpus is None else Path(corpus).expanduser()

    def collections(self) -> tuple[CollectionState, ...]:
        """Return what is known of the articles and of each named collection; no model is loaded."""
        settings = self.settings
        articles = state_of(ARTICLES, settings.corpus, settings.index, "Run `rag index`.")
        return (articles, *self.named_collections.states())

    def collection_names(self) -> tuple[str, ...]:
        """Return the names of the named collections that can be asked."""
        return self.named_collections.ready()

    def remove_collection(self, name: str) -> None:
        """
        Take a named collection out and delete its index; its articles are not touched.

        Raises
        ------
        CorpusError
            There is no named collection of this name.
        RagError
            Its index is being written, or cannot be deleted.

        """
        check_name(name)
        self.named_collections.registry.remove(name, store=self.settings.store)
        self._unions.clear()
