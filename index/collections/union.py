"""Several open indexes as one, without copying what they hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from index.storage.lexical import LexicalIndex
from index.storage.reader import Index
from index.storage.vectors import VectorIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# The ids of the second index are its own plus this; no store ever gives that many.
_OFFSET = 1 << 40


@dataclass(frozen=True, slots=True)
class UnitedIndex(Index):
    """
    Two indexes made with one embedding model, searched as one.

    Parameters
    ----------
    parts
        The two; the paths of the second are told apart by a prefix.

    """

    parts: tuple[Index, Index]

    def sentence_rows(self, chunk_id: int) -> NDArray[np.float32]:
        """Return the vectors of a chunk's sentences, see `Index.sentence_rows`."""
        first, second = self.parts
        return first.sentence_rows(chunk_id) if chunk_id < _OFFSET else second.sentence_rows(chunk_id - _OFFSET)


def prefixed(index: Index, prefix: str) -> Index:
    """Return an index whose documents have a prefix before their paths."""
    documents = {prefix + path: replace(one, path=prefix + path) for path, one in index.documents.items()}
    chunks = {
        id_: replace(stored, chunk=replace(stored.chunk, path=prefix + stored.chunk.path))
        for id_, stored in index.chunks.items()
    }
    titles = {prefix + path: vector for path, vector in index.title_vectors.items()}
    passages = {prefix + path: ids for path, ids in index.passages.items()}
    return replace(index, documents=documents, chunks=chunks, title_vectors=titles, passages=passages)


def unite(first: Index, second: Index) -> Index:
    """
    Return two indexes as one.

    Words weigh by how rare they are in both together; what "nothing in common" looks like is taken from the first.

    Parameters
    ----------
    first, second
        Made with the same embedding model, and without a path in common.

    """
    if common := first.documents.keys() & second.documents.keys():
        raise ValueError(f"in both indexes: {', '.join(sorted(common))}")
    moved = {id_ + _OFFSET: replace(stored, id=id_ + _OFFSET) for id_, stored in second.chunks.items()}
    return UnitedIndex(
        fingerprint=f"{first.fingerprint}+{second.fingerprint}",
        generation=first.generation,
        documents={**first.documents, **second.documents},
        chunks={**first.chunks, **moved},
        vectors=_UnitedVectors(first.vectors, second.vectors),
        lexical=_UnitedLexical(first.lexical, second.lexical),
        cosine_floor=first.cosine_floor if first.chunks else second.cosine_floor,
        sentence_vectors=first.sentence_vectors,
        title_vectors={**first.title_vectors, **second.title_vectors},
        passages={**first.passages, **{p: tuple(id_ + _OFFSET for id_ in ids) for p, ids in second.passages.items()}},
        parts=(first, second),
    )


class _UnitedVectors(VectorIndex):
    def __init__(self, first: VectorIndex, second: VectorIndex) -> None:
        self._first = first
        self._second = second

    @property
    def size(self) -> int:
        return self._first.size + self._second.size

    @property
    def dimension(self) -> int:
        return self._first.dimension

    def search(self, query: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        moved = [(id_ + _OFFSET, score) for id_, score in self._second.search(query, k)]
        return sorted([*self._first.search(query, k), *moved], key=lambda pair: (-pair[1], pair[0]))[:k]

    def similarity(self, query: NDArray[np.float32], id_: int) -> float:
        if id_ < _OFFSET:
            return self._first.similarity(query, id_)
        return self._second.similarity(query, id_ - _OFFSET)


class _UnitedLexical(LexicalIndex):
    """BM25 with the weights that words have in both parts together; lengths are compared within each part."""

    def __init__(self, first: LexicalIndex, second: LexicalIndex) -> None:
        self._parts = (first, second)

    @property
    def size(self) -> int:
        return sum(part.size for part in self._parts)

    def passage_terms(self, text: str) -> list[str]:
        return list(dict.fromkeys(term for part in self._parts for term in part.passage_terms(text)))

    def split_compound(self, word: str) -> tuple[str, ...]:
        first, second = self._parts
        return first.split_compound(word) or second.split_compound(word)

    def scores(self, query: str) -> NDArray[np.float32]:
        terms = [term for term in dict.fromkeys(self.query_terms(query)) if self.knows(term)]
        return np.concatenate([self._scores_in(part, terms) for part in self._parts])

    def scores_of(self, term: str) -> NDArray[np.float32]:
        return np.concatenate([self._scores_in(part, [term]) for part in self._parts])

    def _scores_in(self, part: LexicalIndex, terms: Sequence[str]) -> NDArray[np.float32]:
        total = np.zeros(part.size, dtype=np.float32)
        for term in terms:
            if part.knows(term):
                # A stored score is the weight in that part times how much the passage is about the term.
                total += part.scores_of(term) * np.float32(self.weight(term) / part.weight(term))
        return total

    def containing(self, term: str) -> int:
        return sum(part.containing(term) for part in self._parts)

    def knows(self, term: str) -> bool:
        return any(part.knows(term) for part in self._parts)
