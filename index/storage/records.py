"""The rows of one document as a store holds them, and the digests that tell whether they have changed."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from index.markup.structure import structured
from index.storage.schema import VECTOR
from index.types import Chunk, Document, Metadata, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

_DOCUMENTS = (
    "SELECT id, path, text, sha256, encoding, title, source, date, language, pages, blocks, about, text_digest,"
    " vector_digest{vector}"
    " FROM documents{only} ORDER BY id"
)
_CHUNKS = 'SELECT document_id, id, start, "end", headings{sentences}{vector} FROM chunks{only} ORDER BY id'
_SENTENCES = 'SELECT chunk_id, start, "end"{vector} FROM sentences{only} ORDER BY id'
_OF_DOCUMENT, _OF_CHUNKS = " WHERE id = ?", " WHERE document_id = ?"
_OF_SENTENCES = " WHERE chunk_id IN (SELECT id FROM chunks WHERE document_id = ?)"
_EARLIER_VECTOR = "<f4"


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk with its id; ``first_sentence`` is the row of its first sentence among those of its segment."""

    id: int
    chunk: Chunk
    first_sentence: int


@dataclass(frozen=True)
class Record:
    """
    One document with its passages and sentences, as read from the store: not to be trusted until `problem` was called.

    Parameters
    ----------
    row
        Id, path, text, SHA-256 of the file, encoding, title, source, date, language, pages, blocks and other facts
        (see `about_of`).
    chunks
        Id, start, end and headings of each passage, in order of ids.
    sentences
        Start and end of the sentences of each passage: as JSON, or as the rows of an earlier format.
    text_digest, vector_digest
        The digests as the store records them.
    title_vector, chunk_vectors, sentence_vectors
        The vectors in the order of the above, those of a passage's sentences as one value (in an earlier format one
        each); empty if vectors were not read.
    number
        NumPy type of the vectors' numbers.

    """

    row: tuple[Any, ...]
    chunks: tuple[tuple[Any, ...], ...]
    sentences: tuple[str | tuple[tuple[Any, ...], ...], ...]
    text_digest: str = ""
    vector_digest: str = ""
    title_vector: bytes = b""
    chunk_vectors: tuple[bytes, ...] = ()
    sentence_vectors: tuple[tuple[bytes, ...], ...] = ()
    number: str = VECTOR

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

    def rows(self, vectors: Iterable[bytes]) -> NDArray[np.float32]:
        """Return some of the vectors in single precision, one per row; no rows if there are none."""
        packed, width = b"".join(vectors), len(self.title_vector) // np.dtype(self.number).itemsize
        found = np.frombuffer(packed, self.number).reshape(len(packed) // max(1, len(self.title_vector)), width)
        return found.astype(np.float32, copy=False)

    def chunk_rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of its passages, as `index.storage.schema.INSERT_CHUNK` takes them."""
        for chunk, spans, vector, (of_sentences,) in zip(
            self.chunks, self.sentences, self.chunk_vectors, self.sentence_vectors, strict=True
        ):
            yield chunk[0], self.id, *chunk[1:], spans, vector, of_sentences

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
        """Return in one line what has changed since it was written; empty if nothing has."""
        try:
            if self.digest_of_text() != self.text_digest:
                return f"{self.path!r} is not as it was written"
            if vectors and self.digest_of_vectors() != self.vector_digest:
                return f"the vectors of {self.path!r} are not as they were written"
        except (TypeError, ValueError, AttributeError):  # a value in a row has the wrong type
            return f"{self.row[1]!r:.100} is not as it was written"
        return ""


def chunks_of(record: Record) -> Iterator[tuple[int, Chunk]]:
    """Yield the passages of a record with their ids."""
    text = record.document.text
    for (id_, start, end, headings), sentences in zip(record.chunks, record.sentences, strict=True):
        spans = tuple(Span(*one) for one in (json.loads(sentences) if isinstance(sentences, str) else sentences))
        yield id_, Chunk(record.path, start, end, text[start:end], tuple(json.loads(headings)), spans)


def document_of(row: Sequence[Any]) -> Document:
    """Return the document of a row that begins with the path; see `Record`."""
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


def record_of(
    document: Document,
    chunks: Sequence[Chunk],
    vectors: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]],
    ids: tuple[int, int],
) -> Record:
    """
    Return the record that is stored for a document, without its digests.

    Parameters
    ----------
    document, chunks
        The document and its passages.
    vectors
        Vectors of the passages, of all their sentences in the same order, and of the title.
    ids
        Ids of the document and of its first passage.

    """
    meta, (id_, first) = document.metadata, ids
    of_chunks, of_sentences, of_title = vectors
    ends = list(accumulate((len(chunk.sentences) for chunk in chunks), initial=0))
    if ends[-1] != len(of_sentences):
        raise ValueError(f"{len(of_sentences)} vectors of {ends[-1]} sentences")
    known = (document.path, document.text, document.sha256, document.encoding, meta.title, meta.source, meta.date)
    more = (meta.language, json.dumps(document.pages), structured(document).structure, about_of(document))
    return Record(
        (id_, *known, *more),
        tuple(
            (first + number, chunk.start, chunk.end, json.dumps(chunk.headings)) for number, chunk in enumerate(chunks)
        ),
        tuple(json.dumps([(span.start, span.end) for span in chunk.sentences]) for chunk in chunks),
        title_vector=_packed(of_title),
        chunk_vectors=tuple(map(_packed, of_chunks)),
        sentence_vectors=tuple((_packed(of_sentences[start:end]),) for start, end in pairwise(ends)),
    )


def _packed(vectors: NDArray[np.float32]) -> bytes:
    return vectors.astype(VECTOR).tobytes()


def about_of(document: Document) -> str:
    """Return as JSON the facts about a document that have no column of their own."""
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
    connection: sqlite3.Connection,
    *,
    vectors: bool,
    only: int | None = None,
    tolerant: bool = False,
    earlier: bool = False,
) -> tuple[list[Record], int]:
    """
    Read documents with their passages and sentences.

    Tables are read from end to end and joined here, without the database's own indexes, because a damaged index
    would leave rows out.

    Parameters
    ----------
    connection
        Connection to a store.
    vectors
        Whether vectors are read, too.
    only
        Id of the one document to read; all if None.
    tolerant
        Whether to continue if a row cannot be read.
    earlier
        Whether the store's format is one of `index.storage.schema.EARLIER`.

    Returns
    -------
    The documents in order of ids, and how many passages and sentences belong to none of them.

    """

    def rows(statement: str, vector: str, where: str) -> list[tuple[Any, ...]]:
        sentences = "" if earlier else ", sentences"
        asked = statement.format(
            sentences=sentences, vector=f", {vector}" if vectors else "", only="" if only is None else where
        )
        return scan(connection, asked, () if only is None else (only,), tolerant=tolerant)

    documents = rows(_DOCUMENTS, "title_vector", _OF_DOCUMENT)
    of_document = _by_first(rows(_CHUNKS, "vector" if earlier else "vector, sentence_vectors", _OF_CHUNKS))
    of_chunk = _by_first(rows(_SENTENCES, "vector", _OF_SENTENCES)) if earlier else {}
    records = []
    for row in documents:
        chunks = of_document.pop(row[0], [])
        if earlier:
            sentences = [of_chunk.pop(chunk[0], []) for chunk in chunks]
            spans = tuple(tuple(one[:2] for one in of) for of in sentences)
            of_sentences = tuple(tuple(one[2] for one in of) for of in sentences) if vectors else ()
        else:
            spans = tuple(chunk[4] for chunk in chunks)
            of_sentences = tuple((chunk[6],) for chunk in chunks) if vectors else ()
        records.append(
            Record(
                row[:12],
                tuple(chunk[:4] for chunk in chunks),
                spans,
                row[12],
                row[13],
                row[14] if vectors else b"",
                tuple(chunk[4 if earlier else 5] for chunk in chunks) if vectors else (),
                of_sentences,
                _EARLIER_VECTOR if earlier else VECTOR,
            )
        )
    return records, len(of_document) + len(of_chunk)


def scan(
    connection: sqlite3.Connection, statement: str, parameters: tuple[Any, ...] = (), *, tolerant: bool = False
) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that ends in ORDER BY; if ``tolerant``, those around any damage in the table."""
    rows: list[tuple[Any, ...]] = []
    try:
        for row in connection.execute(statement, parameters):
            rows.append(row)  # noqa: PERF402 - what was read before an error is kept
    except sqlite3.DatabaseError:
        if not tolerant:
            raise
        # The rows after the damage are read from the other end.
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
