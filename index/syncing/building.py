"""Build an index beside the published one, and publish it when it is whole."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.errors import IndexDamagedError, IndexMismatchError
from index.storage import derived
from index.storage import manifest as manifests
from index.storage.manifest import Manifest, check_compatible
from index.storage.schema import FORMAT
from index.storage.store import Store
from index.syncing.calibration import cosine_floor
from index.syncing.planning import Plan, plan
from index.syncing.preparation import Prepared, prepare
from index.syncing.recovery import Recovered, is_sound, recover

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from index.protocols import Embedder
    from index.storage.store import Snapshot
    from index.types import Document


@dataclass(frozen=True, slots=True)
class _Before:
    """What a sync begins with: the published index, whether its store is sound, and what can be used again."""

    manifest: Manifest | None = None
    sound: Manifest | None = None  # the same, where its store is as it was published and of this pipeline
    stored: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # path: digest of the file and title
    recovered: Recovered = field(default_factory=Recovered)


def mirror(
    loaded: Sequence[Document],
    index_dir: Path,
    embedder: Embedder,
    *,
    pipeline: str,
    rebuild: bool,
    store: str,
    reread: Collection[str] = (),
) -> tuple[Plan, tuple[int, int]]:
    """
    Make an index hold a folder's documents; the caller has the lock.

    Parameters
    ----------
    loaded
        The folder's documents, in its order.
    index_dir
        Folder of the index.
    embedder, rebuild, store
        As for `index.syncing.sync.sync`.
    pipeline
        Identifies the way from files to passages and terms.
    reread
        Digests of files of which other text was read than before, though they have not changed.

    Returns
    -------
    What was done, and how many documents and passages there are now.

    """
    before = _look(index_dir, embedder.fingerprint, pipeline, rebuild=rebuild)
    stored = {path: ("" if digest in reread else digest, title) for path, (digest, title) in before.stored.items()}
    todo = plan(loaded, stored, pipeline=pipeline)
    base = before.sound
    if base is not None:
        manifests.clean(index_dir, keep=base, store=store)
        if not todo.changes and not derived.problems(index_dir, base, store):
            with Store(index_dir / base.store) as kept:
                return todo, kept.count()
    # Embedding is the long part, and comes before anything is written.
    prepared = _prepare(loaded if base is None else todo.fresh, before.recovered, embedder)
    generation = manifests.free_generation(index_dir, before.manifest)
    store_file = index_dir / manifests.store_name(generation)
    folder = index_dir / manifests.derived_name(generation)
    try:
        if base is not None:
            shutil.copyfile(index_dir / base.store, store_file)
            opened = Store(store_file, writable=True)
        else:
            opened = Store.create(store_file, embedding=embedder.fingerprint, pipeline=pipeline)
        with opened as made_store:
            snapshot = _write(made_store, None if base is None else todo, prepared, generation)
        made = Manifest(
            FORMAT,
            generation,
            store_file.name,
            folder.name,
            embedder.fingerprint,
            todo.content,
            cosine_floor(embedder, snapshot.sentence_vectors),
            manifests.sha256(store_file),
            snapshot.root,
            derived.write(folder, snapshot, store=store, before=None if base is None else index_dir / base.derived),
        ).sealed()
        manifests.publish(index_dir, made)
    except Exception:
        # On a full disk the old index must not be left without room for the next try. A run that is ended leaves its
        # files to the next one, which looks what it can use of them.
        manifests.discard(index_dir, generation, store=store)
        raise
    manifests.clean(index_dir, keep=made, store=store)
    return todo, (len(snapshot.documents), len(snapshot.chunks))


def _write(store: Store, todo: Plan | None, prepared: Sequence[Prepared], generation: int) -> Snapshot:
    with store.transaction():
        if todo is not None:
            for path in todo.outdated:
                store.remove(path)
            # Through names no file can have, so that two files may swap theirs.
            for number, (old, _) in enumerate(todo.renamed):
                store.move(old, f"\0{number}")
            for number, (_, document) in enumerate(todo.renamed):
                store.rename(f"\0{number}", document)
        for one in prepared:
            store.add(one.document, one.chunks, one.chunk_vectors, one.sentence_vectors, one.title_vector)
        store.advance(to=generation)
    return store.snapshot()


def _prepare(wanted: Sequence[Document], recovered: Recovered, embedder: Embedder) -> list[Prepared]:
    found = {document.path: recovered.find(document) for document in wanted}
    fresh = prepare([document for document in wanted if found[document.path] is None], embedder)
    made = {one.document.path: one for one in fresh}
    return [found[document.path] or made[document.path] for document in wanted]


def _look(index_dir: Path, embedding: str, pipeline: str, *, rebuild: bool) -> _Before:
    current = _current(index_dir, embedding, rebuild=rebuild)
    if rebuild:
        return _Before(current)
    if current is not None and is_sound(index_dir, current):
        with Store(index_dir / current.store) as store:
            if store.meta("pipeline") != pipeline:
                return _Before(current)
            left = [file for file in manifests.stores(index_dir) if file.name != current.store]
            return _Before(current, current, store.known(), recover(left, embedding=embedding, pipeline=pipeline))
    recovered = recover(manifests.stores(index_dir), embedding=embedding, pipeline=pipeline)
    stored = {path: (one.document.sha256, one.document.metadata.title) for path, one in recovered.by_path.items()}
    return _Before(current, None, stored, recovered)


def _current(index_dir: Path, embedding: str, *, rebuild: bool) -> Manifest | None:
    """Return the manifest, None where there is none that anything could be built on."""
    try:
        found = manifests.read(index_dir)
        if found is not None:
            check_compatible(found, embedding, index_dir)
    except IndexDamagedError:
        return None
    except IndexMismatchError as error:
        if error.earlier or rebuild:
            return None
        raise
    return found
