"""Make an index the mirror of a folder of articles."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from index import documents, manifest
from index.calibration import cosine_floor
from index.errors import CorpusError, IndexDamagedError, IndexMismatchError, RagError
from index.extraction.limits import CORPUS
from index.extraction.notes import notes
from index.extraction.pool import shared
from index.extraction.unreadable import FILE, RememberingExtractor, Unreadable
from index.formats import KINDS, LISTED
from index.preparation import Progress, prepare
from index.store import FORMAT, Store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from index.embedding import Embedder
    from index.extraction.limits import Limits
    from index.extraction.types import Extractor
    from index.types import Document

# Raise this when loading, cleaning, sentence splitting, chunking, the embedded text or the terms change:
# documents indexed the old way are then indexed again.
PIPELINE = f"{FORMAT}.3"
LOCK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that could not be indexed, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class SyncReport:
    """
    What a sync did.

    Parameters
    ----------
    added, changed, renamed, removed, unchanged
        Numbers of documents.
    skipped
        Files left out, with the reason.
    partly
        What was not read of files that the index holds, such as the rest of a sheet that is too long.
    documents, chunks
        What the index holds now.
    seconds
        How long it took.

    """

    added: int
    changed: int
    renamed: int
    removed: int
    unchanged: int
    skipped: tuple[Skipped, ...]
    documents: int
    chunks: int
    seconds: float
    partly: tuple[Skipped, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the object that `rag index --json` prints."""
        return {
            "added": self.added,
            "changed": self.changed,
            "renamed": self.renamed,
            "removed": self.removed,
            "unchanged": self.unchanged,
            "skipped": [{"path": file.path, "reason": file.reason} for file in self.skipped],
            "documents": self.documents,
            "chunks": self.chunks,
            "seconds": round(self.seconds, 3),
            "partly_read": [{"path": file.path, "reason": file.reason} for file in self.partly],
        }


@dataclass(frozen=True, slots=True)
class _Plan:
    added: tuple[Document, ...]
    changed: tuple[Document, ...]
    renamed: tuple[tuple[str, Document], ...]
    removed: tuple[str, ...]
    unchanged: int
    content: str


def sync(
    corpus: Path,
    index_dir: Path,
    embedder: Embedder,
    *,
    rebuild: bool = False,
    progress: Progress | None = None,
    known: Mapping[str, Document] | None = None,
    limits: Limits = CORPUS,
) -> SyncReport:
    """
    Bring the index up to date with the folder, embedding only what is new.

    Parameters
    ----------
    corpus
        Folder of articles; only ever read.
    index_dir
        Folder of the index, made where it is missing.
    embedder
        The embedding model.
    rebuild
        Throw the index away first. The only way to change its embedding model.
    progress
        Told how many texts are embedded.
    known
        Documents that have been read already, by the digests of their files, see `index.documents.load`.
    limits
        What reading a file may cost.

    Returns
    -------
    What was done. Either all of it is visible to the next reader, or none.

    Raises
    ------
    CorpusError
        The folder is missing, or holds no article that can be read.
    IndexDamagedError, IndexMismatchError
        The index cannot be used; the message names the command that rebuilds it.

    """
    began = time.perf_counter()
    extracted = {} if rebuild else _known_before(index_dir)
    unreadable = Unreadable() if rebuild else Unreadable.read(index_dir)
    with shared().open(str(index_dir), limits) as seat:
        try:
            reader = RememberingExtractor(seat, limits, unreadable, PIPELINE)
            loaded, skipped = _load(corpus, reader, {**extracted, **(known or {})})
        finally:
            unreadable.write(index_dir)
    try:
        index_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(index_dir / manifest.LOCK, timeout=LOCK_SECONDS):
            report = _sync_locked(loaded, skipped, index_dir, embedder, rebuild, progress, began)
            return replace(report, partly=_partly(loaded))
    except Timeout as error:
        raise RagError(
            f"Another process is writing the index in {index_dir}.", hint="Wait until it has finished."
        ) from error
    except OSError as error:
        raise RagError(
            f"The index in {index_dir} cannot be written: {error.strerror or error}.",
            hint="Free some disk space or name another folder with --index.",
        ) from error
    except sqlite3.OperationalError as error:
        raise RagError(
            f"The index in {index_dir} cannot be written: {error}.",
            hint="Free some disk space or name another folder with --index.",
        ) from error


def remove_index(index_dir: Path) -> None:
    """Delete an index, and nothing else that may lie in the folder; who has it open goes on with it."""
    if not index_dir.is_dir():
        return
    try:
        with FileLock(index_dir / manifest.LOCK, timeout=LOCK_SECONDS):
            manifest.remove_files(index_dir)
            (index_dir / FILE).unlink(missing_ok=True)
    except Timeout as error:
        raise RagError(
            f"Another process is writing the index in {index_dir}.", hint="Wait until it has finished."
        ) from error


def _sync_locked(
    loaded: list[Document],
    skipped: tuple[Skipped, ...],
    index_dir: Path,
    embedder: Embedder,
    rebuild: bool,  # noqa: FBT001 - private
    progress: Progress | None,
    began: float,
) -> SyncReport:
    if rebuild:
        manifest.remove_files(index_dir)
    with _open_store(index_dir, embedder.fingerprint) as store:
        stale_pipeline = store.meta("pipeline") != PIPELINE
        plan = _plan(loaded, {} if stale_pipeline else store.digests())
        change = plan.added or plan.changed or plan.renamed or plan.removed or stale_pipeline
        if change or not _derived_are_sound(index_dir, store.generation):
            # Embedding is the long part: it happens before the transaction, so that a kill loses nothing.
            prepared = prepare((*plan.added, *plan.changed), embedder, progress)
            with store.transaction():
                if stale_pipeline:
                    for path in store.digests():
                        store.remove(path)
                    store.set_meta("pipeline", PIPELINE)
                for path in (*plan.removed, *(document.path for document in plan.changed)):
                    store.remove(path)
                _rename(store, plan)
                for one in prepared:
                    store.add(one.document, one.chunks, one.chunk_vectors, one.sentence_vectors, one.title_vector)
                store.advance()
                snapshot = store.snapshot()
                floor = cosine_floor(embedder, snapshot.sentence_vectors)
                made = manifest.write_derived(
                    index_dir, snapshot, embedding=embedder.fingerprint, content=plan.content, floor=floor
                )
            manifest.publish(index_dir, made)
        else:
            snapshot = store.snapshot()
    return SyncReport(
        len(plan.added),
        len(plan.changed),
        len(plan.renamed),
        len(plan.removed),
        plan.unchanged,
        skipped,
        len(snapshot.documents),
        len(snapshot.chunks),
        time.perf_counter() - began,
    )


def _derived_are_sound(index_dir: Path, generation: int) -> bool:
    # Whatever is wrong with derived files, they can be made again from the store without embedding anything.
    try:
        current = manifest.read(index_dir)
        if current is None or current.generation != generation:
            return False
        manifest.load_derived(index_dir, current)
    except IndexDamagedError:
        return False
    return True


def _rename(store: Store, plan: _Plan) -> None:
    # Through names no file can have, so that two files may swap theirs.
    for number, (old, _) in enumerate(plan.renamed):
        store.move(old, f"\0{number}")
    for number, (_, document) in enumerate(plan.renamed):
        store.rename(f"\0{number}", document)


def _open_store(index_dir: Path, embedding: str) -> Store:
    file = index_dir / manifest.STORE
    if file.exists() and _is_older(file, embedding):  # all that it holds can be made again from the articles
        manifest.remove_files(index_dir)
    if not file.exists():
        # A store that was half created must not be taken for one.
        partial = index_dir / f".{manifest.STORE}-new"
        partial.unlink(missing_ok=True)
        Store.create(partial, embedding=embedding, pipeline=PIPELINE).close()
        partial.replace(file)
    store = Store(file)
    try:
        check_compatible(store, embedding, index_dir)
    except BaseException:
        store.close()
        raise
    return store


def _is_older(file: Path, embedding: str) -> bool:
    """Tell whether an earlier version of this program made a store: another format, or the same model in another one."""
    with Store(file) as store:
        found, made_with = store.meta("format"), store.meta("embedding")
    same_weights = (_weights(made_with) or made_with) == _weights(embedding)
    return (found.isdecimal() and int(found) < FORMAT) or (same_weights and made_with != embedding)


def _weights(fingerprint: str) -> str | None:
    """Return a fingerprint without the format of the weights, ``name@digest/int8``; None where it names no format."""
    weights, _, form = fingerprint.rpartition("/")
    return weights if form and "@" in weights else None


def check_compatible(store: Store, embedding: str, index_dir: Path) -> None:
    """Raise `IndexMismatchError` where the store was made by another model or format."""
    hint = "Rebuild it with `rag index CORPUS --rebuild`."
    if (found := store.meta("format")) != str(FORMAT):
        raise IndexMismatchError(f"The index in {index_dir} has format {found}, not {FORMAT}.", hint=hint)
    if store.meta("embedding") != embedding:
        raise IndexMismatchError(
            f"The index in {index_dir} was made with the embedding model {store.meta('embedding')}, not {embedding}.",
            hint=hint,
        )


def _known_before(index_dir: Path) -> dict[str, Document]:
    """Return what earlier runs took out of files; again it would only take time."""
    file = index_dir / manifest.STORE
    if not file.exists():  # opening it would leave an empty file, which is no store
        return {}
    try:
        with Store(file) as store:
            if store.meta("format") != str(FORMAT) or store.meta("pipeline") != PIPELINE:
                return {}
            return store.extracted()
    except (sqlite3.Error, IndexDamagedError, ValueError, TypeError):
        return {}


def _load(corpus: Path, reader: Extractor, known: Mapping[str, Document]) -> tuple[list[Document], tuple[Skipped, ...]]:
    if not corpus.exists():
        raise CorpusError(f"There is no folder {corpus}.", hint=f"Name a folder of articles: {LISTED}.")
    if not corpus.is_dir():
        raise CorpusError(f"{corpus} is not a folder.", hint=f"Name a folder of articles: {LISTED}.")
    loaded: list[Document] = []
    skipped: list[Skipped] = []
    for file in documents.iter_files(corpus):
        try:
            document = documents.load(file, corpus, reader=reader, known=known)
        except CorpusError as error:
            path = file.relative_to(corpus).as_posix()
            skipped.append(Skipped(path, str(error).removeprefix(f"{path}: ")))
        else:
            loaded.append(document)
    if not loaded:
        hint = skipped[0].reason if skipped else f"Put articles into it: {LISTED}."
        raise CorpusError(f"No article in {corpus} can be read.", hint=hint)
    return loaded, tuple(skipped)


def _partly(loaded: Sequence[Document]) -> tuple[Skipped, ...]:
    return tuple(
        Skipped(document.path, note)
        for document in loaded
        if document.encoding in KINDS
        for note in notes(document.text)
    )


def _plan(loaded: list[Document], stored: dict[str, str]) -> _Plan:
    present = {document.path: document for document in loaded}
    gone = {path: digest for path, digest in stored.items() if path not in present}
    added: list[Document] = []
    renamed: list[tuple[str, Document]] = []
    for document in loaded:
        if document.path in stored:
            continue
        old = next((path for path, digest in gone.items() if digest == document.sha256), None)
        if old is None:
            added.append(document)
        else:
            renamed.append((old, document))
            del gone[old]
    changed = tuple(
        document for path, document in present.items() if stored.get(path, document.sha256) != document.sha256
    )
    unchanged = len(loaded) - len(added) - len(renamed) - len(changed)
    content = hashlib.sha256(PIPELINE.encode())
    for document in loaded:
        content.update(f"\n{document.path}\0{document.sha256}".encode())
    return _Plan(tuple(added), changed, tuple(renamed), tuple(gone), unchanged, content.hexdigest()[:16])


def free_bytes(folder: Path) -> int:
    """Return the free disk space where a folder is, or will be."""
    existing = next(parent for parent in (folder, *folder.resolve().parents) if parent.exists())
    return shutil.disk_usage(existing).free


__all__: Sequence[str] = (
    "PIPELINE",
    "Progress",
    "Skipped",
    "SyncReport",
    "check_compatible",
    "free_bytes",
    "remove_index",
    "sync",
)
