"""Reuse results of earlier runs: from a store that is damaged, being rebuilt, or left by an interrupted run."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from index import progress
from index.errors import IndexDamagedError, IndexMismatchError
from index.formats import KINDS, is_extracted, is_markdown
from index.storage import manifest as manifests
from index.storage.records import chunks_of
from index.storage.schema import READABLE
from index.storage.store import Store
from index.syncing.preparation import Prepared, texts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from index.protocols import Embedder
    from index.storage.manifest import Manifest, Segment
    from index.storage.records import Record
    from index.types import Document


Known = dict[int, tuple[str, str, str]]
_ENOUGH = 8  # number of texts that show whether vectors come from another model
_ALIKE = 0.98  # least cosine of two vectors of the same text; processors round differently


class Recovered:
    """
    Vectors embedded before: by interrupted runs, for an index that is being rebuilt, and for articles that changed.

    Nothing is read before it is asked for, and then one document at a time; documents that do not match their digests
    are not used.

    Parameters
    ----------
    stores
        The stores, latest first: for each path, the first store that has it counts.
    embedding, pipeline
        The embedding model that must have made the vectors, and the pipeline that must have made the passages.
    checked
        Ids of the documents of each store that may be used, if known.
    known
        Results of `Store.known` for some of the stores; it takes time if there are many documents.

    """

    def __init__(
        self,
        stores: Sequence[Path] = (),
        *,
        embedding: str = "",
        pipeline: str = "",
        checked: Mapping[Path, Collection[int]] | None = None,
        known: Mapping[Path, Known] | None = None,
    ) -> None:
        self._known = known or {}
        self._files = stores
        self._embedding = embedding
        self._pipeline = pipeline
        self._checked = checked
        self._open: dict[Path, Store] = {}
        self._passages: dict[Path, dict[int, int]] = {}

    def close(self) -> None:
        """Close the stores; they are opened again when they are needed."""
        for store in self._open.values():
            store.close()
        self._open.clear()

    def forget(self) -> None:
        """Stop using any of the stores."""
        self.close()
        self._files = ()
        self._forget_places()

    def passages(self, document: Document) -> int | None:
        """Return the number of passages if the same file was embedded before; only `whole` tells if that is usable."""
        place = next((place for place in self._by_file.get(document.sha256, ()) if place.is_whole), None)
        return None if place is None else self._counts(place.file).get(place.id, 0)

    def whole(self, document: Document) -> Prepared | None:
        """Return the result for the same text with the same title, if there is one."""
        wanted = _content(document)
        for place in self._by_file.get(document.sha256, ()):
            record = self._record(place) if place.is_whole else None
            if record is not None and _content(record.document) == wanted:
                # Keep the blocks that were read: for extracted formats they cannot be derived from the text.
                return prepared_of(record, replace(document, structure=record.document.structure))
        return None

    def vectors(self, document: Document) -> dict[str, NDArray[np.float32]]:
        """Return the vectors of the texts of the same path or the same file: most survive an edit."""
        found: dict[str, NDArray[np.float32]] = {}
        of_path = self._by_path.get(document.path)
        for place in [*([] if of_path is None else [of_path]), *self._by_file.get(document.sha256, ())[:1]]:
            record = self._record(place)
            if record is not None:
                found |= self._texts(record)
        return found

    def superfluous(self, *, but: Collection[str]) -> list[Path]:
        """
        Return the stores that hold nothing that others do not hold, too.

        A run that continues an interrupted one first copies what that one left. So however often runs are
        interrupted, at most two stores are left.

        Parameters
        ----------
        but
            Names of the stores of the index itself.

        """
        files: dict[Path, set[tuple[str, str]]] = {}
        for place in self._places if {file.name for file in self._files} - set(but) else ():
            if place.file.name not in but:
                files.setdefault(place.file, set()).add((place.path, place.sha256))
        found: list[Path] = []
        there: set[tuple[str, str]] = set()
        for file, has in sorted(files.items(), key=lambda one: -len(one[1])):
            if has <= there:
                found.append(file)
            there |= has
        self._files = [file for file in self._files if file not in found]
        if found:
            self._forget_places()
        return found

    def agrees(self, embedder: Embedder) -> bool:
        """
        Tell from a few vectors whether they come from a given model.

        Fingerprints should ensure that, but a server's fingerprint names only the model, not its weights.
        """
        for place in self._places:
            record = self._record(place)
            if record is not None:
                known = list(self._texts(record).items())[:_ENOUGH]
                with progress.told(lambda *_: None):
                    vectors = embedder.embed_passages([text for text, _ in known])
                before = np.stack([vector for _, vector in known])
                return vectors.shape == before.shape and bool((vectors * before).sum(axis=1).min() >= _ALIKE)
        return True

    @cached_property
    def _places(self) -> list[_Place]:
        found: list[_Place] = []
        for file in self._files:
            try:
                store = self._store(file)
                if store.meta("format") not in READABLE or store.meta("embedding") != self._embedding:
                    continue
                is_whole = store.meta("pipeline") == self._pipeline
                known = self._known.get(file) or store.known(tolerant=True)
            except (IndexDamagedError, OSError):
                continue
            usable = None if self._checked is None else self._checked.get(file, ())
            found += (
                _Place(file, id_, path, sha256, is_whole)
                for id_, (path, sha256, _) in reversed(known.items())
                if usable is None or id_ in usable
            )
        return found

    @cached_property
    def _by_path(self) -> dict[str, _Place]:
        return {place.path: place for place in reversed(self._places)}

    @cached_property
    def _by_file(self) -> dict[str, list[_Place]]:
        found: dict[str, list[_Place]] = {}
        for place in self._places:
            found.setdefault(place.sha256, []).append(place)
        return found

    def _counts(self, file: Path) -> dict[int, int]:
        if file not in self._passages:
            try:
                self._passages[file] = self._store(file).passage_counts()
            except (IndexDamagedError, OSError):
                self._passages[file] = {}
        return self._passages[file]

    def _forget_places(self) -> None:
        for name in ("_places", "_by_path", "_by_file"):
            self.__dict__.pop(name, None)

    @staticmethod
    def _texts(record: Record) -> dict[str, NDArray[np.float32]]:
        old = prepared_of(record)
        vectors = (*old.chunk_vectors, *old.sentence_vectors, old.title_vector)
        return dict(zip(texts_of(old.document, old.chunks), vectors, strict=True))

    def _store(self, file: Path) -> Store:
        if file not in self._open:
            self._open[file] = _opened(file)
        return self._open[file]

    def _record(self, place: _Place) -> Record | None:
        try:
            return self._store(place.file).record(place.id, vectors=True)
        except (IndexDamagedError, OSError):
            return None


class _Place(NamedTuple):
    """Where a stored document is."""

    file: Path
    id: int
    path: str
    sha256: str  # of the document's file
    is_whole: bool  # whether its passages were made by the current pipeline


def _content(document: Document) -> tuple[str, str, bool, str | None]:
    # What passages and vectors depend on: text, title, and, for extracted formats, the blocks.
    told = document.structure if is_extracted(document.path) else None
    return document.text, document.metadata.title, is_markdown(document.path), told


def is_sound(index_dir: Path, manifest: Manifest, is_checked: Callable[[Path], bool]) -> bool:
    """Tell whether the stores are byte for byte as published; files that were checked already are not read again."""
    try:
        stores = ((index_dir / one.store, one) for one in manifest.segments)
        return all(is_checked(file) or _is_sound(file, one) for file, one in stores)
    except OSError:
        return False


def _is_sound(file: Path, named: Segment) -> bool:
    same_size = not file.is_symlink() and file.stat().st_size == named.store_bytes
    return same_size and manifests.sha256(file) == named.store_sha256


def recover(stores: Sequence[Path], *, embedding: str, pipeline: str) -> tuple[Recovered, dict[str, tuple[str, str]]]:
    """
    Look through stores that may be damaged.

    Parameters
    ----------
    stores
        The stores, latest first: for each path, the first store that has it counts.
    embedding, pipeline
        As for `Recovered`.

    Returns
    -------
    What can be reused, and, by each path whose passages can be reused, the digest of its file and its title.

    """
    usable: dict[Path, set[int]] = {}
    stored: dict[str, tuple[str, str]] = {}
    for file in stores:
        for record, is_whole in _records(file, embedding=embedding, pipeline=pipeline, vectors=True):
            usable.setdefault(file, set()).add(record.id)
            if is_whole:
                known = record.document
                stored.setdefault(record.path, (known.sha256, known.metadata.title))
    return Recovered(stores, embedding=embedding, pipeline=pipeline, checked=usable), stored


def known_before(index_dir: Path, pipeline: str, is_checked: Callable[[Path], bool]) -> dict[str, Document]:
    """Return the documents extracted from files by earlier runs, by file digest; extracting them again takes time."""
    found: dict[str, Document] = {}
    left = manifests.stores(index_dir)
    try:
        manifest = manifests.read(index_dir)
        if manifest is not None and is_sound(index_dir, manifest, is_checked):
            for segment in manifest.segments:
                with Store(index_dir / segment.store) as store:
                    if store.meta("pipeline") == pipeline:
                        found |= store.extracted()
            left = [file for file in left if file.name not in manifest.files]
    except (IndexDamagedError, IndexMismatchError):
        found = {}
    for file in left:
        for record, is_whole in _records(file, embedding=None, pipeline=pipeline, vectors=False):
            if is_whole and record.document.encoding in KINDS:
                found.setdefault(record.document.sha256, record.document)
    return found


def _records(file: Path, *, embedding: str | None, pipeline: str, vectors: bool) -> Iterator[tuple[Record, bool]]:
    """Yield the undamaged documents, and whether their passages were made by this pipeline."""
    with suppress(IndexDamagedError, OSError), _opened(file) as store:
        if store.meta("format") not in READABLE or embedding not in {None, store.meta("embedding")}:
            return
        is_whole = store.meta("pipeline") == pipeline
        for id_ in store.known(tolerant=True):
            with suppress(IndexDamagedError):
                record = store.record(id_, vectors=vectors)
                if record is not None:
                    yield record, is_whole


def _opened(file: Path) -> Store:
    if Path(f"{file}-journal").exists():
        # Opening the store for writing rolls back what a killed run had half written.
        Store(file, writable=True).close()
    return Store(file)


def prepared_of(record: Record, document: Document | None = None) -> Prepared:
    """Return the `Prepared` form of a record, for its document or for another one with the same text."""
    document = document or record.document
    return Prepared(
        document,
        tuple(replace(chunk, path=document.path) for _, chunk in chunks_of(record)),
        record.rows(record.chunk_vectors),
        record.rows(one for of in record.sentence_vectors for one in of),
        record.rows([record.title_vector])[0],
    )
