"""An open index: an immutable view of one generation, safe to share between threads."""

from __future__ import annotations

import time
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from index.errors import IndexDamagedError, IndexMissingError
from index.storage import manifest as manifests
from index.storage.lexical import LexicalIndex
from index.storage.manifest import check_compatible
from index.storage.protocols import Described
from index.storage.segments.mappings import Chunks, Documents, PassageIds, Rows, SegmentedVectors, Titles
from index.storage.segments.picture import Picture
from index.storage.vectors.stores import FAISS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from index.storage.protocols import Chosen, Lexical, PassageRows, Vectors
    from index.storage.records import StoredChunk
    from index.types import Document, Span

_ATTEMPTS = 20
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Index:
    """
    One generation of an index.

    A later sync makes new files and leaves these values alone, so a reader continues with what it opened. Nothing is
    loaded before it is asked for, so opening costs the same whatever the size. Documents, passages and vectors are
    compared with their digests when they are read; one that has changed raises `IndexDamagedError`.

    Parameters
    ----------
    fingerprint
        Equal for equal corpora indexed in the same way.
    generation
        The generation that was opened.
    documents
        The documents by path, in order of paths. Iterating over the values reads every document; see `described`.
    chunks
        The passages by id, in order of ids; the rows of `lexical` are in this order too.
    vectors, lexical
        Vector search and keyword search.
    cosine_floor
        The cosine of texts that have nothing in common, see `index.syncing.calibration`.
    title_vectors
        The vectors of titles, by path of the document.
    passages
        Ids of each document's chunks in reading order, by path.
    rows
        The vectors of sentences, and what passages have in common, by passage id.

    """

    fingerprint: str
    generation: int
    documents: Mapping[str, Document]
    chunks: Mapping[int, StoredChunk]
    vectors: Vectors
    lexical: Lexical
    cosine_floor: float
    title_vectors: Mapping[str, NDArray[np.float32]]
    passages: Mapping[str, tuple[int, ...]]
    rows: PassageRows

    @classmethod
    def open(cls, index_dir: Path, *, embedding: str, store: str = FAISS) -> Index:
        """
        Open the current generation.

        The manifest is checked against its digest, and its files for existence and size; their content is checked
        when it is read.

        Parameters
        ----------
        index_dir
            Folder of the index.
        embedding
            Fingerprint of the embedding model that queries will be embedded with.
        store
            Setting that says how to reach the vector store, used if that store wrote the index; see
            `index.storage.vectors.stores`.

        Raises
        ------
        IndexMissingError
            There is no index, or the first run did not finish.
        IndexMismatchError
            It was made with another embedding model.
        IndexDamagedError
            A file is missing, or has changed since it was written.

        """
        for attempt in range(_ATTEMPTS):
            manifest = manifests.read(index_dir)
            try:
                return cls._open(index_dir, manifest, embedding, store)
            except IndexDamagedError:
                # A writer may have published between our reads: look again before reporting damage.
                if attempt == _ATTEMPTS - 1 or not _being_written(index_dir, manifest):
                    raise
                time.sleep(_PAUSE_SECONDS)
        raise AssertionError("unreachable")

    def sentence_rows(self, chunk_id: int) -> NDArray[np.float32]:
        """Return the vectors of a chunk's sentences, one row each, in reading order."""
        return self.rows.sentence_rows(chunk_id)

    def described(self) -> Iterator[Described]:
        """Yield path, title, source, date and language of all documents, in no order, without reading the documents."""
        listed = getattr(self.documents, "described", None)
        return listed() if listed is not None else _described(self.documents.values())

    def noted(self) -> Iterator[Document]:
        """Yield, in order of paths, the documents that may have unread parts, without loading the others."""
        listed = getattr(self.documents, "noted", None)
        return (self.documents[path] for path in (self.documents if listed is None else sorted(listed())))

    def mentions(self, words: Sequence[str]) -> Iterator[tuple[str, frozenset[str]]]:
        """
        Yield, in no order, the path of each document whose text holds some of the words, and which of them it holds.

        The texts are searched one after the other, including front matter and boilerplate; unlike quoted text,
        they are not compared with their digests.

        Parameters
        ----------
        words
            Casefolded words; they are found anywhere, also within other words.

        """
        found = getattr(self.documents, "mentions", None)
        return found(words) if found is not None else _mentions(self.documents.values(), words)

    def chosen(self, admits: Callable[[str, str], bool], among: Callable[[str], bool] | None = None) -> Chosen:
        """Return the documents that filters admit; see `index.storage.protocols.PassageRows.chosen`."""
        return self.rows.chosen(admits, among)

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
        picture = Picture(index_dir, manifest, store)
        for segment in picture.segments:
            _ = segment.vectors  # so that an unreachable store is reported now
        documents = Documents(picture)
        return cls(
            f"{manifest.content}-{manifest.embedding}",
            manifest.generation,
            documents,
            Chunks(picture),
            SegmentedVectors(picture),
            LexicalIndex(picture.lexical_parts),
            manifest.cosine_floor,
            Titles(documents),
            PassageIds(documents),
            Rows(picture),
        )


def _described(documents: Iterable[Document]) -> Iterator[Described]:
    return (Described(one.path, one.metadata) for one in documents)


def _mentions(documents: Iterable[Document], words: Sequence[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for one in documents:
        small = one.text.casefold()
        if found := frozenset(word for word in words if word in small):
            yield one.path, found


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
