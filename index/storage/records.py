"""The rows of one document as a store holds them, and the digests that tell whether they are as they were written."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from index.types import Chunk, Document, Metadata, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# Vectors stand last in each table, so that reading the rest passes them over.
_DOCUMENTS = (
    "SELECT id, path, text, sha256, encoding, title, source, date, language, pages, blocks, about, text_digest,"
    " vector_digest{vector}"
    " FROM documents{only} ORDER BY id"
)
_CHUNKS = 'SELECT document_id, id, start, "end", headings{vector} FROM chunks{only} ORDER BY id'
_SENTENCES = 'SELECT chunk_id, start, "end"{vector} FROM sentences{only} ORDER BY id'
_ONLY = (
    (_DOCUMENTS, "title_vector", " WHERE id = ?"),
    (_CHUNKS, "vector", " WHERE document_id = ?"),
    (_SENTENCES, "vector", " WHERE chunk_id IN (SELECT id FROM chunks WHERE document_id = ?)"),
)


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk under its id; ``first_sentence`` is the row of its first sentence among those of its segment."""

    id: int
    chunk: Chunk
    first_sentence: int


@dataclass(frozen=True)
class Record:
    """
    One document with its passages and sentences, as they were read: nothing of it is to be trusted before `problem`.

    Parameters
    ----------
    row
        Id, path, text, SHA-256 of the file, encoding, title, source, date, language, pages, blocks and what else is
        known.
    chunks
        Id, start, end and headings of each passage, in order of ids.
    sentences
        Start and end of the sentences of each passage.
    text_digest, vector_digest
        What the store says the digests are.
    title_vector, chunk_vectors, sentence_vectors
        In the order of the above; empty where vectors were not read.

    """

    row: tuple[Any, ...]
    chunks: tuple[tuple[Any, ...], ...]
    sentences: tuple[tuple[tuple[Any, ...], ...], ...]
    text_digest: str
    vector_digest: str
    title_vector: bytes = b""
    chunk_vectors: tuple[bytes, ...] = ()
    sentence_vectors: tuple[tuple[bytes, ...], ...] = ()

    @property
    def id(self) -> int:
        """The document's id."""
        return int(self.row[0])

    @property
    def path(self) -> str:
        """The document's path."""
        return str(self.row[1])

    @cached_property
    def document(self) -> Document:
        """The document."""
        return document_of(self.row[1:])

    def digest_of_text(self) -> str:
        """Return the SHA-256 of all but the vectors."""
        text = self.row[2].encode()
        rest = json.dumps([len(text), *self.row[:2], *self.row[3:], self.chunks, self.sentences]).encode()
        return hashlib.sha256(text + rest).hexdigest()

    def digest_of_vectors(self) -> str:
        """Return the SHA-256 of the vectors."""
        found = hashlib.sha256()
        for vector in (self.title_vector, *self.chunk_vectors, *(one for of in self.sentence_vectors for one in of)):
            found.update(len(vector).to_bytes(8, "little") + vector)
        return found.hexdigest()

    def problem(self, *, vectors: bool) -> str:
        """Return in one line what is not as it was written, nothing where all of it is."""
        try:
            if self.digest_of_text() != self.text_digest:
                return f"{self.path!r} is not as it was written"
            if vectors and self.digest_of_vectors() != self.vector_digest:
                return f"the vectors of {self.path!r} are not as they were written"
        except (TypeError, ValueError, AttributeError):  # what is no text or number in a row
            return f"{self.row[1]!r:.100} is not as it was written"
        return ""


def chunks_of(record: Record) -> Iterator[tuple[int, Chunk]]:
    """Yield the passages of a record under their ids."""
    text = record.document.text
    for (id_, start, end, headings), sentences in zip(record.chunks, record.sentences, strict=True):
        spans = tuple(Span(*one) for one in sentences)
        yield id_, Chunk(record.path, start, end, text[start:end], tuple(json.loads(headings)), spans)


def document_of(row: Sequence[Any]) -> Document:
    """Return the document of a row: from its path to what else is known; see `Record`."""
    path, text, sha256, encoding, title, source, date, language, pages, blocks, about = row
    known = json.loads(about)
    metadata = Metadata(
        title, source, date, language, tuple(known["authors"]), known["url"], dated_by_file=known["dated_by_file"]
    )
    return Document(
        path,
        text,
        metadata,
        sha256,
        encoding,
        tuple(json.loads(pages)),
        blocks,
        machine_read=tuple(Span(*span) for span in known["machine_read"]),
        labels=tuple(known["labels"]),
    )


def about_of(document: Document) -> str:
    """Return as JSON what is known of a document and has no column of its own."""
    known = document.metadata
    return json.dumps(
        {
            "authors": known.authors,
            "url": known.url,
            "dated_by_file": known.dated_by_file,
            "machine_read": [(span.start, span.end) for span in document.machine_read],
            "labels": document.labels,
        }
    )


def gather(
    connection: sqlite3.Connection, *, vectors: bool, only: int | None = None, tolerant: bool = False
) -> tuple[list[Record], int]:
    """
    Read documents with their passages and sentences.

    Tables are read from one end to the other and put together here, without the database's own indexes: of these a
    damaged one would leave rows out.

    Parameters
    ----------
    connection
        A store's.
    vectors
        Whether vectors are read, too.
    only
        Id of the one document to read; all where None.
    tolerant
        Whether to go on where a row cannot be read.

    Returns
    -------
    The documents in order of ids, and how many passages and sentences belong to none of them.

    """
    documents, chunk_rows, sentence_rows = (
        scan(
            connection,
            statement.format(vector=f", {vector}" if vectors else "", only="" if only is None else where),
            () if only is None else (only,),
            tolerant=tolerant,
        )
        for statement, vector, where in _ONLY
    )
    of_chunk = _by_first(sentence_rows)
    of_document = _by_first(chunk_rows)
    records = []
    for row in documents:
        chunks = of_document.pop(row[0], [])
        sentences = [of_chunk.pop(chunk[0], []) for chunk in chunks]
        records.append(
            Record(
                row[:12],
                tuple(chunk[:4] for chunk in chunks),
                tuple(tuple(one[:2] for one in of) for of in sentences),
                row[12],
                row[13],
                row[14] if vectors else b"",
                tuple(chunk[4] for chunk in chunks) if vectors else (),
                tuple(tuple(one[2] for one in of) for of in sentences) if vectors else (),
            )
        )
    return records, len(of_document) + len(of_chunk)


def scan(
    connection: sqlite3.Connection, statement: str, parameters: tuple[Any, ...] = (), *, tolerant: bool = False
) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that ends with its order; ``tolerant``, of a damaged table those around it."""
    rows: list[tuple[Any, ...]] = []
    try:
        for row in connection.execute(statement, parameters):
            rows.append(row)  # noqa: PERF402 - what was read before an error is kept
    except sqlite3.DatabaseError:
        if not tolerant:
            raise
        # What stands behind the damage is reached from the other end.
        behind: list[tuple[Any, ...]] = []
        with suppress(sqlite3.DatabaseError):
            for row in connection.execute(f"{statement} DESC", parameters):
                behind.append(row)  # noqa: PERF402
        rows += reversed(behind)
    return rows


def _by_first(rows: Iterable[tuple[Any, ...]]) -> dict[Any, list[tuple[Any, ...]]]:
    found: dict[Any, list[tuple[Any, ...]]] = {}
    for key, *rest in rows:
        found.setdefault(key, []).append(tuple(rest))
    return found
