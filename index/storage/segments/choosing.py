"""Choose documents of an open index by source and date without looking at each of them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from index.storage.segments.picture import Picture
    from index.storage.segments.segment import Segment

_ROWS = 8192  # number of title vectors read at once


class ChosenDocuments:
    """
    Documents of one generation that have passages; see `index.storage.protocols.Chosen`.

    Parameters
    ----------
    picture
        The generation.
    admits
        Tells from source and date whether to admit a document; called once for each such pair, not for each document.
    among
        Tells the same from the path, which is then read for each document admitted so far; None admits all.

    """

    def __init__(
        self, picture: Picture, admits: Callable[[str, str], bool], among: Callable[[str], bool] | None
    ) -> None:
        pairs = zip(picture.segments, picture.alive_documents, strict=True)
        self._parts = [(segment, _rows(segment, alive, admits, among)) for segment, alive in pairs]

    def __len__(self) -> int:
        return sum(len(rows) for _, rows in self._parts)

    def __iter__(self) -> Iterator[str]:
        return (path for _, path in self.dated())

    def dated(self) -> Iterator[tuple[str, str]]:
        """Yield date and path, newest first, those of a day in descending order of paths; read lazily."""
        days = sorted({day for segment, _ in self._parts for _, day in segment.kinds}, reverse=True)
        rank = {day: number for number, day in enumerate(days)}
        ranks = [_ranks(segment, rank)[rows] for segment, rows in self._parts]
        # All documents in one array: the segment of each, and its row there.
        parts = np.repeat(np.arange(len(self._parts)), [len(rows) for _, rows in self._parts])
        rows = np.concatenate([np.zeros(0, np.int64), *(rows for _, rows in self._parts)])
        together = np.concatenate([np.zeros(0, np.int64), *ranks])
        order = np.argsort(together, kind="stable")
        starts = np.flatnonzero(np.diff(together[order], prepend=-1)).tolist()
        for first, last in pairwise((*starts, len(order))):
            of_day = order[first:last].tolist()
            paths = [self._parts[parts[place]][0].described(int(rows[place])).path for place in of_day]
            yield from ((days[together[of_day[0]]], path) for path in sorted(paths, reverse=True))

    def ids(self) -> NDArray[np.int64]:
        """Return the ids of their passages, ascending."""
        found = [np.zeros(0, np.int64)]
        for segment, rows in self._parts:
            mask = np.zeros(segment.documents, bool)
            mask[rows] = True
            found.append(segment.ids[mask[segment.document_rows]])
        return np.concatenate(found)

    def near(self, vector: NDArray[np.float32]) -> Iterator[tuple[float, str, str]]:
        """Yield, best first, each title's cosine with a vector, and the document's path and title; read lazily."""
        places = [(segment, row) for segment, rows in self._parts for row in rows.tolist()]
        cosines = np.concatenate([np.zeros(0, np.float32), *(_cosines(*part, vector) for part in self._parts)])
        for place in np.argsort(-cosines, kind="stable").tolist():
            segment, row = places[place]
            one = segment.described(row)
            # The last digits of a cosine depend on the rows computed beside it, even for equal vectors.
            yield round(float(cosines[place]), 6), one.path, one.metadata.title


def _rows(
    segment: Segment,
    alive: NDArray[np.bool_] | None,
    admits: Callable[[str, str], bool],
    among: Callable[[str], bool] | None,
) -> NDArray[np.int64]:
    admitted = np.array([admits(*kind) for kind in segment.kinds], dtype=bool)
    mask = admitted[segment.kind_of] & segment.have_passages
    rows = np.flatnonzero(mask if alive is None else mask & alive)
    if among is None:
        return rows
    return np.array([row for row in rows.tolist() if among(segment.described(row).path)], dtype=np.int64)


def _ranks(segment: Segment, rank: dict[str, int]) -> NDArray[np.int64]:
    """Return the rank of each document's date."""
    return np.array([rank[day] for _, day in segment.kinds], dtype=np.int64)[segment.kind_of]


def _cosines(segment: Segment, rows: NDArray[np.int64], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    found = np.zeros(segment.documents, np.float32)
    for first in range(0, segment.documents if len(rows) else 0, _ROWS):
        last = min(first + _ROWS, segment.documents)
        found[first:last] = segment.columns["title_vectors"].part(first, last).astype(np.float32) @ vector
    chosen: NDArray[np.float32] = found[rows]
    return chosen
