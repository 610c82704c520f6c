"""One segment of an index, open for reading."""

from __future__ import annotations

import json
import threading
import zlib
from collections import OrderedDict
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from index.errors import IndexDamagedError
from index.markup.front_matter import front_matter
from index.storage.columns.files import Columns
from index.storage.columns.postings import Postings, key
from index.storage.failures import MEND, doubt_of, noticed, unreadable
from index.storage.protocols import Described
from index.storage.records import StoredChunk, chunks_of
from index.storage.schema import VECTOR
from index.storage.segments.kinds import kinds_of, read_kinds
from index.storage.store import Store
from index.storage.vectors import stores as vector_stores
from index.storage.vectors.backed import StoredVectors
from index.text.spelling import wording
from index.types import Metadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from index.storage.manifest import Segment as Named
    from index.storage.protocols import Vectors
    from index.types import Document

    Vector = NDArray[np.float32]

COLUMNS = "columns"
LEXICAL = "lexical"
_MOST_LOADED = 2048  # number of documents in the cache
_MOST_CHARACTERS = 32_000_000  # of their texts together
_AT_ONCE = 512  # number of sentences that are looked up together


@dataclass(frozen=True, slots=True)
class Loaded:
    """A document that was read and checked, with its passages in order of their ids."""

    document: Document
    chunks: tuple[StoredChunk, ...]


def packed(path: str, title: str, source: str, date: str, language: str) -> bytes:
    """Return the bytes that `Segment.described` reads."""
    return json.dumps((path, title, source, date, language)).encode()


def body_key(text: str) -> int:
    """Return a key that is equal for documents with the same text, whatever their front matter and white space."""
    return key(wording(text[front_matter(text)[1] :]))


def lexical_text(title: str, text: str) -> str:
    """Return the text under which keyword search finds a passage."""
    return f"{title}\n{text}"


class Segment:
    """
    One segment.

    Parameters
    ----------
    index_dir, named
        The index's folder, and the segment's entry in the manifest.
    setting
        The setting that says how to reach the vector store.

    Raises
    ------
    IndexDamagedError
        A file is missing, or is not what the manifest names. The content is checked when it is read.

    """

    def __init__(self, index_dir: Path, named: Named, setting: str) -> None:
        folder = index_dir / named.derived
        _check_files(folder, named)
        self._file = index_dir / named.store
        self.columns = Columns(folder / COLUMNS, named.digests.get(COLUMNS, ""))
        self.postings = Postings(Columns(folder / LEXICAL, named.digests.get(LEXICAL, "")))
        self._folder, self._named, self._setting = folder, named, setting
        self._store = Store(self._file, expected=named.store_bytes)
        self._lock = threading.Lock()
        self._loaded: OrderedDict[int, Loaded] = OrderedDict()
        self._characters = 0

    def close(self) -> None:
        """Close the store; for callers that need the segment only briefly."""
        self._store.close()

    @cached_property
    def vectors(self) -> Vectors:
        """The vectors of the passages."""
        own = StoredVectors(self.ids, self._read_vectors)
        return vector_stores.opened(self._folder, self._named.digests, self._setting, own)

    def _read_vectors(self, first: int, last: int) -> list[tuple[int, bytes]]:
        with self._lock:
            return self._store.passage_vectors(first, last)

    @property
    def documents(self) -> int:
        """Number of documents, including those that no longer count."""
        return len(self.columns["document_ids"])

    @cached_property
    def document_ids(self) -> NDArray[np.int64]:
        """Ids of the documents, ascending; positions are the rows."""
        return self.columns["document_ids"].all()

    @cached_property
    def ids(self) -> NDArray[np.int64]:
        """Ids of the passages, ascending; positions are the rows."""
        return self.columns["ids"].all()

    @cached_property
    def document_rows(self) -> NDArray[np.int32]:
        """The row of each passage's document."""
        return self.columns["document_rows"].all()

    @cached_property
    def first_sentences(self) -> NDArray[np.int64]:
        """The row of each passage's first sentence, followed by the number of sentences."""
        return self.columns["first_sentences"].all()

    @cached_property
    def wordings(self) -> NDArray[np.uint64]:
        """Keys that are equal for passages with the same text, white space aside."""
        return self.columns["wordings"].all()

    @cached_property
    def bodies(self) -> NDArray[np.uint64]:
        """Keys that are equal for documents with the same text, see `body_key`."""
        return self.columns["bodies"].all()

    @cached_property
    def _path_keys(self) -> NDArray[np.uint64]:
        return self.columns["path_keys"].all()

    @cached_property
    def _first_passages(self) -> NDArray[np.int64]:
        return self.columns["first_passages"].all()

    @cached_property
    def have_passages(self) -> NDArray[np.bool_]:
        """Which documents have passages."""
        return np.diff(self._first_passages) > 0

    @cached_property
    def kinds(self) -> list[tuple[str, str]]:
        """The pairs of source and date that documents have."""
        if "kinds" in self.columns:
            return read_kinds(self.columns["kinds"].all().tobytes())
        return self._looked_up[0]

    @cached_property
    def kind_of(self) -> NDArray[np.int32]:
        """Which of `kinds` each document has."""
        return self.columns["kind_of"].all() if "kinds" in self.columns else self._looked_up[1]

    @cached_property
    def _looked_up(self) -> tuple[list[tuple[str, str]], NDArray[np.int32]]:
        # An earlier version did not write `kinds`.
        return kinds_of((one.metadata.source, one.metadata.date) for one in self.all_described())

    def rows_of(self, path: str) -> list[int]:
        """Return the rows of the documents with a path, including those that no longer count."""
        wanted = np.uint64(key(path))
        first = int(np.searchsorted(self._path_keys, wanted, "left"))
        last = int(np.searchsorted(self._path_keys, wanted, "right"))
        rows = self.columns["path_rows"].part(first, last).tolist()
        return [row for row in rows if self.described(row).path == path]

    def passages_of(self, row: int) -> range:
        """Return the rows of a document's passages."""
        return range(int(self._first_passages[row]), int(self._first_passages[row + 1]))

    def described(self, row: int) -> Described:
        """Return what is known of a document without reading it."""
        start, stop = self.columns["about_starts"].part(row, row + 2).tolist()
        return _described(self.columns["about"].part(start, stop).tobytes())

    def all_described(self) -> Iterator[Described]:
        """Yield the same for all documents, in order of their rows."""
        starts = self.columns["about_starts"].all().tolist()
        text = self.columns["about"].all().tobytes()
        for start, stop in pairwise(starts):
            yield _described(text[start:stop])

    def noted_rows(self) -> list[int]:
        """Return the rows of the documents that have unread parts, including those that no longer count."""
        if "noted" not in self.columns:  # an earlier version did not write this column
            return list(range(self.documents))
        rows: list[int] = np.flatnonzero(self.columns["noted"].all()).tolist()
        return rows

    def texts(self) -> Iterator[str]:
        """Yield the texts of all documents in order of their rows, for searching; none is checked or cached."""
        return self._store.texts()

    def title_vector(self, row: int) -> NDArray[np.float32]:
        """Return the vector of a document's title."""
        vector: Vector = self.columns["title_vectors"].part(row, row + 1)[0].astype(np.float32)
        return vector

    def sentence_rows(self, row: int) -> NDArray[np.float32]:
        """Return the vectors of a passage's sentences, in reading order."""
        return self._sentences(np.array([row]))

    def some_sentences(self, numbers: NDArray[np.int64]) -> Vector:
        """Return the vectors of some of the segment's sentences, given their row numbers in ascending order."""
        passages = np.searchsorted(self.first_sentences, numbers, side="right") - 1
        found = []
        for first in range(0, len(numbers), _AT_ONCE):
            of = passages[first : first + _AT_ONCE]
            rows, which = np.unique(of, return_inverse=True)
            lengths = np.diff(self.first_sentences)[rows]
            places = (
                (np.cumsum(lengths) - lengths)[which] + numbers[first : first + _AT_ONCE] - self.first_sentences[of]
            )
            found.append(self._sentences(rows)[places])
        return np.concatenate(found) if found else np.zeros((0, 0), np.float32)

    def cosines(self, rows: NDArray[np.int64], vector: Vector) -> tuple[Vector, Vector]:
        """Return the cosines of a vector with passages' titles and nearest sentences; see `PassageRows.cosines`."""
        documents, which = np.unique(self.document_rows[rows], return_inverse=True)
        of_titles = self.columns["title_vectors"].take(documents.astype(np.int64)).astype(np.float32)
        titles = _row_by_row(of_titles, vector)[which]
        nearest = np.full(len(rows), -1, np.float32)
        first, last = self.first_sentences[rows], self.first_sentences[rows + 1]
        some = last > first
        if some.any():
            sentences = _row_by_row(self._sentences(rows[some]), vector)
            starts = np.cumsum(last[some] - first[some])
            nearest[some] = np.maximum.reduceat(sentences, np.r_[0, starts[:-1]])
        return titles, nearest

    def _sentences(self, rows: NDArray[np.int64]) -> Vector:
        """Return the checked vectors of the sentences of some passages, one passage after the other."""
        ids = self.ids[rows].tolist()
        sums = self.columns["sentence_sums"].take(rows).tolist()
        with self._doubting(), self._lock:
            found = self._store.sentence_vectors(ids)
        packed = [found.get(id_, b"") for id_ in ids]
        if any(zlib.crc32(one) != wanted for one, wanted in zip(packed, sums, strict=True)):
            raise noticed(self._file, "the vectors of sentences are not as they were written")
        width = self.columns["title_vectors"].shape[1]
        return np.frombuffer(b"".join(packed), VECTOR).reshape(-1, width).astype(np.float32)

    def load(self, row: int) -> Loaded:
        """Return a document with its passages, checked against its digest."""
        with self._lock:
            found = self._loaded.get(row)
            if found is not None:
                self._loaded.move_to_end(row)
                return found
            found = self._read(row)
            self._loaded[row] = found
            self._characters += len(found.document.text)
            while len(self._loaded) > _MOST_LOADED or (self._characters > _MOST_CHARACTERS and len(self._loaded) > 1):
                _, gone = self._loaded.popitem(last=False)
                self._characters -= len(gone.document.text)
            return found

    def _read(self, row: int) -> Loaded:
        with self._doubting():
            record = self._store.record(int(self.document_ids[row]))
        written = self.columns["digests"].part(row, row + 1).tobytes().hex()
        if record is None or record.text_digest != written:
            raise noticed(self._file, f"{self.described(row).path!r} is not as it was written")
        first = self.columns["first_sentences"].part(*_around(self.passages_of(row))).tolist()
        stored = (StoredChunk(id_, chunk, at) for (id_, chunk), at in zip(chunks_of(record), first, strict=False))
        return Loaded(record.document, tuple(stored))

    @contextmanager
    def _doubting(self) -> Iterator[None]:
        """Leave a marker file beside the store if it turns out to be damaged."""
        try:
            yield
        except IndexDamagedError:
            with suppress(OSError):
                doubt_of(self._file).touch()
            raise


def _row_by_row(rows: Vector, vector: Vector) -> Vector:
    """Return cosines that, unlike those of a matrix product, do not depend on the other rows."""
    found: Vector = np.einsum("ij,j->i", rows, vector)
    return found


def _described(packed_: bytes) -> Described:
    path, title, source, date, language = json.loads(packed_)
    return Described(path, Metadata(title, source, date, language))


def _around(rows: range) -> tuple[int, int]:
    return rows.start, rows.stop


def files_in(folder: Path) -> list[Path]:
    """Return the derived files in a folder, without the hidden files that desktops leave there."""
    return [file for file in sorted(folder.rglob("*")) if not file.name.startswith(".") and file.is_file()]


def _check_files(folder: Path, named: Named) -> None:
    try:
        if folder.is_symlink() or not folder.is_dir():
            raise IndexDamagedError(f"The index folder {folder} is missing.", hint=MEND)
        there = {file.relative_to(folder).as_posix() for file in files_in(folder)}
    except OSError as error:
        raise unreadable(folder, error) from error
    for name in sorted(there ^ named.digests.keys()):
        what = "is not one that was written" if name in there else "is missing"
        raise IndexDamagedError(f"The index file {folder / name} {what}.", hint=MEND)
    for name in (COLUMNS, LEXICAL):
        if name not in named.digests:
            raise IndexDamagedError(f"The index file {folder / name} is not one that was written.", hint=MEND)
    if not vector_stores.written_by(named.digests):
        raise IndexDamagedError(f"The index folder {folder} has no vectors.", hint=MEND)
