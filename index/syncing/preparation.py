"""Cut and embed documents, before anything of them is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index import progress
from index.markup.structure import structured
from index.segmenting import chunking
from index.text.spelling import seen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from index.protocols import Embedder
    from index.types import Chunk, Document


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document, cut and embedded."""

    document: Document
    chunks: tuple[Chunk, ...]
    chunk_vectors: NDArray[np.float32]
    sentence_vectors: NDArray[np.float32]
    title_vector: NDArray[np.float32]


def prepare(documents: Iterable[Document], embedder: Embedder) -> list[Prepared]:
    """Cut documents into passages, and embed these, their sentences and the titles, all in few batches."""
    fresh = [(document, chunking.chunk(document)) for document in map(structured, documents)]
    passages = [_embedded_text(document, chunk) for document, chunks in fresh for chunk in chunks]
    sentences = [
        seen(document.text[span.start : span.end])
        for document, chunks in fresh
        for chunk in chunks
        for span in chunk.sentences
    ]
    titles = list(dict.fromkeys(document.metadata.title for document, _ in fresh))
    total = len(passages) + len(sentences) + len(titles)
    chunk_vectors = _embed(embedder, passages, 0, total)
    sentence_vectors = _embed(embedder, sentences, len(passages), total)
    title_vectors = _embed(embedder, titles, len(passages) + len(sentences), total)
    title_rows = {title: row for row, title in enumerate(titles)}
    prepared: list[Prepared] = []
    chunk_row = sentence_row = 0
    for document, chunks in fresh:
        count = sum(len(chunk.sentences) for chunk in chunks)
        prepared.append(
            Prepared(
                document,
                tuple(chunks),
                chunk_vectors[chunk_row : chunk_row + len(chunks)],
                sentence_vectors[sentence_row : sentence_row + count],
                title_vectors[title_rows[document.metadata.title]],
            )
        )
        chunk_row += len(chunks)
        sentence_row += count
    return prepared


def _embed(embedder: Embedder, texts: list[str], before: int, total: int) -> NDArray[np.float32]:
    if not texts:
        return np.zeros((0, 0), dtype=np.float32)
    with progress.part(before, total):
        return embedder.embed_passages(texts)


def _embedded_text(document: Document, chunk: Chunk) -> str:
    """Return what is embedded for a chunk: title and headings give it the context that offsets must not have."""
    above = [document.metadata.title, *chunk.headings]
    return seen("\n".join([*dict.fromkeys(line for line in above if line not in chunk.text), chunk.text]))
