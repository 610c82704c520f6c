"""Cut and embed documents, before anything of them is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from index.markup.structure import structured
from index.segmenting import chunking
from index.text.spelling import seen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from index.protocols import Embedder
    from index.types import Chunk, Document


class Progress(Protocol):
    """Told how far a long step has come."""

    def __call__(self, description: str, done: int, total: int, /) -> None:
        """Take note that ``done`` of ``total`` is done."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document, cut and embedded."""

    document: Document
    chunks: tuple[Chunk, ...]
    chunk_vectors: NDArray[np.float32]
    sentence_vectors: NDArray[np.float32]
    title_vector: NDArray[np.float32]


def prepare(documents: Iterable[Document], embedder: Embedder, progress: Progress | None) -> list[Prepared]:
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
    chunk_vectors = _embed(embedder, passages, _offset(progress, 0, total))
    sentence_vectors = _embed(embedder, sentences, _offset(progress, len(passages), total))
    title_vectors = _embed(embedder, titles, _offset(progress, len(passages) + len(sentences), total))
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


def _embed(embedder: Embedder, texts: list[str], progress: Any) -> NDArray[np.float32]:
    return embedder.embed_passages(texts, progress=progress) if texts else np.zeros((0, 0), dtype=np.float32)


def _embedded_text(document: Document, chunk: Chunk) -> str:
    """Return what is embedded for a chunk: title and headings give it the context that offsets must not have."""
    above = [document.metadata.title, *chunk.headings]
    return seen("\n".join([*dict.fromkeys(line for line in above if line not in chunk.text), chunk.text]))


def _offset(progress: Progress | None, before: int, total: int) -> Any:
    if progress is None:
        return None
    return lambda done: progress("embedding", before + done, total)
