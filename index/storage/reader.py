"""An open index: an immutable picture of one generation, safe to share between threads."""

from __future__ import annotations

import time
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from index.errors import IndexDamagedError, IndexMissingError
from index.storage import derived
from index.storage import manifest as manifests
from index.storage.failures import damaged
from index.storage.manifest import check_compatible
from index.storage.store import Store, StoredChunk
from index.storage.vectors.stores import FAISS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from index.storage.protocols import Lexical, Vectors
    from index.types import Document, Span

_ATTEMPTS = 20
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Index:
    """
    One generation of an index.

    A later sync makes new files and leaves these values alone, so a reader goes on with what it opened.

    Parameters
    ----------
    fingerprint
        Equal for equal corpora indexed in the same way.
    generation
        The generation that was opened.
    documents
        By path.
    chunks
        By id, in order of ids: the rows of `lexical` are in this order too.
    vectors, lexical
        The two searchable sides.
    cosine_floor
        What "nothing in common" looks like in cosines, see `index.syncing.calibration`.
    sentence_vectors
        One row a sentence, see `StoredChunk.first_sentence`.
    title_vectors
        By path of the document.
    passages
        Ids of each document's chunks in reading order, by path.

    """

    fingerprint: str
    generation: int
    documents: dict[str, Document]
    chunks: dict[int, StoredChunk]
    vectors: Vectors
    lexical: Lexical
    cosine_floor: float
    sentence_vectors: NDArray[np.float32]
    title_vectors: dict[str, NDArray[np.float32]]
    passages: dict[str, tuple[int, ...]]

    @classmethod
    def open(cls, index_dir: Path, *, embedding: str, store: str = FAISS) -> Index:
        """
        Open the current generation.

        Checked against their digests are the manifest, the derived files, and of the store each document's text,
        metadata and passages. Its vectors are not read: those of the derived files serve searches.

        Parameters
        ----------
        index_dir
            Folder of the index.
        embedding
            Fingerprint of the embedding model that queries will be embedded with.
        store
            How a vector store is reached, where the one that wrote the index has that name; see
            `index.storage.vectors.stores`.

        Raises
        ------
        IndexMissingError
            There is no index, or the first run did not come to its end.
        IndexMismatchError
            It was made with another embedding model.
        IndexDamagedError
            A file is missing, or not as it was written.

        """
        for attempt in range(_ATTEMPTS):
            manifest = manifests.read(index_dir)
            try:
                return cls._open(index_dir, manifest, embedding, store)
            except IndexDamagedError:
                # A writer may have published between our reads: look again before calling it damage.
                if attempt == _ATTEMPTS - 1 or not _being_written(index_dir, manifest):
                    raise
                time.sleep(_PAUSE_SECONDS)
        raise AssertionError("unreachable")

    def sentence_rows(self, chunk_id: int) -> NDArray[np.float32]:
        """Return the vectors of a chunk's sentences, one row each, in reading order."""
        stored = self.chunks[chunk_id]
        return self.sentence_vectors[stored.first_sentence : stored.first_sentence + len(stored.chunk.sentences)]

    def sentences_before(self, path: str, offset: int, count: int) -> tuple[Span, ...]:
        """Return at most ``count`` citable sentences and headings that end before an offset, in reading order."""
        found: list[Span] = []
        passages = self.passages.get(path, ())
        before = bisect_left(passages, offset, key=lambda id_: self.chunks[id_].chunk.start)
        for id_ in reversed(passages[:before]):
            found += [span for span in reversed(self.chunks[id_].chunk.sentences) if span.end <= offset]
            if len(found) >= count:
                break
        return tuple(reversed(found[:count]))

    @classmethod
    def _open(cls, index_dir: Path, manifest: manifests.Manifest | None, embedding: str, store: str) -> Index:
        if manifest is None:
            what = "was never finished" if manifests.stores(index_dir) else "does not exist"
            raise IndexMissingError(f"The index in {index_dir} {what}.", hint="Make it with `rag index CORPUS`.")
        check_compatible(manifest, embedding, index_dir)
        with Store(index_dir / manifest.store) as kept:
            snapshot = kept.snapshot(vectors=False)
        if snapshot.root != manifest.root:
            raise damaged(index_dir / manifest.store, "it is not the one that the manifest names")
        found = derived.load(index_dir, manifest, store)
        return cls(
            f"{manifest.content}-{manifest.embedding}",
            manifest.generation,
            snapshot.documents,
            {stored.id: stored for stored in snapshot.chunks},
            found.vectors,
            found.lexical,
            manifest.cosine_floor,
            found.sentence_vectors,
            dict(zip(snapshot.documents, found.title_vectors, strict=True)),
            _by_document(snapshot.chunks),
        )


def _by_document(chunks: Sequence[StoredChunk]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[StoredChunk]] = {}
    for stored in chunks:
        found.setdefault(stored.chunk.path, []).append(stored)
    return {path: tuple(one.id for one in sorted(of, key=lambda one: one.chunk.start)) for path, of in found.items()}


def _being_written(index_dir: Path, seen: manifests.Manifest | None) -> bool:
    if manifests.read(index_dir) != seen:
        return True
    lock = FileLock(index_dir / manifests.LOCK, timeout=0)
    try:
        with lock:
            return False
    except Timeout:
        return True
    except OSError:
        return False
