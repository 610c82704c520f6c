"""Vectors in an external store, replaced by those of the index's own store while the external one does not answer."""

from __future__ import annotations

import logging
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from index.errors import IndexDamagedError, StoreUnavailableError
from index.storage.schema import VECTOR

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from index.storage.protocols import Vectors

T = TypeVar("T")
_LOG = logging.getLogger(__name__)
_MEANWHILE = "Until it answers, the index searches its own vectors, which takes longer."
_BATCH = 8192
_FEW = 20  # if fewer than one in 20 rows of a batch are wanted, they are read one by one


class StoredVectors:
    """
    The vectors of passages in the index's own store: each search compares all of them.

    Parameters
    ----------
    ids
        Ids of all passages, ascending.
    read
        Returns id and vector of the passages whose ids are in an inclusive range, in order of ids.

    """

    def __init__(self, ids: NDArray[np.int64], read: Callable[[int, int], Sequence[tuple[int, bytes]]]) -> None:
        self._ids = ids
        self._read = read

    @property
    def size(self) -> int:
        """Number of vectors."""
        return len(self._ids)

    def search(
        self, query: NDArray[np.float32], k: int, *, among: Sequence[int] | NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` pairs of id and cosine, best first, equal ones by id; see `Vectors.search`."""
        best: list[tuple[int, float]] = []
        for first in range(0, self.size, _BATCH):
            part = self._ids[first : first + _BATCH]
            rows = part if among is None else part[np.isin(part, among)]
            cosines = _cosines(self._some(part, rows), query)
            nearest = np.lexsort((rows, -cosines))[:k]
            best += zip(rows[nearest].tolist(), cosines[nearest].tolist(), strict=True)
            best = sorted(best, key=lambda pair: (-pair[1], pair[0]))[:k]
        return best

    def similarities(self, query: NDArray[np.float32], ids: Sequence[int]) -> list[float]:
        """Return the cosines of the query and some of the vectors."""
        similarities: list[float] = _cosines(self.rows(ids), query).tolist()
        return similarities

    def rows(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return some of the vectors, shape ``(len(ids), dimension)``."""
        found = [blob for id_ in ids for _, blob in self._read(int(id_), int(id_))]
        if len(found) != len(ids):
            raise KeyError("an id that has no vector")
        return _matrix(found)

    def _some(self, part: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        if len(rows) < len(part) // _FEW:
            return self.rows(rows.tolist())
        found = dict(self._read(int(part[0]), int(part[-1])))
        return _matrix([found[id_] for id_ in rows.tolist()])


def _matrix(blobs: Sequence[bytes]) -> NDArray[np.float32]:
    if not blobs:
        return np.zeros((0, 0), np.float32)
    return np.frombuffer(b"".join(blobs), VECTOR).reshape(len(blobs), -1).astype(np.float32)


def _cosines(rows: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.float32]:
    # Row by row, so that a cosine does not depend on the other rows.
    return np.einsum("ij,j->i", rows, query) if len(rows) else np.zeros(0, np.float32)


class BackedVectors:
    """
    The vectors of an external store, or, while it does not answer, the index's own: the same hits, more slowly.

    Parameters
    ----------
    opened
        Opens the vectors of the external store.
    own
        The index's own vectors.
    outage
        Logs once that the store does not answer.

    """

    def __init__(self, opened: Callable[[], Vectors], own: Vectors, outage: Outage) -> None:
        self._open = opened
        self._own = own
        self._outage = outage
        self._lock = threading.Lock()
        self._elsewhere: Vectors | None = None
        self._gone = False
        self._ask(lambda vectors: vectors.size)  # so that an outage is reported when the index is opened

    @property
    def size(self) -> int:
        """Number of vectors."""
        return self._own.size

    def search(
        self, query: NDArray[np.float32], k: int, *, among: Sequence[int] | NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` pairs of id and cosine, best first, equal ones by id; see `Vectors.search`."""
        return self._ask(lambda vectors: vectors.search(query, k, among=among))

    def similarities(self, query: NDArray[np.float32], ids: Sequence[int]) -> list[float]:
        """Return the cosines of the query and some of the vectors."""
        return self._ask(lambda vectors: vectors.similarities(query, ids))

    def rows(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return some of the vectors, shape ``(len(ids), dimension)``, as they were written."""
        return self._ask(lambda vectors: vectors.rows(ids))

    def _ask(self, what: Callable[[Vectors], T]) -> T:
        if self._gone:
            return what(self._own)
        try:
            with self._lock:
                if self._elsewhere is None:
                    self._elsewhere = self._open()
                vectors = self._elsewhere
            found = what(vectors)
        except IndexDamagedError as error:
            # If the vectors were there before, a sync has replaced this generation, and nothing is wrong.
            self._gone = True
            _LOG.log(logging.INFO if self._elsewhere else logging.WARNING, "%s %s", error, _MEANWHILE)
            return what(self._own)
        except StoreUnavailableError as error:
            self._elsewhere = None  # open it again afterwards, to check what it then holds
            self._outage.began(error)
            return what(self._own)
        self._outage.ended()
        return found


class Outage:
    """Whether a store answers; logs once when it stops answering, and once when it answers again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said = ""

    def began(self, error: StoreUnavailableError) -> None:
        """Record that the store does not answer."""
        with self._lock:
            if not self._said:
                _LOG.warning("%s %s", error, _MEANWHILE)
            self._said = str(error)

    def ended(self) -> None:
        """Record that the store answers."""
        if self._said:
            with self._lock:
                if self._said:
                    _LOG.warning("The vector store answers again.")
                self._said = ""


@lru_cache(maxsize=16)
def outage(setting: str) -> Outage:
    """Return this process's `Outage` of the store that a setting names."""
    del setting
    return Outage()


__all__ = ["BackedVectors", "Outage", "StoredVectors", "outage"]
