"""The segments of one generation together, and which of their rows count."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from index.storage.segments.segment import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from index.storage.columns.postings import Postings
    from index.storage.manifest import Manifest
    from index.storage.protocols import Described

_MOST_PLACES = 65_536  # number of passages whose place is cached


class Picture:
    """
    The segments of one generation, and which of their rows count.

    Parameters
    ----------
    index_dir, manifest, setting
        See `Segment`.

    """

    def __init__(self, index_dir: Path, manifest: Manifest, setting: str) -> None:
        self.segments: tuple[Segment, ...] = tuple(Segment(index_dir, one, setting) for one in manifest.segments)
        self._places: dict[int, tuple[Segment, int]] = {}

    def close(self) -> None:
        """Close the stores."""
        for segment in self.segments:
            segment.close()

    @cached_property
    def removed(self) -> NDArray[np.int64]:
        """Ids of documents that no longer count, ascending."""
        return np.unique(np.concatenate([np.zeros(0, np.int64), *(s.columns["removed"].all() for s in self.segments)]))

    @cached_property
    def alive_documents(self) -> list[NDArray[np.bool_] | None]:
        """Which rows of each segment's documents count; None for all."""
        if not len(self.removed):
            return [None] * len(self.segments)
        masks = [~np.isin(segment.document_ids, self.removed) for segment in self.segments]
        return [None if mask.all() else mask for mask in masks]

    @cached_property
    def alive(self) -> list[NDArray[np.bool_] | None]:
        """Which rows of each segment's passages count; None for all."""
        return [
            None if mask is None else mask[segment.document_rows]
            for segment, mask in zip(self.segments, self.alive_documents, strict=True)
        ]

    @cached_property
    def dead_ids(self) -> NDArray[np.int64]:
        """Ids of the passages that no longer count."""
        dead = [segment.ids[~mask] for segment, mask in zip(self.segments, self.alive, strict=True) if mask is not None]
        return np.concatenate([np.zeros(0, np.int64), *dead])

    @cached_property
    def alive_postings(self) -> list[NDArray[np.bool_] | None]:
        """Which rows of each segment's postings count: only the latest of each passage, none of a removed one."""
        gone = self.dead_ids
        found: list[NDArray[np.bool_] | None] = []
        for segment in reversed(self.segments):
            mask = np.ones(0, bool) if not len(gone) else ~np.isin(segment.postings.ids, gone)
            found.append(None if mask.all() else mask)
            gone = np.concatenate([gone, segment.postings.columns["overridden"].all()])
        return found[::-1]

    @cached_property
    def lexical_parts(self) -> list[tuple[Postings, NDArray[np.bool_] | None]]:
        """What `index.storage.lexical.LexicalIndex` is made of."""
        return [(segment.postings, mask) for segment, mask in zip(self.segments, self.alive_postings, strict=True)]

    def find(self, id_: int) -> tuple[Segment, int] | None:
        """Return the segment and row of a passage; None if none has this id, or if it no longer counts."""
        found = self._places.get(id_)
        if found is None:
            found = self._find(id_)
            if len(self._places) >= _MOST_PLACES:
                self._places.clear()
            if found is not None:
                self._places[id_] = found
        return found

    def _find(self, id_: int) -> tuple[Segment, int] | None:
        for segment, mask in zip(self.segments, self.alive, strict=True):
            row = int(np.searchsorted(segment.ids, id_))
            if row < len(segment.ids) and int(segment.ids[row]) == id_:
                return (segment, row) if mask is None or mask[row] else None
        return None

    def find_document(self, path: str) -> tuple[Segment, int] | None:
        """Return the segment and row of a document; None if none has this path."""
        for segment, mask in zip(reversed(self.segments), reversed(self.alive_documents), strict=True):
            for row in segment.rows_of(path):
                if mask is None or mask[row]:
                    return segment, row
        return None

    def described(self) -> Iterator[tuple[Segment, int, Described]]:
        """Yield the segment and row of each document, and what is known of it without reading it."""
        for segment, mask in zip(self.segments, self.alive_documents, strict=True):
            for row, one in enumerate(segment.all_described()):
                if mask is None or mask[row]:
                    yield segment, row, one

    def ids(self) -> NDArray[np.int64]:
        """Return the ids of all passages, ascending."""
        found = [s.ids if mask is None else s.ids[mask] for s, mask in zip(self.segments, self.alive, strict=True)]
        return np.concatenate([np.zeros(0, np.int64), *found])

    @cached_property
    def counts(self) -> tuple[int, int]:
        """Numbers of documents and passages."""
        pairs = zip(self.segments, self.alive_documents, self.alive, strict=True)
        documents = passages = 0
        for segment, of_documents, of_passages in pairs:
            documents += segment.documents if of_documents is None else int(of_documents.sum())
            passages += len(segment.columns["ids"]) if of_passages is None else int(of_passages.sum())
        return documents, passages


def ids_of(found: Sequence[tuple[Segment, int]]) -> NDArray[np.int64]:
    """Return the ids of the passages of some documents, ascending."""
    parts = [segment.ids[(rows := segment.passages_of(row)).start : rows.stop] for segment, row in found]
    return np.sort(np.concatenate([np.zeros(0, np.int64), *parts]))
