"""Several open indexes as one, without copying what they hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from index.storage.lexical import LexicalIndex
from index.storage.reader import Index

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.storage.protocols import Lexical, Vectors

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


class _UnitedVectors:
    def __init__(self, first: Vectors, second: Vectors) -> None:
        self._first = first
        self._second = second

    @property
    def size(self) -> int:
        return self._first.size + self._second.size

    def search(
        self, query: NDArray[np.float32], k: int, *, among: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        parts = (None, None) if among is None else _parted(among)
        moved = [(id_ + _OFFSET, score) for id_, score in self._second.search(query, k, among=parts[1])]
        found = [*self._first.search(query, k, among=parts[0]), *moved]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:k]

    def similarities(self, query: NDArray[np.float32], ids: Sequence[int]) -> list[float]:
        first, second = _parted(ids)
        found = dict(zip(first, self._first.similarities(query, first), strict=True))
        found |= {
            id_ + _OFFSET: cosine for id_, cosine in zip(second, self._second.similarities(query, second), strict=True)
        }
        return [found[id_] for id_ in ids]

    def rows(self, ids: Sequence[int]) -> NDArray[np.float32]:
        first, second = _parted(ids)
        rows = np.concatenate([part.rows(of) for part, of in ((self._first, first), (self._second, second)) if of])
        order = {id_: row for row, id_ in enumerate([*first, *(id_ + _OFFSET for id_ in second)])}
        return rows[[order[id_] for id_ in ids]]


def _parted(ids: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return the ids of the first index, and those of the second as that one has them."""
    return [id_ for id_ in ids if id_ < _OFFSET], [id_ - _OFFSET for id_ in ids if id_ >= _OFFSET]


class _UnitedLexical(LexicalIndex):
    """BM25 with the weights that words have in both parts together; lengths are compared within each part."""

    def __init__(self, first: Lexical, second: Lexical) -> None:
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

    def _scores_in(self, part: Lexical, terms: Sequence[str]) -> NDArray[np.float32]:
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
