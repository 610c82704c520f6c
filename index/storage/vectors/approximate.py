"""
Search lists of vectors that are near each other, with 8 bits per dimension: only lists near the query are searched.

The number of lists follows from the number of vectors. The number of lists to search is measured against exact search
when the lists are made. The approximate cosines only choose candidates; the candidates' exact cosines decide. The
lists are read from the mapped file, so that the system decides what stays in memory.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from index.storage.columns.files import Held

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from index.storage.columns.files import Array, Columns

RECALL = 0.985
"""Share of the ten nearest vectors that the trial must find when lists are made."""
FEW = 10_000
"""If a filter leaves no more vectors than this, all of them are compared with the query."""
_LEVELS = 127
_TRIED = 200  # number of trial queries, made from vectors of the corpus
_NEAREST = 10
_TRAINED_ON = 40  # training vectors per list
_FEWEST_PROBES = 8  # whatever the trial says: questions lie farther from passages than passages from each other
_BATCH = 65_536
_SPARE = 64  # candidates beyond those asked for, whose exact cosines are computed


class Lists:
    """
    Lists of vectors, open for reading.

    Parameters
    ----------
    columns
        ``centroids``, ``list_starts``, ``order`` (rows, list by list), ``codes`` (in that order), ``scales`` (of the
        codes, by dimension) and ``probes`` (number of lists to search).

    """

    def __init__(self, columns: Columns | Mapping[str, Array]) -> None:
        self._columns = columns

    def near(
        self, query: NDArray[np.float32], k: int, among: NDArray[np.int64] | None = None, *, probes: int = 0
    ) -> NDArray[np.int64]:
        """
        Return the rows of the vectors that are probably nearest to a query, in no order.

        Parameters
        ----------
        query
            A unit vector, shape ``(dimension,)``.
        k
            Number of rows to return at least, if there are as many.
        among
            Rows that a filter leaves, ascending; no others are searched. All if None.
        probes
            Number of lists to search; if 0, the number that the trial found sufficient.

        """
        if among is not None and len(among) <= max(FEW, 4 * k):
            return among
        probes = probes or int(self._columns["probes"].all()[0])
        starts = self._columns["list_starts"].all()
        allowed = None if among is None else np.zeros(int(starts[-1]), bool)
        if allowed is not None and among is not None:
            allowed[among] = True
            # Only part of each list passes the filter: the fewer rows pass, the more lists are searched.
            probes = math.ceil(probes * min(4.0, len(allowed) / len(among)))
        weights = query * self._columns["scales"].all()
        rows: list[NDArray[np.int64]] = []
        scores: list[NDArray[np.float32]] = []
        found = 0
        for number, place in enumerate(np.argsort(-(self._columns["centroids"].all() @ query), kind="stable").tolist()):
            if number >= probes and found >= 2 * k:
                break
            first, last = int(starts[place]), int(starts[place + 1])
            here = self._columns["order"].part(first, last)
            codes = self._columns["codes"].part(first, last)
            if allowed is not None:
                passing = allowed[here]
                here, codes = here[passing], codes[passing]
            rows.append(here)
            scores.append(codes.astype(np.float32) @ weights)
            found += len(here)
        all_rows, all_scores = np.concatenate(rows), np.concatenate(scores)
        wanted = k + max(_SPARE, k // 4)
        if len(all_rows) > wanted:
            all_rows = all_rows[np.argpartition(-all_scores, wanted)[:wanted]]
        return np.sort(all_rows).astype(np.int64)


def made(vectors: NDArray[np.float32], order: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """
    Make lists of vectors.

    Parameters
    ----------
    vectors
        Shape ``(n, dimension)``.
    order
        Positions in ``vectors`` of row 0, row 1 and so on.

    """
    import faiss  # noqa: PLC0415 - loads OpenMP

    count = len(order)
    lists = max(1, min(count // 40, int(2 * math.sqrt(count))))
    chance = np.random.default_rng(0)
    trained_on = order[np.sort(chance.choice(count, min(count, _TRAINED_ON * lists), replace=False))]
    trained = faiss.Kmeans(vectors.shape[1], lists, niter=6, seed=1, spherical=True)
    trained.train(np.ascontiguousarray(vectors[trained_on]))
    centres = np.asarray(trained.centroids)
    centroids = centres / np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
    nearest = faiss.IndexFlatIP(vectors.shape[1])
    nearest.add(centroids)
    # The largest value of each dimension is mapped to the last level.
    largest = np.zeros(vectors.shape[1], np.float32)
    label = np.empty(count, np.int64)
    for first in range(0, count, _BATCH):
        batch = vectors[order[first : first + _BATCH]]
        label[first : first + len(batch)] = nearest.search(batch, 1)[1][:, 0]
        np.maximum(largest, np.abs(batch).max(axis=0), out=largest)
    scales = np.maximum(largest, 1e-9) / _LEVELS
    rows = np.argsort(label, kind="stable")
    codes = np.empty(vectors.shape, np.int8)
    for first in range(0, count, _BATCH):
        batch = vectors[order[rows[first : first + _BATCH]]]
        codes[first : first + len(batch)] = np.rint(batch / scales)
    found = {
        "centroids": centroids.astype(np.float32),
        "list_starts": np.r_[0, np.cumsum(np.bincount(label, minlength=lists))].astype(np.int64),
        "order": rows.astype(np.int32),
        "codes": codes,
        "scales": scales.astype(np.float32),
    }
    return found | {"probes": np.array([_probes(found, vectors, order, chance)], np.int64)}


def _probes(
    columns: dict[str, NDArray[Any]], vectors: NDArray[np.float32], order: NDArray[np.int64], chance: Any
) -> int:
    """Return how many lists have to be searched to find what exact search finds."""
    lists = Lists({name: Held(array) for name, array in columns.items()})
    tried = vectors[order[chance.choice(len(order), min(len(order), _TRIED), replace=False)]]
    # Add noise, because a question is not a passage of the corpus but lies between the passages that answer it.
    asked = tried + chance.normal(scale=0.5 / math.sqrt(tried.shape[1]), size=tried.shape).astype(np.float32)
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    best = [np.full(_NEAREST, -2.0, np.float32) for _ in asked]
    for first in range(0, len(order), _BATCH):
        cosines = vectors[order[first : first + _BATCH]] @ asked.T
        best = [np.sort(np.r_[b, c])[-_NEAREST:] for b, c in zip(best, cosines.T, strict=True)]
    probes, most = _FEWEST_PROBES, len(columns["centroids"])
    while probes < most:
        hits = 0
        for one, wanted in zip(asked, best, strict=True):
            cosines = vectors[order[lists.near(one, _NEAREST, probes=probes)]] @ one
            hits += int((cosines >= wanted[0] - 1e-6).sum())
        if hits >= RECALL * _NEAREST * len(asked):
            return probes
        probes = math.ceil(probes * 1.4)
    return most
