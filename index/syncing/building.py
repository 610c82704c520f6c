"""Build an index beside the published one, and publish it when it is complete."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from index.errors import IndexDamagedError, IndexMismatchError, ModelError, RagError, StoreUnavailableError
from index.storage import manifest as manifests
from index.storage.manifest import Manifest, Segment, check_compatible
from index.storage.schema import FORMAT
from index.storage.segments import derived
from index.storage.segments.change import Change
from index.storage.segments.picture import Picture
from index.storage.store import Store
from index.storage.vectors import stores as vector_stores
from index.storage.vectors.stores import FAISS
from index.syncing import merging
from index.syncing.calibration import cosine_floor, sample
from index.syncing.planning import ChangedMeanwhileError, Plan, plan
from index.syncing.preparation import look_ahead, prepare
from index.syncing.recovery import Recovered, is_sound, recover
from index.syncing.seen import Unread

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from index.protocols import Embedder
    from index.syncing.preparation import Ahead, Prepared
    from index.syncing.recovery import Known
    from index.syncing.seen import Seen
    from index.types import Document


@dataclass(frozen=True, slots=True)
class _Before:
    """The state before a sync: the published index, whether its stores are sound, and what can be reused."""

    manifest: Manifest | None = None
    sound: Manifest | None = None  # the same, if its stores are unchanged and made by this pipeline
    stored: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # path: digest of the file and title
    ids: Mapping[str, int] = field(default_factory=dict)  # path: id of the document
    gone: frozenset[int] = frozenset()  # ids of documents that already no longer counted
    recovered: Recovered = field(default_factory=Recovered)


def mirror(
    loaded: Sequence[Document | Unread],
    index_dir: Path,
    embedder: Embedder,
    *,
    pipeline: str,
    rebuild: bool,
    store: str,
    seen: Seen,
    reread: Collection[str] = (),
) -> tuple[Plan, tuple[int, int], Manifest]:
    """
    Make an index hold a folder's documents; the caller must hold the lock.

    Parameters
    ----------
    loaded
        The folder's documents, in its order.
    index_dir
        Folder of the index.
    embedder, rebuild, store
        As for `index.syncing.sync.sync`.
    pipeline
        Identifies the pipeline from files to passages and terms.
    seen
        What the previous sync saw; documents that have not changed since may be given without their texts.
    reread
        Digests of files that have not changed but from which other text was read than before.

    Returns
    -------
    What was done, the numbers of documents and passages there are now, and the manifest of the result.

    Raises
    ------
    ChangedMeanwhileError
        The index is not the one that ``seen`` refers to, so all texts are needed.

    """
    is_checked = partial(seen.is_checked, index_dir)
    if not rebuild and (same := _same(loaded, index_dir, embedder.fingerprint, store, seen)) is not None:
        manifests.clean(index_dir, keep=same, store=store)
        return Plan((), (), (), (), (), len(loaded), same.content), counted(index_dir, same), same
    before = _look(index_dir, embedder.fingerprint, pipeline, is_checked, rebuild=rebuild)
    base = before.sound
    whole = False  # whether its derived files are sound, too
    read = [one for one in loaded if not isinstance(one, Unread)]
    if len(read) < len(loaded) and (base is None or base.digest != seen.manifest):
        raise ChangedMeanwhileError
    stored = {path: ("" if digest in reread else digest, title) for path, (digest, title) in before.stored.items()}
    todo = plan(loaded, stored, pipeline=pipeline)
    if base is not None:
        whole = not derived.problems(index_dir, base, store, is_checked)
        if whole and not todo.changes:
            manifests.clean(index_dir, keep=base, store=store)
            return todo, counted(index_dir, base), base
    vector_stores.reach(store)  # before the long work
    generation = manifests.free_generation(index_dir, before.manifest)
    with closing(before.recovered) as recovered:
        if rebuild and not recovered.agrees(embedder):
            recovered.forget()
        for file in recovered.superfluous(but=manifests.named(index_dir)):
            manifests.delete_store(file)
        if base is not None:
            spare = {file.name for file in manifests.stores(index_dir)}
            manifests.clean(index_dir, keep=base, store=store, spare=spare)
        wanted = read if base is None else (*(document for _, document in todo.renamed), *todo.fresh)
        ahead = look_ahead(wanted, recovered)
        prepared = prepare(ahead, embedder, recovered)
        try:
            if base is None:
                segments = _first(index_dir, generation, prepared, embedder.fingerprint, pipeline, store)
            else:
                segments = _next(
                    index_dir, generation, base, before, todo, ahead, prepared, pipeline, store, whole=whole
                )
            made = Manifest(FORMAT, generation, embedder.fingerprint, todo.content, 0.0, segments)
            with closing(Picture(index_dir, made, store)) as picture:
                made = replace(made, cosine_floor=cosine_floor(embedder, sample(picture))).sealed()
                counts = picture.counts
            manifests.publish(index_dir, made)
        except (OSError, sqlite3.Error, RagError) as error:
            # On a full disk the files made so far must not take the room that the next try needs. If a run is
            # interrupted, or its model or vector store fails, they stay, so that the next run can reuse the vectors.
            if not isinstance(error, (ModelError, StoreUnavailableError)):
                manifests.discard(index_dir, generation, store=store)
            raise
    manifests.clean(index_dir, keep=made, store=store)
    return todo, counts, made


def _same(
    loaded: Sequence[Document | Unread], index_dir: Path, embedding: str, store: str, seen: Seen
) -> Manifest | None:
    """
    Return the published index if it surely holds just what the folder holds; None if that has yet to be found out.

    A document that was not read is in the index as the last sync saw it. So if no document had to be read, and the
    numbers of documents agree, the index holds no others, and none of them need be looked up.
    """
    if not loaded or not all(isinstance(one, Unread) for one in loaded):
        return None
    base = _current(index_dir, embedding, rebuild=False)
    is_checked = partial(seen.is_checked, index_dir)
    if base is None or base.digest != seen.manifest or not is_sound(index_dir, base, is_checked):
        return None
    if derived.problems(index_dir, base, store, is_checked) or counted(index_dir, base)[0] != len(loaded):
        return None
    return base


def _first(
    index_dir: Path,
    generation: int,
    prepared: Iterable[Sequence[Prepared]],
    embedding: str,
    pipeline: str,
    setting: str,
) -> tuple[Segment, ...]:
    """Write the only segment of a new index."""
    file = index_dir / manifests.store_name(generation)
    with Store.create(file, embedding=embedding, pipeline=pipeline) as store:
        _add(store, prepared, generation)
        return (_derive(index_dir, generation, store, Change(), setting),)


def _next(
    index_dir: Path,
    generation: int,
    base: Manifest,
    before: _Before,
    todo: Plan,
    ahead: Ahead,
    prepared: Iterable[Sequence[Prepared]],
    pipeline: str,
    setting: str,
    *,
    whole: bool,
) -> tuple[Segment, ...]:
    """Write a segment that changes a generation; return all segments of the next generation."""
    removed = {before.ids[path] for path in (*todo.outdated, *(old for old, _ in todo.renamed))}
    gone = before.gone | removed
    count = merging.kept(_sizes(index_dir, base, gone), ahead.passages) if whole else 0
    with Store(index_dir / base.segments[-1].store) as latest:
        last_ids = latest.last_ids()
    file = index_dir / manifests.store_name(generation)
    absorbed = base.segments[count:]
    with Store.create(file, embedding=base.embedding, pipeline=pipeline, last_ids=last_ids) as store:
        first = last_ids.get("documents", 0) + 1
        for one in absorbed:
            store.absorb(index_dir / one.store, gone)
            first = min(first, store.first_id())
        with store.transaction():
            store.forget(removed, before=first)
        _add(store, prepared, generation)
        earlier = max(absorbed, key=lambda one: one.store_bytes, default=None)
        folder = None if earlier is None else index_dir / earlier.derived
        if not whole:
            return (_derive(index_dir, generation, store, Change(), setting, folder),)
        with closing(Picture(index_dir, base, setting)) as picture:
            change = Change(picture, count, sorted(removed), last_ids.get("documents", 0) + 1)
            return (*base.segments[:count], _derive(index_dir, generation, store, change, setting, folder))


def _derive(
    index_dir: Path,
    generation: int,
    store: Store,
    change: Change,
    setting: str,
    earlier: Path | None = None,
) -> Segment:
    folder = index_dir / manifests.derived_name(generation)
    digests = derived.write(folder, store, change, setting=setting, earlier=earlier)
    file = index_dir / manifests.store_name(generation)
    return Segment(file.name, folder.name, file.stat().st_size, manifests.sha256(file), store.root(), digests)


def _add(store: Store, prepared: Iterable[Sequence[Prepared]], generation: int) -> None:
    for several in prepared:  # one transaction each, so that the next run can reuse what an interrupted one embedded
        with store.transaction():
            for one in several:
                store.add(one.document, one.chunks, one.chunk_vectors, one.sentence_vectors, one.title_vector)
    with store.transaction():
        store.advance(to=generation)


def _sizes(index_dir: Path, base: Manifest, gone: Collection[int]) -> list[merging.Size]:
    found = []
    for segment in base.segments:
        with Store(index_dir / segment.store) as store:
            passages = store.passage_counts()
        dead = sum(count for id_, count in passages.items() if id_ in gone)
        found.append(merging.Size(sum(passages.values()) - dead, dead))
    return found


def counted(index_dir: Path, base: Manifest) -> tuple[int, int]:
    """Return the numbers of documents and passages of an index."""
    with closing(Picture(index_dir, base, FAISS)) as picture:
        return picture.counts


def _look(
    index_dir: Path, embedding: str, pipeline: str, is_checked: Callable[[Path], bool], *, rebuild: bool
) -> _Before:
    current = _current(index_dir, embedding, rebuild=rebuild)
    stores = manifests.stores(index_dir)
    make = partial(Recovered, stores, embedding=embedding, pipeline="" if rebuild else pipeline)
    if rebuild:  # everything is read and cut again; unchanged texts keep their vectors
        return _Before(current, recovered=make())
    if current is not None and is_sound(index_dir, current, is_checked):
        stored: dict[str, tuple[str, str]] = {}
        ids: dict[str, int] = {}
        gone: set[int] = set()
        known: dict[Path, Known] = {}
        for segment in current.segments:
            file = index_dir / segment.store
            with Store(file) as store:
                if store.meta("pipeline") != pipeline:
                    return _Before(current, recovered=make())
                known[file] = store.known()
                gone.update(store.removed())
            stored |= {path: (digest, title) for path, digest, title in known[file].values()}
            ids |= {path: id_ for id_, (path, _, _) in known[file].items()}
        # A changed path is also in a later segment, and only that one counts; a removed path counts in none.
        ids = {path: id_ for path, id_ in ids.items() if id_ not in gone}
        stored = {path: stored[path] for path in sorted(ids)}
        return _Before(current, current, stored, ids, frozenset(gone), make(known=known))
    recovered, stored = recover(stores, embedding=embedding, pipeline=pipeline)
    return _Before(current, None, stored, recovered=recovered)


def _current(index_dir: Path, embedding: str, *, rebuild: bool) -> Manifest | None:
    """Return the manifest; None if there is none that could be built on."""
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
