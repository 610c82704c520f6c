"""
A third-party vector store: numpy vectors on a "server", which is a dictionary in this process.

The index's folder holds only the name of the vectors on the server, as with a store on another machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from index.errors import RagError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

SERVER: dict[str, dict[int, NDArray[np.float32]]] = {}
"""Collections by name, vectors by id."""
SENT: list[int] = []
"""Ids whose vectors were sent to the server."""
STATE = {"reachable": True, "fails": False}


def _reach() -> None:
    if not STATE["reachable"]:
        raise RagError("The vector store numpy://here does not answer.", hint="Start it, or try again later.")


class NumpyStore:
    def __init__(self, setting: str) -> None:
        self.setting = setting

    def write(
        self, place: Path, ids: Sequence[int], vectors: NDArray[np.float32], *, earlier: Path | None = None
    ) -> None:
        _reach()
        name = str(place)
        place.write_text(name, encoding="utf-8")  # first, so that the remains of a killed run are found and removed
        known = {} if earlier is None else SERVER[earlier.read_text(encoding="utf-8")]
        kept = SERVER[name] = {}
        for id_, vector in zip(ids, vectors, strict=True):
            if id_ not in known:
                SENT.append(id_)
            kept[id_] = known.get(id_, vector)
            if STATE["fails"]:
                raise RagError("The vector store numpy://here broke off.", hint="Try again later.")

    def open(self, place: Path) -> NumpyVectors:
        _reach()
        return NumpyVectors(SERVER[place.read_text(encoding="utf-8")])

    def remove(self, place: Path) -> None:
        _reach()
        SERVER.pop(place.read_text(encoding="utf-8"), None)


class NumpyVectors:
    def __init__(self, kept: dict[int, NDArray[np.float32]]) -> None:
        self._kept = kept

    @property
    def size(self) -> int:
        return len(self._kept)

    def search(
        self, query: NDArray[np.float32], k: int, *, among: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        ids = list(self._kept) if among is None else list(among)
        found = zip(ids, self.similarities(query, ids), strict=True)
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:k]

    def similarities(self, query: NDArray[np.float32], ids: Sequence[int]) -> list[float]:
        return [float(np.dot(self._kept[id_], query)) for id_ in ids]

    def rows(self, ids: Sequence[int]) -> NDArray[np.float32]:
        return np.stack([self._kept[id_] for id_ in ids]) if ids else np.zeros((0, 0), dtype=np.float32)


def broken(setting: str) -> NumpyStore:
    raise ValueError("no licence")
