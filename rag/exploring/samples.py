"""What is read of the articles to describe them, and a cache for what is made from it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from index.storage.protocols import Described
    from index.storage.reader import Index

_REMEMBERED = 8
_SENTENCES = 400
T = TypeVar("T")


class Remembered(Generic[T]):
    """
    Cache of values made from the last few indexes, by fingerprint, generation and options.

    Parameters
    ----------
    make
        Makes the value for an index.

    """

    def __init__(self, make: Callable[..., T]) -> None:
        self._make = make
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, index: Index, *options: Hashable) -> T:
        """Return the value for an index, made once per generation."""
        key = (index.fingerprint, index.generation, *options)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        value = self._make(index, *options)
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > _REMEMBERED:
                self._kept.popitem(last=False)
        return value


def newest_first(documents: Iterable[Described]) -> list[Described]:
    """Return articles by date, newest first, those without a date last, by path."""
    by_path = sorted(documents, key=lambda one: one.path)
    return sorted(by_path, key=lambda one: one.metadata.date, reverse=True)


def spread(items: Sequence[T], most: int) -> Sequence[T]:
    """Return at most ``most`` items, evenly spaced."""
    return items if len(items) <= most else [items[place * len(items) // most] for place in range(most)]


def sentences_of(index: Index, path: str) -> Iterator[str]:
    """Yield the sentences of an article, in reading order."""
    document = index.documents[path].text
    for id_ in index.passages.get(path, ()):
        yield from (document[span.start : span.end] for span in index.chunks[id_].chunk.sentences)


def first_sentences(index: Index) -> Iterator[tuple[str, str]]:
    """Yield the first sentences of the articles, each with its language."""
    documents = spread(newest_first(index.described()), _SENTENCES)
    each = max(1, _SENTENCES // max(1, len(documents)))
    for document in documents:
        for sentence, _ in zip(sentences_of(index, document.path), range(each), strict=False):
            yield sentence, document.metadata.language
