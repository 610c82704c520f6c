"""Keep vectors in a file and find the nearest: exactly with FAISS, or, among very many, with lists (`approximate`)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from index.storage.columns.files import Columns, ColumnsWriter, Held
from index.storage.schema import VECTOR
from index.storage.vectors import approximate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from index.storage.columns.files import Array

MOST_EXACT = 50_000
"""Most vectors of a segment that are searched exactly: on one core some 10 ms with 384 dimensions."""

_AT_ONCE = 8192  # number of vectors written together


class VectorIndex:
    """
    Unit vectors with stable ids.

    Exact search gives the same hits every time, and is quick enough for a laptop's corpus. With more vectors than
    `MOST_EXACT`, only those in lists near the query are compared, and their exact cosines decide.

    Parameters
    ----------
    columns
        ``ids``, ascending, ``vectors`` in that order, and, if there are lists, the columns of `approximate.Lists`.

    """

    def __init__(self, columns: Columns | dict[str, Array]) -> None:
        self._ids, self._vectors = columns["ids"], columns["vectors"]
        self._lists = approximate.Lists(columns) if "centroids" in columns else None
        self._exact: Any = None
        self._lock = threading.Lock()

    @classmethod
    def build(cls, ids: Sequence[int], vectors: NDArray[np.float32]) -> VectorIndex:
        """Index unit vectors in memory, shape ``(len(ids), dimension)``."""
        keys = np.asarray(ids, dtype=np.int64)
        order = np.argsort(keys, kind="stable")
        return cls({"ids": Held(keys[order]), "vectors": Held(np.asarray(vectors, np.float32)[order])})

    @property
    def size(self) -> int:
        """Number of vectors."""
        return len(self._ids)

    def search(
        self, query: NDArray[np.float32], k: int, *, among: Sequence[int] | NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` pairs of id and cosine, best first, equal ones by id; see `Vectors.search`."""
        most = min(k, self.size if among is None else len(among))
        if most == 0:
            return []
        if self._lists is None:
            scores, ids = self._faiss().search(query.reshape(1, -1), most, params=_only(among))
            found = [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]
            return sorted(found, key=lambda pair: (-pair[1], pair[0]))
        rows = None if among is None else self._rows(np.sort(np.asarray(among, dtype=np.int64)))
        near = self._lists.near(query, most, rows)
        cosines = self._vectors.take(near).astype(np.float32) @ query
        best = np.lexsort((near, -cosines))[:most]
        return list(zip(self._ids.all()[near[best]].tolist(), cosines[best].tolist(), strict=True))

    def similarities(self, query: NDArray[np.float32], ids: Sequence[int]) -> list[float]:
        """Return the cosines of the query and some of the vectors."""
        return [float(np.dot(row, query)) for row in self.rows(ids)]

    def rows(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return stored vectors, shape ``(len(ids), dimension)``."""
        return self._vectors.take(self._rows(np.asarray(ids, dtype=np.int64))).astype(np.float32)

    def _rows(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        known = self._ids.all()
        rows = np.searchsorted(known, ids)
        if len(ids) and (rows.max() >= len(known) or (known[rows] != ids).any()):
            raise KeyError("an id that has no vector")
        return rows

    def _faiss(self) -> Any:
        # Built by the first search, so that opening costs nothing. Ids are mapped: a bare flat index has rows only.
        with self._lock:
            if self._exact is None:
                import faiss  # noqa: PLC0415 - loads OpenMP

                made = faiss.IndexIDMap2(faiss.IndexFlatIP(max(1, self._vectors.shape[1])))
                made.add_with_ids(np.ascontiguousarray(self._vectors.all(), np.float32), self._ids.all())
                self._exact = made
            return self._exact


class FaissStore:
    """The default store: one file, read on demand; see `index.storage.protocols.VectorStore`."""

    def write(
        self,
        place: Path,
        ids: Sequence[int],
        vectors: NDArray[np.float32],
        *,
        earlier: Path | None = None,  # noqa: ARG002 - the file is written whole
    ) -> None:
        """Write all vectors into a new file, in half precision if that is lossless, as it is for an index's vectors."""
        keys = np.asarray(ids, dtype=np.int64)
        order = np.argsort(keys, kind="stable")
        lists = approximate.made(vectors, order) if len(keys) > MOST_EXACT else {}
        kinds = {name: (array.dtype, array.shape) for name, array in lists.items()}
        parts = [order[first : first + _AT_ONCE] for first in range(0, len(order), _AT_ONCE)]
        number = VECTOR if all(_is_half(vectors[part]) for part in parts) else "<f4"
        out = ColumnsWriter(place, {"ids": ("<i8", keys.shape), "vectors": (number, vectors.shape), **kinds})
        out["ids"][...] = keys[order]
        for first, part in zip(range(0, len(order), _AT_ONCE), parts, strict=True):
            out["vectors"][first : first + len(part)] = vectors[part]
        for name, array in lists.items():
            out[name][...] = array
        out.seal()

    def open(self, place: Path, digest: str | None = None) -> VectorIndex:
        """Open the vectors at a place; the digest is that of the manifest, if there is one."""
        return VectorIndex(Columns(place, digest))

    def remove(self, place: Path) -> None:
        """Do nothing: the file is deleted with its folder."""


def _is_half(vectors: NDArray[np.float32]) -> bool:
    return np.array_equal(vectors, vectors.astype(VECTOR))


def _only(ids: Sequence[int] | NDArray[np.int64] | None) -> Any:
    if ids is None:
        return None
    import faiss  # noqa: PLC0415

    selector = faiss.IDSelectorBatch(np.asarray(ids, dtype=np.int64))
    return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]  # as SWIG has it
