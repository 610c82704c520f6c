"""Build an index beside the published one, and publish it when it is whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from index.errors import IndexDamagedError, IndexMismatchError, StoreUnavailableError
from index.storage import manifest as manifests
from index.storage.failures import MEND
from index.storage.manifest import Manifest, Segment, check_compatible
from index.storage.schema import FORMAT
from index.storage.segments import derived
from index.storage.segments.change import Change
from index.storage.segments.segment import Picture
from index.storage.store import Store
from index.storage.vectors import stores as vector_stores
from index.storage.vectors.stores import FAISS
from index.syncing import merging
from index.syncing.calibration import cosine_floor, sample
from index.syncing.leaving import in_batches, leave
from index.syncing.planning import Plan, plan
from index.syncing.recovery import Recovered, is_sound, prepared_of, recover

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from index.protocols import Embedder
    from index.syncing.preparation import Prepared
    from index.syncing.seen import Seen
    from index.types import Document


class ChangedMeanwhileError(Exception):
    """The index is another one than when its folder was looked at."""


@dataclass(frozen=True, slots=True)
class _Before:
    """What a sync begins with: the published index, whether its stores are sound, and what can be used again."""

    manifest: Manifest | None = None
    sound: Manifest | None = None  # the same, where its stores are as they were published and of this pipeline
    stored: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # path: digest of the file and title
    ids: Mapping[str, int] = field(default_factory=dict)  # of the documents
    gone: frozenset[int] = frozenset()  # ids of those that counted no more already
    recovered: Recovered = field(default_factory=Recovered)


def mirror(
    loaded: Sequence[Document],
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
    seen
        What the sync before saw, and whether some of the documents are without their texts, because they are as then.
    reread
        Digests of files of which other text was read than before, though they have not changed.

    Returns
    -------
    What was done, how many documents and passages there are now, and the manifest that says so.

    Raises
    ------
    ChangedMeanwhileError
        The index is not the one that was seen, so that all texts are needed.

    """
    is_checked = partial(seen.is_checked, index_dir)
    before = _look(index_dir, embedder.fingerprint, pipeline, is_checked, rebuild=rebuild)
    stored = {path: ("" if digest in reread else digest, title) for path, (digest, title) in before.stored.items()}
    todo = plan(loaded, stored, pipeline=pipeline)
    base = before.sound
    whole = False  # whether its derived files are sound, too
    if seen.used and (base is None or base.digest != seen.manifest):
        raise ChangedMeanwhileError
    if base is not None:
        manifests.clean(index_dir, keep=base, store=store)
        whole = not derived.problems(index_dir, base, store, is_checked)
        if whole and not todo.changes:
            return todo, counted(index_dir, base), base
    vector_stores.reach(store)
    # Embedding is the long part, and comes before anything is written.
    left: list[Path] = []
    prepared = _prepare(loaded if base is None else todo.fresh, before.recovered, embedder, index_dir, pipeline, left)
    generation = manifests.free_generation(index_dir, before.manifest)
    try:
        if base is None:
            segment = _first(index_dir, generation, prepared, embedder.fingerprint, pipeline, store)
            segments: tuple[Segment, ...] = (segment,)
        else:
            prepared = [*_moved(index_dir, base, todo, before.ids), *prepared]
            segments = _next(index_dir, generation, base, before, todo, prepared, pipeline, store, whole=whole)
        made = Manifest(FORMAT, generation, embedder.fingerprint, todo.content, 0.0, segments)
        with closing(Picture(index_dir, made, store)) as picture:
            made = replace(made, cosine_floor=cosine_floor(embedder, sample(picture))).sealed()
            counts = picture.counts
        manifests.publish(index_dir, made)
    except StoreUnavailableError:
        raise  # what was embedded stays for the next run, as of one that is ended
    except Exception:
        # On a full disk the old index must not be left without room for the next try. A run that is ended leaves its
        # files to the next one, which looks what it can use of them.
        manifests.discard(index_dir, generation, store=store)
        for file in left:
            file.unlink(missing_ok=True)
        raise
    manifests.clean(index_dir, keep=made, store=store)
    return todo, counts, made


def _first(
    index_dir: Path, generation: int, prepared: Sequence[Prepared], embedding: str, pipeline: str, setting: str
) -> Segment:
    """Write a segment that nothing stands before."""
    file = index_dir / manifests.store_name(generation)
    with Store.create(file, embedding=embedding, pipeline=pipeline) as store:
        _add(store, prepared, generation)
        return _derive(index_dir, generation, store, Change(), setting)


def _next(
    index_dir: Path,
    generation: int,
    base: Manifest,
    before: _Before,
    todo: Plan,
    prepared: Sequence[Prepared],
    pipeline: str,
    setting: str,
    *,
    whole: bool,
) -> tuple[Segment, ...]:
    """Write a segment that changes a generation; return all of the next one."""
    removed = {before.ids[path] for path in (*todo.outdated, *(old for old, _ in todo.renamed))}
    gone = before.gone | removed
    fresh = sum(len(one.chunks) for one in prepared)
    count = merging.kept(_sizes(index_dir, base, gone), fresh) if whole else 0
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


def _add(store: Store, prepared: Sequence[Prepared], generation: int) -> None:
    with store.transaction():
        for one in prepared:
            store.add(one.document, one.chunks, one.chunk_vectors, one.sentence_vectors, one.title_vector)
        store.advance(to=generation)


def _moved(index_dir: Path, base: Manifest, todo: Plan, ids: Mapping[str, int]) -> list[Prepared]:
    """Return the documents that only have another name, with what was made of them."""
    wanted = {ids[old]: document for old, document in todo.renamed}
    found = []
    for segment in base.segments:
        with Store(index_dir / segment.store) as store:
            for id_ in sorted(wanted.keys() & store.known().keys()):
                record = store.record(id_, vectors=True)
                if record is None:
                    raise IndexDamagedError(f"The index file {index_dir / segment.store} is damaged.", hint=MEND)
                # Its blocks are those that were read: of other formats only the file itself tells them.
                found.append(prepared_of(record, replace(wanted[id_], structure=record.document.structure)))
    return found


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


def _prepare(
    wanted: Sequence[Document],
    recovered: Recovered,
    embedder: Embedder,
    index_dir: Path,
    pipeline: str,
    left: list[Path],
) -> list[Prepared]:
    """Return what is made of documents; ``left`` is told the files that hold it for the next run if this one is ended."""
    found = {document.path: recovered.find(document) for document in wanted}
    made: dict[str, Prepared] = {}
    for prepared, more in in_batches([document for document in wanted if found[document.path] is None], embedder):
        if more:  # the last ones are stored at once
            with suppress(OSError, sqlite3.Error):  # a full disk is said where nothing can be done without
                left.append(leave(prepared, index_dir, embedder.fingerprint, pipeline))
        made |= {one.document.path: one for one in prepared}
    return [found[document.path] or made[document.path] for document in wanted]


def _look(
    index_dir: Path, embedding: str, pipeline: str, is_checked: Callable[[Path], bool], *, rebuild: bool
) -> _Before:
    current = _current(index_dir, embedding, rebuild=rebuild)
    if rebuild:
        return _Before(current)
    if current is not None and is_sound(index_dir, current, is_checked):
        stored: dict[str, tuple[str, str]] = {}
        ids: dict[str, int] = {}
        gone: set[int] = set()
        for segment in current.segments:
            with Store(index_dir / segment.store) as store:
                if store.meta("pipeline") != pipeline:
                    return _Before(current)
                known = store.known()
                gone.update(store.removed())
            stored |= {path: (digest, title) for path, digest, title in known.values()}
            ids |= {path: id_ for id_, (path, _, _) in known.items()}
        # A path that changed stands in a later segment, too, and counts there; one that was removed in none.
        ids = {path: id_ for path, id_ in ids.items() if id_ not in gone}
        stored = {path: stored[path] for path in sorted(ids)}
        left = [file for file in manifests.stores(index_dir) if file.name not in current.files]
        again = recover(left, embedding=embedding, pipeline=pipeline)
        return _Before(current, current, stored, ids, frozenset(gone), again)
    recovered = recover(manifests.stores(index_dir), embedding=embedding, pipeline=pipeline)
    stored = {path: (one.document.sha256, one.document.metadata.title) for path, one in recovered.by_path.items()}
    return _Before(current, None, stored, recovered=recovered)


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
