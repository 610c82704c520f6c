"""Combine several open indexes into one, without copying their contents."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from heapq import merge
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from index.storage.lexical import LexicalIndex
from index.storage.reader import Index
from index.storage.records import StoredChunk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from index.storage.protocols import Chosen, Described, Lexical, PassageRows, Vectors

# An index's ids are its own plus this offset times the number of indexes before it; no store ever gives that many ids.
_BITS = 40
_OFFSET = 1 << _BITS


K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def prefixed(index: Index, prefix: str) -> Index:
    """Return an index whose documents' paths have a prefix."""
    return replace(
        index,
        documents=_Prefixed(index.documents, prefix, lambda one: replace(one, path=prefix + one.path)),
        chunks=_Changed(index.chunks, lambda one: replace(one, chunk=replace(one.chunk, path=prefix + one.chunk.path))),
        title_vectors=_Prefixed(index.title_vectors, prefix, lambda one: one),
        passages=_Prefixed(index.passages, prefix, lambda one: one),
        rows=_PrefixedRows(index.rows, prefix),
    )


def unite(first: Index, *others: Index) -> Index:
    """
    Return several indexes as one.

    Words are weighted by their rarity in all indexes together; the cosine floor is that of the first index that has
    passages.

    Parameters
    ----------
    first, *others
        Indexes made with the same embedding model, and without a path in common. The ids of the others are shifted by
        their position. For indexes that no hidden prefix distinguishes, all paths are compared.

    Raises
    ------
    ValueError
        Two of them have a path in common.

    """
    parts = (first, *others)
    for number, one in enumerate(parts):
        for other in parts[number + 1 :]:
            if common := _common(one.documents, other.documents):
                raise ValueError(f"in both indexes: {', '.join(sorted(common))}")
    moved = [_Changed(part.passages, _mover(number)) if number else part.passages for number, part in enumerate(parts)]
    return Index(
        fingerprint="+".join(part.fingerprint for part in parts),
        generation=first.generation,
        documents=_Joined([part.documents for part in parts]),
        chunks=_JoinedChunks([part.chunks for part in parts]),
        vectors=_UnitedVectors([part.vectors for part in parts]),
        lexical=_UnitedLexical([part.lexical for part in parts]),
        cosine_floor=next((part.cosine_floor for part in parts if part.chunks), first.cosine_floor),
        title_vectors=_Joined([part.title_vectors for part in parts]),
        passages=_Joined(moved),
        rows=_JoinedRows([part.rows for part in parts]),
    )


def _common(first: Mapping[str, V], second: Mapping[str, V]) -> list[str]:
    """Return the paths that two indexes have in common."""
    prefixes = [one.prefix if isinstance(one, _Prefixed) else "" for one in (first, second)]
    # Paths within a folder never begin with a dot, because hidden files are skipped.
    hidden = [prefix.startswith(".") for prefix in prefixes]
    if (
        any(hidden)
        and not prefixes[0].startswith(prefixes[1] or "/")
        and not prefixes[1].startswith(prefixes[0] or "/")
    ):
        return []
    return [path for path in second if path in first]


def _mover(number: int) -> Callable[[tuple[int, ...]], tuple[int, ...]]:
    return lambda ids: tuple(id_ + (number << _BITS) for id_ in ids)


class _Changed(Mapping[K, V]):
    """A mapping whose values are converted when they are asked for."""

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
        self.prefix = prefix

    def __getitem__(self, key: str) -> V:
        if not key.startswith(self.prefix):
            raise KeyError(key)
        return super().__getitem__(key.removeprefix(self.prefix))

    def __iter__(self) -> Iterator[str]:
        return (self.prefix + key for key in super().__iter__())

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.startswith(self.prefix) and key.removeprefix(self.prefix) in self._inner

    def described(self) -> Iterator[Described]:
        """See `index.storage.segments.mappings.Documents.described`."""
        return (one._replace(path=self.prefix + one.path) for one in self._inner.described())  # type: ignore[attr-defined]

    def noted(self) -> Iterator[str]:
        """See `index.storage.segments.mappings.Documents.noted`."""
        return (self.prefix + path for path in self._inner.noted())  # type: ignore[attr-defined]

    def mentions(self, words: Sequence[str]) -> Iterator[tuple[str, frozenset[str]]]:
        """See `index.storage.reader.Index.mentions`."""
        return ((self.prefix + path, found) for path, found in self._inner.mentions(words))  # type: ignore[attr-defined]


class _Joined(Mapping[str, V]):
    """A chain of mappings that have no key in common."""

    def __init__(self, parts: Sequence[Mapping[str, V]]) -> None:
        self._parts = parts

    def __getitem__(self, key: str) -> V:
        for part in reversed(self._parts):  # the first part is the largest
            if key in part:
                return part[key]
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return chain(*self._parts)

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __contains__(self, key: object) -> bool:
        return any(key in part for part in self._parts)

    def described(self) -> Iterator[Described]:
        """See `index.storage.segments.mappings.Documents.described`."""
        return chain(*(part.described() for part in self._parts))  # type: ignore[attr-defined]

    def noted(self) -> Iterator[str]:
        """See `index.storage.segments.mappings.Documents.noted`."""
        return chain(*(part.noted() for part in self._parts))  # type: ignore[attr-defined]

    def mentions(self, words: Sequence[str]) -> Iterator[tuple[str, frozenset[str]]]:
        """See `index.storage.reader.Index.mentions`."""
        return chain(*(part.mentions(words) for part in self._parts))  # type: ignore[attr-defined]


class _JoinedChunks(Mapping[int, StoredChunk]):
    def __init__(self, parts: Sequence[Mapping[int, StoredChunk]]) -> None:
        self._parts = parts

    def __getitem__(self, id_: int) -> StoredChunk:
        number, inner = _own(id_)
        if number >= len(self._parts):
            raise KeyError(id_)
        found = self._parts[number][inner]
        return replace(found, id=id_) if number else found

    def __iter__(self) -> Iterator[int]:
        return (id_ + (number << _BITS) for number, part in enumerate(self._parts) for id_ in part)

    def __len__(self) -> int:
        return sum(map(len, self._parts))


class _PrefixedRows:
    def __init__(self, inner: PassageRows, prefix: str) -> None:
        self._inner = inner
        self._prefix = prefix
        self.sentence_rows, self.marks, self.cosines = inner.sentence_rows, inner.marks, inner.cosines

    def with_text_of(self, text: str) -> list[str]:
        return [self._prefix + path for path in self._inner.with_text_of(text)]

    def chosen(self, admits: Callable[[str, str], bool], among: Callable[[str], bool] | None = None) -> Chosen:
        inner = None if among is None else lambda path: among(self._prefix + path)
        return _PrefixedChosen(self._inner.chosen(admits, inner), self._prefix)


class _JoinedRows:
    def __init__(self, parts: Sequence[PassageRows]) -> None:
        self._parts = parts

    def sentence_rows(self, id_: int) -> NDArray[np.float32]:
        number, inner = _own(id_)
        return self._parts[number].sentence_rows(inner)

    def cosines(
        self, ids: Sequence[int], vector: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        found = np.zeros((2, len(ids)), np.float32)
        numbers = np.array([_own(id_)[0] for id_ in ids], dtype=np.int64)
        for number, of in enumerate(_parted(ids, len(self._parts))):
            found[:, numbers == number] = self._parts[number].cosines(of, vector)
        return found[0], found[1]

    def marks(self, id_: int) -> tuple[Hashable, Hashable]:
        number, inner = _own(id_)
        return self._parts[number].marks(inner)

    def with_text_of(self, text: str) -> list[str]:
        return sorted(chain(*(part.with_text_of(text) for part in self._parts)))

    def chosen(self, admits: Callable[[str, str], bool], among: Callable[[str], bool] | None = None) -> Chosen:
        return _JoinedChosen([part.chosen(admits, among) for part in self._parts])


class _PrefixedChosen:
    def __init__(self, inner: Chosen, prefix: str) -> None:
        self._inner = inner
        self._prefix = prefix
        self.ids = inner.ids

    def __len__(self) -> int:
        return len(self._inner)

    def __iter__(self) -> Iterator[str]:
        return (self._prefix + path for path in self._inner)

    def dated(self) -> Iterator[tuple[str, str]]:
        return ((day, self._prefix + path) for day, path in self._inner.dated())

    def near(self, vector: NDArray[np.float32]) -> Iterator[tuple[float, str, str]]:
        return ((cosine, self._prefix + path, title) for cosine, path, title in self._inner.near(vector))


class _JoinedChosen:
    def __init__(self, parts: Sequence[Chosen]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __iter__(self) -> Iterator[str]:
        return (path for _, path in self.dated())

    def dated(self) -> Iterator[tuple[str, str]]:
        return merge(*(part.dated() for part in self._parts), reverse=True)

    def ids(self) -> NDArray[np.int64]:
        return _moved([part.ids() for part in self._parts])

    def near(self, vector: NDArray[np.float32]) -> Iterator[tuple[float, str, str]]:
        return merge(*(part.near(vector) for part in self._parts), key=itemgetter(0), reverse=True)


class _UnitedVectors:
    def __init__(self, parts: Sequence[Vectors]) -> None:
        self._parts = parts

    @property
    def size(self) -> int:
        return sum(part.size for part in self._parts)

    def search(
        self, query: NDArray[np.float32], k: int, *, among: Sequence[int] | NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        ids = None if among is None else _parted(np.asarray(among, np.int64).tolist(), len(self._parts))
        found = [
            (id_ + (number << _BITS), score)
            for number, part in enumerate(self._parts)
            for id_, score in part.search(query, k, among=None if ids is None else ids[number])
        ]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:k]

    def similarities(self, query: NDArray[np.float32], ids: Sequence[int]) -> list[float]:
        found: dict[int, float] = {}
        for number, of in enumerate(_parted(ids, len(self._parts))):
            cosines = self._parts[number].similarities(query, of)
            found |= {id_ + (number << _BITS): cosine for id_, cosine in zip(of, cosines, strict=True)}
        return [found[id_] for id_ in ids]

    def rows(self, ids: Sequence[int]) -> NDArray[np.float32]:
        parted = _parted(ids, len(self._parts))
        rows = np.concatenate([part.rows(of) for part, of in zip(self._parts, parted, strict=True) if of])
        moved = (id_ + (number << _BITS) for number, of in enumerate(parted) for id_ in of)
        order = {id_: row for row, id_ in enumerate(moved)}
        return rows[[order[id_] for id_ in ids]]


def _own(id_: int) -> tuple[int, int]:
    """Return the position of the index that an id belongs to, and the id within that index."""
    return id_ >> _BITS, id_ & (_OFFSET - 1)


def _parted(ids: Sequence[int], count: int) -> list[list[int]]:
    """Return the ids grouped by index, as ids within each index."""
    parts: list[list[int]] = [[] for _ in range(count)]
    for id_ in ids:
        number, inner = _own(id_)
        parts[number].append(inner)
    return parts


def _moved(ids: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate([of + (number << _BITS) for number, of in enumerate(ids)])


class _UnitedLexical(LexicalIndex):
    """BM25 with word weights from all parts together; lengths are compared within each part."""

    def __init__(self, parts: Sequence[Lexical]) -> None:
        self._all = parts

    @property
    def size(self) -> int:
        return sum(part.size for part in self._all)

    def passage_terms(self, text: str) -> list[str]:
        return list(dict.fromkeys(term for part in self._all for term in part.passage_terms(text)))

    def split_compound(self, word: str) -> tuple[str, ...]:
        return next((found for part in self._all if (found := part.split_compound(word))), ())

    def holding(self, term: str) -> NDArray[np.int64]:
        return _moved([part.holding(term) for part in self._all])

    def matches(self, terms: Sequence[str], weights: Sequence[float]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        found = [part.matches(terms, weights) for part in self._all]
        return _moved([ids for ids, _ in found]), np.concatenate([scores for _, scores in found])

    def _scores(self, terms: Sequence[str]) -> NDArray[np.float32]:
        weights = [self.weight(term) for term in terms]
        return np.concatenate([part.dense(terms, weights) for part in self._all])

    def containing(self, term: str) -> int:
        return sum(part.containing(term) for part in self._all)

    def knows(self, term: str) -> bool:
        return any(part.knows(term) for part in self._all)
