"""Unite several open indexes, and keep the union as long as none of them has changed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from index.collections.union import unite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from index.storage.reader import Index

_MOST = 8


class Unions:
    """The unions that were asked most recently. Safe to share between threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, ...], tuple[tuple[Index, ...], Index]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, parts: Mapping[str, Index]) -> Index:
        """
        Return the union of some indexes; it is rebuilt only if one of them was replaced.

        Parameters
        ----------
        parts
            The indexes by keys that tell them apart, in the order that their ids are to have.

        """
        key, indexes = tuple(parts), tuple(parts.values())
        if len(indexes) == 1:
            return indexes[0]
        with self._lock:
            held, united = self._kept.get(key, ((), None))
            # Identity is compared, because each generation that is opened is a new object.
            if united is None or any(one is not other for one, other in zip(held, indexes, strict=True)):
                self._drop(parts)
                united = unite(*indexes)
                self._kept[key] = indexes, united
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
            return united

    def clear(self) -> None:
        """Forget all unions, so that they do not keep a removed index alive."""
        with self._lock:
            self._kept.clear()

    def _drop(self, parts: Mapping[str, Index]) -> None:
        """Forget the unions that hold an earlier generation of one of these indexes."""
        for key, (held, _) in list(self._kept.items()):
            if any(name in parts and parts[name] is not one for name, one in zip(key, held, strict=True)):
                del self._kept[key]
