"""
Make an index mirror a folder of articles.

Published files are never changed. A change is made in a copy of the store, files are derived from it, and the
manifest is replaced last: if a run is interrupted before that, the previous index keeps working.
"""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from index.errors import CorpusError, EmptiedError, RagError
from index.formats import LISTED
from index.reading import documents
from index.reading.extraction.process.limits import CORPUS
from index.reading.extraction.process.pool import shared
from index.reading.extraction.process.unreadable import RememberingExtractor, Unreadable
from index.reading.extraction.recognition.scans import installed
from index.reading.gathering import Known, gather, holds_documents
from index.reading.options import ReadingOptions
from index.storage import left_out
from index.storage import manifest as manifests
from index.storage.failures import free_bytes, writing_failed
from index.storage.left_out import Skipped
from index.storage.place import check_there, remember
from index.storage.vectors.stores import FAISS
from index.storage.vectors.stores import store as vector_store
from index.syncing.building import counted, mirror
from index.syncing.planning import ChangedMeanwhileError
from index.syncing.recovery import known_before
from index.syncing.seen import Seen, Unread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from index.protocols import Embedder
    from index.reading.extraction.process.limits import Limits
    from index.reading.extraction.types import Extractor
    from index.reading.gathering import Gathered
    from index.types import Document

# Raise this when loading, cleaning, sentence splitting, chunking, the embedded text or the terms change:
# documents indexed the old way are then indexed again.
PIPELINE = "2.7"
LOCK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Note:
    """A note for the user about a file that was indexed or, without a path, about the folder."""

    path: str
    text: str


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
    documents, chunks
        Numbers of documents and passages in the index now.
    seconds
        Time it took.
    notes
        What could not be read of files that were indexed, such as a line of front matter; whether the folder is empty.

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
    notes: tuple[Note, ...] = ()

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
            "notes": [{"path": note.path, "text": note.text} for note in self.notes],
        }


def sync(
    corpus: Path,
    index_dir: Path,
    embedder: Embedder,
    *,
    rebuild: bool = False,
    store: str = FAISS,
    known: Mapping[str, Document] | None = None,
    limits: Limits = CORPUS,
    options: ReadingOptions | None = None,
    empty: bool = False,
) -> SyncReport:
    """
    Bring the index up to date with the folder, embedding only what is new; reports its progress.

    The store is compared with its digest before anything is built on it. From a damaged store only documents that
    agree with their own digests are used; all others are made again from the folder.

    Parameters
    ----------
    corpus
        Folder of articles; only ever read.
    index_dir
        Folder of the index, created if missing.
    embedder
        The embedding model.
    rebuild
        Build the whole index again, beside the old one. This is the only way to change its embedding model.
    store
        The vector store: ``faiss``, or one that another package provides; see `index.storage.vectors.stores`.
    known
        Documents that have been read already, by file digest, see `index.reading.documents.load`.
    limits
        Limits on the cost of reading a file.
    options
        Which files are read, and how.
    empty
        Empty the index if the folder no longer holds any articles.

    Returns
    -------
    What was done. The next reader sees either all of it or none.

    Raises
    ------
    CorpusError
        The folder is missing, is on a drive that is not connected, or holds only files that cannot be read. An empty
        folder makes an empty index if there was none.
    EmptiedError
        The folder no longer holds any articles, perhaps because a drive is not mounted, and ``empty`` is not given.
    IndexMismatchError
        Another embedding model or a newer version made the index; the message names the command that rebuilds it.
    RagError
        The index cannot be written; the message says why. What was there before is still there.

    """
    began = time.perf_counter()
    vector_store(store)  # so that a missing store is reported before anything is read
    seen = Seen() if rebuild else Seen.read(index_dir, _key(options))
    unreadable = Unreadable() if rebuild else Unreadable.read(index_dir)
    before = Known(dict, known) if rebuild else Known(partial(_known_before, index_dir, seen), known)
    try:
        while True:
            with shared().open(str(index_dir), limits) as seat:
                try:
                    reader = RememberingExtractor(seat, limits, unreadable, PIPELINE)
                    found, skipped = _load(corpus, reader, before, options, seen)
                    loaded = seen.documents(found)
                    notes = _notes_of(loaded, seen)
                    if not loaded and not (rebuild and empty):
                        check_there(index_dir, corpus)
                    if not loaded and not empty:
                        _check_empty(corpus, index_dir)
                finally:
                    unreadable.write(index_dir)
            index_dir.mkdir(parents=True, exist_ok=True)
            with FileLock(index_dir / manifests.LOCK, timeout=LOCK_SECONDS):
                try:
                    plan, counts, made = mirror(
                        loaded,
                        index_dir,
                        embedder,
                        pipeline=PIPELINE,
                        rebuild=rebuild,
                        store=store,
                        seen=seen,
                        reread=found.reread,
                    )
                except ChangedMeanwhileError:
                    seen = Seen(_key(options))
                    continue
                if loaded or rebuild:
                    remember(index_dir, corpus)
                left_out.remember(index_dir, skipped)
                seen.key = _key(options)
                seen.after(found, notes, made, index_dir).write(index_dir, seen)
            break
    except Timeout as error:
        raise _busy(index_dir) from error
    except (OSError, sqlite3.Error) as error:
        raise writing_failed(error, index_dir) from error
    return SyncReport(
        len(plan.added),
        len(plan.changed),
        len(plan.renamed) + len(plan.retitled),
        len(plan.removed),
        plan.unchanged,
        skipped,
        *counts,
        time.perf_counter() - began,
        _notes(corpus, found, notes, holds=bool(loaded)),
    )


def emptied(corpus: Path, index_dir: Path, options: ReadingOptions | None = None) -> int:
    """Return how many documents an index would lose because its folder exists but is empty; 0 if it holds some."""
    try:
        manifest = manifests.read(index_dir)
        if manifest is None or not corpus.is_dir() or holds_documents(corpus, options):
            return 0
        return counted(index_dir, manifest)[0]
    except (RagError, OSError):  # whatever is wrong, the sync itself says so
        return 0


def _check_empty(corpus: Path, index_dir: Path) -> None:
    """Raise an error if an index would lose everything; for a damaged one, how much that is remains unknown."""
    try:
        manifest = manifests.read(index_dir)
        if manifest is None:
            return
        held = f"{counted(index_dir, manifest)[0]} "
    except (RagError, OSError, sqlite3.Error):
        held = ""
    if held != "0 ":
        raise EmptiedError(
            f"All {held}articles are gone from {corpus}; the index stays as it was.",
            hint="If they are on a drive, connect it. To empty the index: `rag index --yes`.",
        )


def remove_index(index_dir: Path, *, store: str = FAISS) -> None:
    """
    Delete an index, and nothing else that may lie in the folder; readers that have it open can continue.

    Parameters
    ----------
    index_dir
        Folder of the index.
    store
        The vector store, see `sync`. What cannot be deleted there is left, together with the files that name it.

    Raises
    ------
    RagError
        Another process is writing it.

    """
    if not index_dir.is_dir():
        return
    try:
        with FileLock(index_dir / manifests.LOCK, timeout=LOCK_SECONDS):
            manifests.remove_files(index_dir, store=store)
    except Timeout as error:
        raise _busy(index_dir) from error
    except OSError as error:
        raise writing_failed(error, index_dir) from error


def _busy(index_dir: Path) -> RagError:
    return RagError(f"Another process is writing the index in {index_dir}.", hint="Wait until it has finished.")


def _key(options: ReadingOptions | None) -> str:
    """Return a text that identifies how files are read."""
    options = options or ReadingOptions()
    return f"{PIPELINE} {options!r} {installed(options.languages)!r}"


def _known_before(index_dir: Path, seen: Seen) -> dict[str, Document]:
    return known_before(index_dir, PIPELINE, partial(seen.is_checked, index_dir))


def _load(
    corpus: Path, reader: Extractor, known: Mapping[str, Document], options: ReadingOptions | None, seen: Seen
) -> tuple[Gathered, tuple[Skipped, ...]]:
    if not corpus.exists():
        raise CorpusError(f"There is no folder {corpus}.", hint=f"Name a folder of articles: {LISTED}.")
    if not corpus.is_dir():
        raise CorpusError(f"{corpus} is not a folder.", hint=f"Name a folder of articles: {LISTED}.")
    found = gather(corpus, reader, known=known, options=options, unchanged=seen.unchanged)
    skipped = [Skipped(path, reason, found.kinds.get(path, "")) for path, reason in found.left_out]
    if skipped and not found.documents and not any(found.unchanged):
        first = f"{skipped[0].path}: {skipped[0].reason}"
        raise CorpusError(f"No article in {corpus} can be read.", hint=f"{first} An existing index stays as it was.")
    return found, tuple(sorted(skipped, key=lambda one: one.path))


def _notes_of(loaded: Sequence[Document | Unread], seen: Seen) -> dict[str, Sequence[str]]:
    """Return what could not be read of documents, by path; for documents not read again, what the last sync saw."""
    found: dict[str, Sequence[str]] = {}
    for one in loaded:
        of = seen.notes.get(one.path) if isinstance(one, Unread) else documents.notes(one)
        if of:
            found[one.path] = of
    return found


def _notes(corpus: Path, found: Gathered, notes: Mapping[str, Sequence[str]], *, holds: bool) -> tuple[Note, ...]:
    missed = (Note("", found.missed),) if found.missed else ()
    if not holds:
        return (
            *missed,
            Note("", f"There are no articles in {corpus}. Put some into it: {LISTED}."),
        )
    return (*missed, *(Note(path, text) for path, of in notes.items() for text in of))


__all__: Sequence[str] = (
    "PIPELINE",
    "Note",
    "Skipped",
    "SyncReport",
    "emptied",
    "free_bytes",
    "remove_index",
    "sync",
)
