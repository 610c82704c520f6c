"""Nearest neighbours with FAISS: exact inner products under ids of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray


class VectorIndex:
    """
    An exact FAISS index with stable ids.

    Exact search is quick enough for a laptop's corpus (100,000 passages in some 20 ms) and, unlike
    an approximate one, gives the same hits every time. Ids are mapped by `IndexIDMap2`, because a
    bare flat index shifts them when a vector is removed.

    """

    def __init__(self, faiss_index: Any) -> None:
        self._index = faiss_index

    @classmethod
    def build(cls, ids: Sequence[int], vectors: NDArray[np.float32]) -> VectorIndex:
        """Index unit vectors, shape ``(len(ids), dimension)``."""
        import faiss  # noqa: PLC0415 - loads OpenMP

        index = faiss.IndexIDMap2(faiss.IndexFlatIP(max(1, vectors.shape[1])))
        if not ids:  # a corpus without a citable sentence
            return cls(index)
        index.add_with_ids(np.ascontiguousarray(vectors), np.asarray(ids, dtype=np.int64))
        return cls(index)

    @property
    def size(self) -> int:
        """Number of vectors."""
        return int(self._index.ntotal)

    def search(
        self, query: NDArray[np.float32], k: int, *, among: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` pairs of id and cosine, best first, equal ones by id; see `Vectors.search`."""
        most = min(k, self.size if among is None else len(among))
        if most == 0:
            return []
        scores, ids = self._index.search(query.reshape(1, -1), most, params=_only(among))
        found = [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def similarities(self, query: NDArray[np.float32], ids: Sequence[int]) -> list[float]:
        """Return the cosines of the query and some of the vectors."""
        return [float(np.dot(self._index.reconstruct(id_), query)) for id_ in ids]

    def rows(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return stored vectors, shape ``(len(ids), dimension)``."""
        found = [self._index.reconstruct(id_) for id_ in ids]
        return np.stack(found) if found else np.zeros((0, self._index.d), dtype=np.float32)

    def save(self, file: Path) -> None:
        """Write the index to a file."""
        import faiss  # noqa: PLC0415

        # Written by Python, whose errors tell a full disk from others.
        file.write_bytes(faiss.serialize_index(self._index).tobytes())

    @classmethod
    def load(cls, file: Path) -> VectorIndex:
        """Read what `save` wrote."""
        import faiss  # noqa: PLC0415

        return cls(faiss.read_index(str(file)))


class FaissStore:
    """The store that is built in: one file, read into memory; see `index.storage.protocols.VectorStore`."""

    def write(
        self,
        place: Path,
        ids: Sequence[int],
        vectors: NDArray[np.float32],
        *,
        earlier: Path | None = None,  # noqa: ARG002 - the file is written whole
    ) -> None:
        """Write all vectors into a new file."""
        VectorIndex.build(ids, vectors).save(place)

    def open(self, place: Path) -> VectorIndex:
        """Read them."""
        return VectorIndex.load(place)

    def remove(self, place: Path) -> None:
        """Do nothing: the file goes with its folder."""


def _only(ids: Sequence[int] | None) -> Any:
    if ids is None:
        return None
    import faiss  # noqa: PLC0415

    selector = faiss.IDSelectorBatch(np.asarray(ids, dtype=np.int64))
    return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]  # as SWIG has it
