"""The SQLite store: the only truth of an index. All other files are derived from it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from index.errors import IndexDamagedError
from index.types import Chunk, Document, Metadata, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

FORMAT = 2

# AUTOINCREMENT: an id, once given, is never used again, so a stale derived file cannot point to
# another passage by accident.
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE, text TEXT NOT NULL, sha256 TEXT NOT NULL,
    encoding TEXT NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL, date TEXT NOT NULL, language TEXT NOT NULL,
    pages TEXT NOT NULL, title_vector BLOB NOT NULL
);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, headings TEXT NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX chunks_document ON chunks(document_id);
CREATE TABLE sentences (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chunk_id INTEGER NOT NULL REFERENCES chunks(id) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX sentences_chunk ON sentences(chunk_id);
"""


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk under its id; ``first_sentence`` is the row of its first sentence in the sentence matrix."""

    id: int
    chunk: Chunk
    first_sentence: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """
    All of a store, as of one generation.

    Parameters
    ----------
    generation
        Grows by one with every change.
    documents
        By path.
    chunks
        In order of their ids.
    chunk_vectors
        Shape ``(len(chunks), dimension)``, float32.
    sentence_vectors
        One row a sentence, chunk by chunk, float32.
    title_vectors
        One row a document, in the order of ``documents``, float32.

    """

    generation: int
    documents: dict[str, Document]
    chunks: tuple[StoredChunk, ...]
    chunk_vectors: NDArray[np.float32]
    sentence_vectors: NDArray[np.float32]
    title_vectors: NDArray[np.float32]


class Store:
    """
    One connection to the store; use it in the thread that opened it.

    Parameters
    ----------
    file
        The database. `create` makes a new one.

    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection = sqlite3.connect(file, isolation_level=None)
        try:
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("SELECT count(*) FROM meta").fetchone()
        except sqlite3.DatabaseError as error:
            self.close()
            raise _damaged(file, error) from error

    @classmethod
    def create(cls, file: Path, *, embedding: str, pipeline: str) -> Store:
        """Make an empty store for vectors of the embedding model with this fingerprint."""
        connection = sqlite3.connect(file, isolation_level=None)
        try:
            connection.executescript("BEGIN;" + _SCHEMA)
            meta = {"format": str(FORMAT), "embedding": embedding, "pipeline": pipeline, "generation": "0"}
            connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
            connection.execute("COMMIT")
        finally:
            connection.close()
        return cls(file)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes made inside become visible together, or not at all."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def meta(self, key: str) -> str:
        """Return a value of the meta table, empty where there is none."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    @property
    def generation(self) -> int:
        """The number of changes this store has seen."""
        return int(self.meta("generation") or 0)

    def advance(self) -> int:
        """Begin the next generation and return its number."""
        following = self.generation + 1
        self._connection.execute("UPDATE meta SET value = ? WHERE key = 'generation'", (str(following),))
        return following

    def extracted(self) -> dict[str, Document]:
        """Return the documents whose text was taken out of their files, by the digests of these."""
        plain = "('utf-8', 'utf-16', 'cp1252')"
        rows = self._connection.execute(f"SELECT * FROM documents WHERE encoding NOT IN {plain} ORDER BY id")  # noqa: S608
        return {document.sha256: document for document in (_document(row[1:-1]) for row in rows)}

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of each document by path."""
        return dict(self._connection.execute("SELECT path, sha256 FROM documents ORDER BY path"))

    def add(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        chunk_vectors: NDArray[np.float32],
        sentence_vectors: NDArray[np.float32],
        title_vector: NDArray[np.float32],
    ) -> None:
        """Add a document with its title's vector, its chunks and, in the same order, all their sentences' vectors."""
        meta = document.metadata
        document_id = self._connection.execute(
            "INSERT INTO documents (path, text, sha256, encoding, title, source, date, language, pages, title_vector)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                document.path,
                document.text,
                document.sha256,
                document.encoding,
                meta.title,
                meta.source,
                meta.date,
                meta.language,
                json.dumps(document.pages),
                _blob(title_vector),
            ),
        ).lastrowid
        row = 0
        for chunk, vector in zip(chunks, chunk_vectors, strict=True):
            chunk_id = self._connection.execute(
                'INSERT INTO chunks (document_id, start, "end", headings, vector) VALUES (?, ?, ?, ?, ?)',
                (document_id, chunk.start, chunk.end, json.dumps(chunk.headings), _blob(vector)),
            ).lastrowid
            vectors = sentence_vectors[row : row + len(chunk.sentences)]
            self._connection.executemany(
                'INSERT INTO sentences (chunk_id, start, "end", vector) VALUES (?, ?, ?, ?)',
                [
                    (chunk_id, span.start, span.end, _blob(sentence_vector))
                    for span, sentence_vector in zip(chunk.sentences, vectors, strict=True)
                ],
            )
            row += len(chunk.sentences)

    def remove(self, path: str) -> None:
        """Remove a document with its chunks and sentences."""
        self._connection.execute("DELETE FROM documents WHERE path = ?", (path,))

    def set_meta(self, key: str, value: str) -> None:
        """Write a value of the meta table."""
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def move(self, old: str, new: str) -> None:
        """Give a document another path."""
        self._connection.execute("UPDATE documents SET path = ? WHERE path = ?", (new, old))

    def rename(self, old: str, document: Document) -> None:
        """Give a document whose content is unchanged its new path and metadata."""
        meta = document.metadata
        self._connection.execute(
            "UPDATE documents SET path = ?, title = ?, source = ?, date = ?, language = ? WHERE path = ?",
            (document.path, meta.title, meta.source, meta.date, meta.language, old),
        )

    def snapshot(self) -> Snapshot:
        """Read everything, as of one moment."""
        connection = self._connection
        try:
            if not connection.in_transaction:
                with self.transaction():
                    return self.snapshot()
            generation = self.generation
            by_id: dict[int, Document] = {}
            title_blobs: list[bytes] = []
            for document_id, *row, title_vector in connection.execute("SELECT * FROM documents ORDER BY path"):
                by_id[document_id] = _document(row)
                title_blobs.append(title_vector)
            spans: dict[int, list[Span]] = {}
            sentence_blobs: list[bytes] = []
            for chunk_id, start, end, vector in connection.execute(
                'SELECT chunk_id, start, "end", vector FROM sentences ORDER BY chunk_id, id'
            ):
                spans.setdefault(chunk_id, []).append(Span(start, end))
                sentence_blobs.append(vector)
            chunks: list[StoredChunk] = []
            chunk_blobs: list[bytes] = []
            first = 0
            for chunk_id, document_id, start, end, headings, vector in connection.execute(
                'SELECT id, document_id, start, "end", headings, vector FROM chunks ORDER BY id'
            ):
                document = by_id[document_id]
                sentences = tuple(spans.get(chunk_id, ()))
                text = document.text[start:end]
                chunk = Chunk(document.path, start, end, text, tuple(json.loads(headings)), sentences)
                chunks.append(StoredChunk(chunk_id, chunk, first))
                chunk_blobs.append(vector)
                first += len(sentences)
        except (sqlite3.DatabaseError, ValueError, KeyError) as error:
            raise _damaged(self._file, error) from error
        documents = {document.path: document for document in by_id.values()}
        return Snapshot(
            generation,
            documents,
            tuple(chunks),
            _matrix(chunk_blobs),
            _matrix(sentence_blobs),
            _matrix(title_blobs),
        )


def _blob(vector: NDArray[np.float32]) -> bytes:
    return np.ascontiguousarray(vector, dtype="<f4").tobytes()


def _matrix(blobs: list[bytes]) -> NDArray[np.float32]:
    if not blobs:
        return np.zeros((0, 0), dtype=np.float32)
    return np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(blobs), -1).astype(np.float32, copy=False)


def _document(row: Sequence[str]) -> Document:
    path, text, sha256, encoding, title, source, date, language, pages = row
    metadata = Metadata(title, source, date, language)
    return Document(path, text, metadata, sha256, encoding, tuple(json.loads(pages)))


def _damaged(file: Path, error: Exception) -> IndexDamagedError:
    return IndexDamagedError(
        f"The index file {file} is damaged ({str(error).strip()}).",
        hint="Your articles are untouched; rebuild it with `rag index CORPUS --rebuild`.",
    )
