"""Several open indexes as one, without copying what they hold."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from index.storage.lexical import LexicalIndex
from index.storage.reader import Index
from index.storage.records import StoredChunk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from index.storage.protocols import Described, Lexical, PassageRows, Vectors

# The ids of the second index are its own plus this; no store ever gives that many.
_OFFSET = 1 << 40


K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def prefixed(index: Index, prefix: str) -> Index:
    """Return an index whose documents have a prefix before their paths."""
    return replace(
        index,
        documents=_Prefixed(index.documents, prefix, lambda one: replace(one, path=prefix + one.path)),
        chunks=_Changed(index.chunks, lambda one: replace(one, chunk=replace(one.chunk, path=prefix + one.chunk.path))),
        title_vectors=_Prefixed(index.title_vectors, prefix, lambda one: one),
        passages=_Prefixed(index.passages, prefix, lambda one: one),
        rows=_PrefixedRows(index.rows, prefix),
    )


def unite(first: Index, second: Index) -> Index:
    """
    Return two indexes as one.

    Words weigh by how rare they are in both together; what "nothing in common" looks like is taken from the first.

    Parameters
    ----------
    first, second
        Made with the same embedding model, and without a path in common. The ids of the second are moved; all of its
        documents are looked at, so let it be the smaller one.

    """
    if common := [path for path in second.documents if path in first.documents]:
        raise ValueError(f"in both indexes: {', '.join(sorted(common))}")
    return Index(
        fingerprint=f"{first.fingerprint}+{second.fingerprint}",
        generation=first.generation,
        documents=_Joined(first.documents, second.documents),
        chunks=_JoinedChunks(first.chunks, second.chunks),
        vectors=_UnitedVectors(first.vectors, second.vectors),
        lexical=_UnitedLexical(first.lexical, second.lexical),
        cosine_floor=first.cosine_floor if first.chunks else second.cosine_floor,
        title_vectors=_Joined(first.title_vectors, second.title_vectors),
        passages=_Joined(first.passages, _Changed(second.passages, lambda ids: tuple(id_ + _OFFSET for id_ in ids))),
        rows=_JoinedRows(first.rows, second.rows),
    )


class _Changed(Mapping[K, V]):
    """A mapping whose values are made into others as they are asked for."""

    def __init__(self, inner: Mapping[K, V], change: Callable[[V], V]) -> None:
        self._inner = inner
        self._change = change

    def __getitem__(self, key: K) -> V:
        return self._change(self._inner[key])

    def __iter__(self) -> Iterator[K]:
        return iter(self._inner)

    def __len__(self) -> int:
        return len(self._inner)

    def __contains__(self, key: object) -> bool:
        return key in self._inner


class _Prefixed(_Changed[str, V]):
    def __init__(self, inner: Mapping[str, V], prefix: str, change: Callable[[V], V]) -> None:
        super().__init__(inner, change)
        self._prefix = prefix

    def __getitem__(self, key: str) -> V:
        if not key.startswith(self._prefix):
            raise KeyError(key)
        return super().__getitem__(key.removeprefix(self._prefix))

    def __iter__(self) -> Iterator[str]:
        return (self._prefix + key for key in super().__iter__())

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.startswith(self._prefix) and key.removeprefix(self._prefix) in self._inner

    def described(self) -> Iterator[Described]:
        """See `index.storage.segments.mappings.Documents.described`."""
        return (one._replace(path=self._prefix + one.path) for one in self._inner.described())  # type: ignore[attr-defined]


class _Joined(Mapping[str, V]):
    """Two mappings without a key in common, the second's behind the first's."""

    def __init__(self, first: Mapping[str, V], second: Mapping[str, V]) -> None:
        self._parts = first, second

    def __getitem__(self, key: str) -> V:
        first, second = self._parts
        return second[key] if key in second else first[key]

    def __iter__(self) -> Iterator[str]:
        return chain(*self._parts)

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __contains__(self, key: object) -> bool:
        return any(key in part for part in self._parts)

    def described(self) -> Iterator[Described]:
        """See `index.storage.segments.mappings.Documents.described`."""
        return chain(*(part.described() for part in self._parts))  # type: ignore[attr-defined]


class _JoinedChunks(Mapping[int, StoredChunk]):
    def __init__(self, first: Mapping[int, StoredChunk], second: Mapping[int, StoredChunk]) -> None:
        self._parts = first, second

    def __getitem__(self, id_: int) -> StoredChunk:
        first, second = self._parts
        return first[id_] if id_ < _OFFSET else replace(second[id_ - _OFFSET], id=id_)

    def __iter__(self) -> Iterator[int]:
        first, second = self._parts
        return chain(first, (id_ + _OFFSET for id_ in second))

    def __len__(self) -> int:
        return sum(map(len, self._parts))


class _PrefixedRows:
    def __init__(self, inner: PassageRows, prefix: str) -> None:
        self._inner = inner
        self._prefix = prefix
        self.sentence_rows, self.title_vector, self.marks = inner.sentence_rows, inner.title_vector, inner.marks

    def with_text_of(self, text: str) -> list[str]:
        return [self._prefix + path for path in self._inner.with_text_of(text)]

    def ids_where(self, admits: Callable[[Described], bool]) -> NDArray[np.int64]:
        return self._inner.ids_where(lambda one: admits(one._replace(path=self._prefix + one.path)))


class _JoinedRows:
    def __init__(self, first: PassageRows, second: PassageRows) -> None:
        self._parts = first, second

    def sentence_rows(self, id_: int) -> NDArray[np.float32]:
        rows, inner = self._of(id_)
        return rows.sentence_rows(inner)

    def title_vector(self, id_: int) -> NDArray[np.float32]:
        rows, inner = self._of(id_)
        return rows.title_vector(inner)

    def marks(self, id_: int) -> tuple[Hashable, Hashable]:
        rows, inner = self._of(id_)
        return rows.marks(inner)

    def with_text_of(self, text: str) -> list[str]:
        first, second = self._parts
        return sorted([*first.with_text_of(text), *second.with_text_of(text)])

    def ids_where(self, admits: Callable[[Described], bool]) -> NDArray[np.int64]:
        first, second = self._parts
        return np.concatenate([first.ids_where(admits), second.ids_where(admits) + _OFFSET])

    def _of(self, id_: int) -> tuple[PassageRows, int]:
        first, second = self._parts
        return (first, id_) if id_ < _OFFSET else (second, id_ - _OFFSET)


class _UnitedVectors:
    def __init__(self, first: Vectors, second: Vectors) -> None:
        self._first = first
        self._second = second

    @property
    def size(self) -> int:
        return self._first.size + self._second.size

    def search(
        self, query: NDArray[np.float32], k: int, *, among: Sequence[int] | NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        parts = (None, None) if among is None else _parted(np.asarray(among, np.int64).tolist())
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
        self._both = (first, second)

    @property
    def size(self) -> int:
        return sum(part.size for part in self._both)

    def passage_terms(self, text: str) -> list[str]:
        return list(dict.fromkeys(term for part in self._both for term in part.passage_terms(text)))

    def split_compound(self, word: str) -> tuple[str, ...]:
        first, second = self._both
        return first.split_compound(word) or second.split_compound(word)

    def holding(self, term: str) -> NDArray[np.int64]:
        first, second = self._both
        return np.concatenate([first.holding(term), second.holding(term) + _OFFSET])

    def matches(self, terms: Sequence[str], weights: Sequence[float]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        first, second = (part.matches(terms, weights) for part in self._both)
        return np.concatenate([first[0], second[0] + _OFFSET]), np.concatenate([first[1], second[1]])

    def _scores(self, terms: Sequence[str]) -> NDArray[np.float32]:
        weights = [self.weight(term) for term in terms]
        return np.concatenate([part.dense(terms, weights) for part in self._both])

    def containing(self, term: str) -> int:
        return sum(part.containing(term) for part in self._both)

    def knows(self, term: str) -> bool:
        return any(part.knows(term) for part in self._both)
