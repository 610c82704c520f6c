"""The mappings of an open index, by path or by id; values are read from the segments on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from index.storage.records import StoredChunk
from index.storage.segments.choosing import ChosenDocuments
from index.storage.segments.segment import body_key
from index.types import Document

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    from index.storage.protocols import Described, Vectors
    from index.storage.segments.picture import Picture
    from index.storage.segments.segment import Segment


_MORE = 16
_AT_ONCE = 512  # number of passages whose sentences are read together: some 4 MB


class Documents(Mapping[str, Document]):
    """The documents, by path, in order of paths."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture

    def __getitem__(self, path: str) -> Document:
        segment, row = self.place(path)
        return segment.load(row).document

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(one.path for one in self.described()))

    def __len__(self) -> int:
        return self.picture.counts[0]

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self.picture.find_document(path) is not None

    def described(self) -> Iterator[Described]:
        """Yield what is known of each document without reading it, in no order."""
        return (one for _, _, one in self.picture.described())

    def mentions(self, words: Sequence[str]) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield, in no order, the documents that contain some words; see `index.storage.reader.Index.mentions`."""
        for segment, alive in zip(self.picture.segments, self.picture.alive_documents, strict=True):
            for row, text in enumerate(segment.texts()):
                if alive is None or alive[row]:
                    small = text.casefold()
                    if found := frozenset(word for word in words if word in small):
                        yield segment.described(row).path, found

    def noted(self) -> Iterator[str]:
        """Yield, in no order, the paths of the documents that may have unread parts, without reading any document."""
        for segment, alive in zip(self.picture.segments, self.picture.alive_documents, strict=True):
            for row in segment.noted_rows():
                if alive is None or alive[row]:
                    yield segment.described(row).path

    def place(self, path: str) -> tuple[Segment, int]:
        """Return the segment and row of a document; raises `KeyError` if there is none."""
        found = self.picture.find_document(path)
        if found is None:
            raise KeyError(path)
        return found


class Chunks(Mapping[int, StoredChunk]):
    """The passages, by id, in order of ids."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture

    def __getitem__(self, id_: int) -> StoredChunk:
        found = self._picture.find(id_)
        if found is None:
            raise KeyError(id_)
        segment, row = found
        document = int(segment.document_rows[row])
        return segment.load(document).chunks[row - segment.passages_of(document).start]

    def __iter__(self) -> Iterator[int]:
        return iter(self._picture.ids().tolist())

    def __len__(self) -> int:
        return self._picture.counts[1]

    def __contains__(self, id_: object) -> bool:
        return isinstance(id_, int) and self._picture.find(id_) is not None


class Titles(Mapping[str, "NDArray[np.float32]"]):
    """The vectors of titles, by document path."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def __getitem__(self, path: str) -> NDArray[np.float32]:
        segment, row = self._documents.place(path)
        return segment.title_vector(row)

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)


class PassageIds(Mapping[str, tuple[int, ...]]):
    """The ids of each document's passages in reading order, by path; only for documents that have passages."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def __getitem__(self, path: str) -> tuple[int, ...]:
        segment, row = self._documents.place(path)
        if not segment.passages_of(row):
            raise KeyError(path)
        chunks = segment.load(row).chunks
        return tuple(one.id for one in sorted(chunks, key=lambda one: one.chunk.start))

    def __contains__(self, path: object) -> bool:
        found = self._documents.picture.find_document(path) if isinstance(path, str) else None
        return found is not None and bool(found[0].passages_of(found[1]))

    def __iter__(self) -> Iterator[str]:
        found = [one.path for segment, row, one in self._documents.picture.described() if segment.passages_of(row)]
        return iter(sorted(found))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Rows:
    """What is known of passages, by id, without reading their texts."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture

    def sentence_rows(self, id_: int) -> NDArray[np.float32]:
        """Return the vectors of a passage's sentences, in reading order."""
        segment, row = self._place(id_)
        return segment.sentence_rows(row)

    def cosines(
        self, ids: Sequence[int], vector: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the cosines of a vector with passages' titles and nearest sentences; see `PassageRows.cosines`."""
        wanted = np.asarray(ids, dtype=np.int64)
        titles, nearest = np.zeros(len(wanted), np.float32), np.zeros(len(wanted), np.float32)
        found = np.zeros(len(wanted), bool)
        for segment in self._picture.segments:
            if not len(segment.ids):
                continue
            rows = np.searchsorted(segment.ids, wanted)
            here = segment.ids[np.minimum(rows, len(segment.ids) - 1)] == wanted
            found |= here
            places = np.flatnonzero(here)
            for first in range(0, len(places), _AT_ONCE):
                part = places[first : first + _AT_ONCE]
                titles[part], nearest[part] = segment.cosines(rows[part], vector)
        if not found.all():
            raise KeyError(int(wanted[~found][0]))
        return titles, nearest

    def marks(self, id_: int) -> tuple[Hashable, Hashable]:
        """Return a key that identifies a passage's document, and one that is equal for passages of the same wording."""
        segment, row = self._place(id_)
        return (id(segment), int(segment.document_rows[row])), int(segment.wordings[row])

    def with_text_of(self, text: str) -> list[str]:
        """Return the paths of the documents with the same text, whatever their front matter and white space."""
        wanted, found = np.uint64(body_key(text)), []
        for segment, mask in zip(self._picture.segments, self._picture.alive_documents, strict=True):
            same = segment.bodies == wanted
            rows = np.flatnonzero(same if mask is None else same & mask).tolist()
            found += [segment.described(row).path for row in rows]
        return sorted(found)

    def chosen(self, admits: Callable[[str, str], bool], among: Callable[[str], bool] | None = None) -> ChosenDocuments:
        """Return the documents that filters admit; see `index.storage.protocols.PassageRows.chosen`."""
        return ChosenDocuments(self._picture, admits, among)

    def _place(self, id_: int) -> tuple[Segment, int]:
        found = self._picture.find(id_)
        if found is None:
            raise KeyError(id_)
        return found


class SegmentedVectors:
    """The vectors of all segments as one; see `index.storage.protocols.Vectors`."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture

    @property
    def size(self) -> int:
        """Number of vectors."""
        return self._picture.counts[1]

    def search(
        self, query: NDArray[np.float32], k: int, *, among: Sequence[int] | NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` pairs of id and cosine, best first, equal ones by id; see `Vectors.search`."""
        wanted = None if among is None else np.sort(np.asarray(among, dtype=np.int64))
        found: list[tuple[int, float]] = []
        for segment, alive in zip(self._picture.segments, self._picture.alive, strict=True):
            if not len(segment.ids):
                continue
            if wanted is None:
                found += _nearest(segment, alive, query, k)
                continue
            first, last = np.searchsorted(wanted, (segment.ids[0], segment.ids[-1] + 1))
            part = wanted[first:last]
            if alive is not None:
                part = np.intersect1d(part, segment.ids[alive], assume_unique=True)
            found += ((int(id_), score) for id_, score in segment.vectors.search(query, k, among=part))
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:k]

    def similarities(self, query: NDArray[np.float32], ids: Sequence[int]) -> list[float]:
        """Return the cosines of the query and some of the vectors."""
        found: dict[int, float] = {}
        for vectors, of in self._parted(ids):
            found |= zip(of, vectors.similarities(query, of), strict=True)
        return [found[id_] for id_ in ids]

    def rows(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return some of the vectors, shape ``(len(ids), dimension)``, as they were written."""
        parts = self._parted(ids)
        if not parts:
            return np.zeros((0, 0), dtype=np.float32)
        rows = np.concatenate([vectors.rows(of) for vectors, of in parts])
        order = {id_: row for row, id_ in enumerate(id_ for _, of in parts for id_ in of)}
        return rows[[order[id_] for id_ in ids]]

    def _parted(self, ids: Sequence[int]) -> list[tuple[Vectors, list[int]]]:
        found: dict[int, tuple[Vectors, list[int]]] = {}
        for id_ in ids:
            place = self._picture.find(id_)
            if place is None:
                raise KeyError(id_)
            found.setdefault(id(place[0]), (place[0].vectors, []))[1].append(id_)
        return list(found.values())


def _nearest(
    segment: Segment, alive: NDArray[np.bool_] | None, query: NDArray[np.float32], k: int
) -> list[tuple[int, float]]:
    """Return the nearest passages of a segment that count, asking for more if some of the nearest do not count."""
    if alive is None:
        return segment.vectors.search(query, k)
    asked = k + _MORE
    while True:
        pairs = segment.vectors.search(query, asked)
        found = [pair for pair in pairs if alive[np.searchsorted(segment.ids, pair[0])]]
        if len(found) >= k or len(pairs) < asked:
            return found[:k]
        asked *= 4
