"""Keep the pages that were shown last, within a limit in bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from index.limits import MOST_PICTURES

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from index.collections.owners import Owner
    from index.reading.extraction.pages.types import Shown

Key = tuple["Owner", "Hashable"]
_EACH = 2000  # bytes of a page without its picture, roughly


class PageMemory:
    """
    Pages by owner and by what they depend on. Safe to share between threads.

    Parameters
    ----------
    most
        Most bytes that are kept.

    """

    def __init__(self, most: int = MOST_PICTURES) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[Key, Shown] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key, make: Callable[[], Shown]) -> Shown:
        """Return a page from memory, or make it and keep it."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            if key not in self._kept and _size(made) <= self._most:
                self._kept[key] = made
                self._size += _size(made)
            while self._size > self._most:
                self._size -= _size(self._kept.popitem(last=False)[1])
        return made

    def forget(self, owner: Owner) -> None:
        """Forget an owner's pages."""
        with self._lock:
            for key in [key for key in self._kept if key[0] == owner]:
                self._size -= _size(self._kept.pop(key))


def _size(page: Shown) -> int:
    return len(page.image) + _EACH
