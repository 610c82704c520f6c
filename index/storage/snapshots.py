"""The whole content of a store at once, for a full check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.storage.records import Record, StoredChunk, chunks_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.types import Chunk, Document


@dataclass(frozen=True, slots=True)
class Snapshot:
    """
    The whole content of a store in one generation; everything in it agreed with its digest.

    Parameters
    ----------
    generation
        Grows by one with every change.
    root
        Digest of the digests of all documents and of what else the store holds.
    documents
        The documents by path.
    chunks
        The chunks in order of their ids.
    chunk_vectors
        Shape ``(len(chunks), dimension)``, float32.
    sentence_vectors
        One row per sentence, chunk by chunk, float32.
    title_vectors
        One row per document, in the order of ``documents``, float32. All vectors are empty if they were not read.

    """

    generation: int
    root: str
    documents: dict[str, Document]
    chunks: tuple[StoredChunk, ...]
    chunk_vectors: NDArray[np.float32]
    sentence_vectors: NDArray[np.float32]
    title_vectors: NDArray[np.float32]


def snapshot_of(records: list[Record], generation: int, root: str) -> Snapshot:
    """Assemble the records read from a store; raises `ValueError` if they contradict each other."""
    documents = {record.path: record for record in sorted(records, key=lambda record: record.path)}
    if len(documents) != len(records):
        raise ValueError("two documents of one path")
    chunks: list[tuple[int, Chunk, Record, int]] = []
    for record in records:
        chunks += [(id_, chunk, record, place) for place, (id_, chunk) in enumerate(chunks_of(record))]
    chunks.sort(key=lambda one: one[0])
    stored: list[StoredChunk] = []
    first = 0
    for chunk_id, chunk, _, _ in chunks:
        stored.append(StoredChunk(chunk_id, chunk, first))
        first += len(chunk.sentences)
    of_sentences = [
        record.rows(record.sentence_vectors[place]) for *_, record, place in chunks if record.sentence_vectors
    ]
    return Snapshot(
        generation,
        root,
        {path: record.document for path, record in documents.items()},
        tuple(stored),
        _matrix([record.rows([record.chunk_vectors[place]]) for *_, record, place in chunks if record.chunk_vectors]),
        _matrix(of_sentences),
        _matrix([record.rows([record.title_vector]) for record in documents.values() if record.title_vector]),
    )


def _matrix(rows: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    some = [one for one in rows if len(one)]
    return np.concatenate(some) if some else np.zeros((0, 0), np.float32)
