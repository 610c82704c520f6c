"""The named collections of an index, opened when they are first asked and reopened when they have changed."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from index.collections.registry import ARTICLES, Named, Registry, check_name
from index.collections.union import prefixed
from index.errors import CorpusError, IndexMissingError, RagError
from index.storage import manifest as manifests
from index.storage.left_out import Skipped, left_out
from index.storage.reader import Index
from index.syncing.building import counted
from index.syncing.sharing import prepare_share
from index.syncing.sync import sync
from rag.types.collections import CollectionState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from index.protocols import Embedder
    from index.syncing.sharing import Share, ShareReport
    from index.syncing.sync import SyncReport
    from rag.settings import Settings

_INDEX_COMMAND = re.compile(r"rag index(?: CORPUS)?(?! (?:FOLDER )?--collection)")


class NamedCollections:
    """
    The named collections.

    Safe to share between threads. Each question checks which collections there are and whether one has changed, at the
    cost of looking at two files. A question in progress keeps the index that it began with.

    Parameters
    ----------
    settings
        Name the index that the collections belong to.
    embedder
        Returns the embedding model.

    """

    def __init__(self, settings: Settings, embedder: Callable[[], Embedder]) -> None:
        self.registry = Registry(settings.index)
        self._settings = settings
        self._embedder = embedder
        self._opened: dict[str, tuple[tuple[int, int, int] | None, Index]] = {}
        self._lock = threading.Lock()

    def ready(self) -> tuple[str, ...]:
        """Return the names of the collections that can be asked."""
        return tuple(one.name for one in self.registry.all() if one.is_ready)

    def index(self, name: str) -> Index:
        """
        Return the index of a collection, with the collection's prefix before its paths.

        Raises
        ------
        CorpusError
            There is no collection of this name.
        IndexMissingError, IndexMismatchError, IndexDamagedError
            The collection cannot be asked; the error names the command that helps.

        """
        one = self.registry.get(name)
        with self._lock:
            for gone in self._opened.keys() - {other.name for other in self.registry.all()}:
                del self._opened[gone]
            now = manifests.stamp(one.index_dir)  # taken before opening: later changes are noticed the next time
            known = self._opened.get(name)
            if known is None or known[0] != now or now is None:
                known = now, self._open(one)
                self._opened[name] = known
            return known[1]

    def left_out(self, name: str) -> tuple[Skipped, ...]:
        """Return the files of a collection that could not be indexed."""
        one = self.registry.get(name)
        return tuple(replace(file, path=one.prefix + file.path) for file in left_out(one.index_dir))

    def states(self) -> tuple[CollectionState, ...]:
        """Return the state of each collection, by name; no model is loaded."""
        return tuple(state_of(one.name, one.folder, one.index_dir, _advice(one.name)) for one in self.registry.all())

    def sync(self, name: str, folder: Path | None, *, rebuild: bool, empty: bool = False) -> SyncReport:
        """
        Make a collection's index the mirror of its folder.

        Parameters
        ----------
        name
            Name of the collection; a new one is made if there is none.
        folder
            Folder of its articles; its present folder if None.
        rebuild, empty
            See `index.syncing.sync.sync`.

        Raises
        ------
        CorpusError
            The name or the folder cannot be used. A collection that would have been new is not created.
        RagError
            As `index.syncing.sync.sync` raises it.

        """
        with self._kept(name, folder) as one:
            return sync(
                one.folder,
                one.index_dir,
                self._embedder(),
                rebuild=rebuild,
                store=self._settings.store,
                options=self._settings.reading.options,
                empty=empty,
            )

    def prepare_share(self, name: str, folder: Path | None, share: Share) -> ShareReport:
        """Embed a share of a collection's folder; see `sync` and `index.syncing.sharing.prepare_share`."""
        with self._kept(name, folder) as one:
            options = self._settings.reading.options
            return prepare_share(one.folder, one.index_dir, self._embedder(), share, options=options)

    @contextmanager
    def _kept(self, name: str, folder: Path | None) -> Iterator[Named]:
        """Give an existing or new collection whose index is to be made; undo changes to the registry if that fails."""
        before = next((one for one in self.registry.all() if one.name == name), None)
        one = self.registry.get(name) if folder is None else self._put(name, folder)
        try:
            with meaning(name):
                yield one
        except RagError:
            with suppress(RagError):  # the first error is the one to report
                if before is None and not (one.is_ready or manifests.stores(one.index_dir)):
                    self.registry.remove(name, store=self._settings.store)
                elif before is not None and before.folder != one.folder:
                    self.registry.put(name, before.folder)
            raise

    def _put(self, name: str, folder: Path) -> Named:
        """Register a collection before it is built: after a killed run it is listed as not ready and can be resumed."""
        if folder.resolve().is_relative_to(self._settings.uploads_folder.resolve()):
            raise CorpusError(f"The folder {folder} holds files of users' own.", hint="They are asked as `uploads`.")
        return self.registry.put(name, folder)

    def _open(self, one: Named) -> Index:
        try:
            with meaning(one.name):
                index = Index.open(one.index_dir, embedding=self._embedder().fingerprint, store=self._settings.store)
        except IndexMissingError as error:
            message = f"The collection {one.name} is not ready: its index was never finished."
            raise IndexMissingError(message, hint=_advice(one.name)) from error
        # Collections may hold the same files: what is remembered for one must not be used for another.
        return replace(prefixed(index, one.prefix), fingerprint=f"{one.name}:{index.fingerprint}")


def state_of(name: str, folder: Path, index_dir: Path, advice: str) -> CollectionState:
    """
    Return the state of a collection without opening it for questions.

    Parameters
    ----------
    name, folder, index_dir
        Name and folders of the collection.
    advice
        What to do if it cannot be asked.

    """
    try:
        manifest = manifests.read(index_dir)
        if manifest is None:
            return CollectionState(name, folder, standing="not ready", what=f"never indexed to the end. {advice}")
        documents, passages = counted(index_dir, manifest)
    except RagError as error:
        return CollectionState(name, folder, standing="damaged", what=f"{error.message} {advice}")
    return CollectionState(name, folder, documents, passages, manifest.generation)


def settings_of(settings: Settings, name: str) -> Settings:
    """
    Return settings in which a named collection's folder and index replace those of the articles.

    Raises
    ------
    CorpusError
        There is no named collection of this name.

    """
    check_name(name)
    one = Registry(settings.index).get(name)
    return settings.model_copy(update={"corpus": one.folder, "index": one.index_dir})


@contextmanager
def meaning(name: str) -> Iterator[None]:
    """Make errors raised inside name the command for a collection instead of the one for the articles."""
    try:
        yield
    except RagError as error:
        error.hint = told_of(error.hint, name)
        raise


def told_of(line: str, name: str) -> str:
    """Return a line in which the command for a collection replaces the one for the articles."""
    return line if name == ARTICLES else _INDEX_COMMAND.sub(f"rag index --collection {name}", line)


def _advice(name: str) -> str:
    return f"Run `rag index --collection {name}`."
