"""Cut and embed documents, a window of texts after the other, so that no more than one is ever held in memory."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol

import numpy as np

from index import progress
from index.markup.structure import structured
from index.segmenting import chunking
from index.text.spelling import seen
from index.types import Chunk, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from index.protocols import Embedder
    from index.types import Document

    Vector = NDArray[np.float32]

WINDOW = 2048
"""Texts that are embedded together. Sorted by length, so many have little padding; a run that is ended loses one."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document, cut and embedded."""

    document: Document
    chunks: tuple[Chunk, ...]
    chunk_vectors: NDArray[np.float32]
    sentence_vectors: NDArray[np.float32]
    title_vector: NDArray[np.float32]


class Kept(Protocol):
    """What was made of documents before; see `index.syncing.recovery`."""

    def passages(self, document: Document) -> int | None:
        """Return how many passages the same file has where it was cut and embedded; if all is sound, only `whole` tells."""

    def whole(self, document: Document) -> Prepared | None:
        """Return what was made of the same text under the same title."""

    def vectors(self, document: Document) -> Mapping[str, Vector]:
        """Return the vectors of texts that an earlier form of a document had."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """
    What is ahead of a run.

    Parameters
    ----------
    documents
        To be cut and embedded.
    passages
        Of all of these.
    to_embed
        Of those that were not embedded before.
    characters
        Of the passages of each document; 0 where it was embedded before.
    places
        Where the passages of each document are; None where it was embedded before.

    """

    documents: tuple[Document, ...]
    passages: int
    to_embed: int
    characters: tuple[int, ...]
    places: tuple[Places | None, ...]


class Places:
    """
    Where a document's passages and their sentences are: as numbers, a tenth of what the passages themselves take.

    Parameters
    ----------
    chunks
        The passages.

    """

    __slots__ = ("_headings", "_numbers")

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._headings = tuple(chunk.headings for chunk in chunks)
        self._numbers = array("q")
        for chunk in chunks:
            self._numbers.extend((chunk.start, chunk.end, len(chunk.sentences)))
            for span in chunk.sentences:
                self._numbers.extend((span.start, span.end))

    def chunks(self, document: Document) -> tuple[Chunk, ...]:
        """Return the passages again."""
        found: list[Chunk] = []
        numbers = iter(self._numbers)
        for headings in self._headings:
            start, end, count = next(numbers), next(numbers), next(numbers)
            spans = tuple(Span(next(numbers), next(numbers)) for _ in range(count))
            found.append(Chunk(document.path, start, end, document.text[start:end], headings, spans))
        return tuple(found)


@dataclass(slots=True)
class _Cut:
    """A document of which texts wait to be embedded."""

    document: Document
    chunks: tuple[Chunk, ...]
    texts: list[str]  # of the passages, then of their sentences, then the title
    known: Mapping[str, Vector]

    def made(self, found: Mapping[str, Vector]) -> Prepared:
        rows = [found[text] if text in found else self.known[text] for text in self.texts]
        middle = len(self.chunks)
        return Prepared(self.document, self.chunks, _matrix(rows[:middle]), _matrix(rows[middle:-1]), rows[-1])


@dataclass(slots=True)
class _Window:
    """Documents in their order, and the texts that are to be embedded for them."""

    documents: list[Prepared | _Cut] = field(default_factory=list)
    texts: dict[str, None] = field(default_factory=dict)
    rows: int = 0  # of vectors that are held, or will be
    characters: int = 0  # as `Ahead` counts them

    def add(self, one: Prepared | _Cut, characters: int) -> None:
        self.documents.append(one)
        self.characters += characters
        if isinstance(one, _Cut):
            self.texts |= dict.fromkeys(text for text in one.texts if text not in one.known)
            self.rows += len(one.texts)
        else:
            self.rows += len(one.chunk_vectors) + len(one.sentence_vectors)

    def made(self, embedder: Embedder, done: _Done) -> list[Prepared]:
        # Nearly in the order in which the embedder takes them, so that it is known how much of the work is done.
        texts = sorted(self.texts, key=len)
        vectors = done.embed(embedder, texts, self.characters)
        found = dict(zip(texts, vectors, strict=True))
        return [one.made(found) if isinstance(one, _Cut) else one for one in self.documents]


class _Done:
    """Tells how many passages are embedded: by characters, since these take the time, in passages and sentences."""

    def __init__(self, ahead: Ahead) -> None:
        self._passages, self._all = ahead.to_embed, max(1, sum(ahead.characters))
        self._before = 0

    def embed(self, embedder: Embedder, texts: Sequence[str], characters: int) -> NDArray[np.float32]:
        lengths = [0, *accumulate(map(len, texts))]
        whole = max(1, lengths[-1])

        def passages(done: int, _: int) -> tuple[int, int]:
            so_far = self._before + characters * lengths[min(done, len(texts))] // whole
            return so_far * self._passages // self._all, self._passages

        with progress.counted(passages):
            vectors = embedder.embed_passages(texts) if texts else np.zeros((0, 0), np.float32)
        self._before += characters
        return vectors


def look_ahead(documents: Sequence[Document], kept: Kept) -> Ahead:
    """
    Cut documents, for their number of passages, which says how long it will take.

    To hold the passages of all would take as much memory as their texts: what is kept is where they are.
    """
    found: list[Document] = []
    places: list[Places | None] = []
    passages = to_embed = 0
    characters = []
    for document in documents:
        count = kept.passages(document)
        cut = structured(document) if count is None else document
        chunks = chunking.chunk(cut) if count is None else []
        found.append(cut)
        places.append(Places(chunks) if count is None else None)
        passages += len(chunks) if count is None else count
        to_embed += len(chunks)
        characters.append(sum(len(chunk.text) for chunk in chunks))
    return Ahead(tuple(found), passages, to_embed, tuple(characters), tuple(places))


def prepare(ahead: Ahead, embedder: Embedder, kept: Kept) -> Iterator[list[Prepared]]:
    """
    Cut documents into passages, and embed these, their sentences and the titles.

    Parameters
    ----------
    ahead
        The documents.
    embedder
        Embeds what is not kept; tells how many passages are done.
    kept
        What was embedded before, of which nothing is embedded again.

    Yields
    ------
    list of Prepared
        The documents in their order, as many at once as have some `WINDOW` texts.

    """
    done, window = _Done(ahead), _Window()
    for document, characters, places in zip(ahead.documents, ahead.characters, ahead.places, strict=True):
        window.add(kept.whole(document) or _cut(document, places, kept), characters)
        if window.rows >= WINDOW:
            yield window.made(embedder, done)
            window = _Window()
    if window.documents:
        yield window.made(embedder, done)


def texts_of(document: Document, chunks: Sequence[Chunk]) -> list[str]:
    """Return what is embedded of a document: of its passages, of all their sentences, and its title."""
    sentences = [seen(document.text[span.start : span.end]) for chunk in chunks for span in chunk.sentences]
    return [*(_embedded_text(document, chunk) for chunk in chunks), *sentences, document.metadata.title]


def _cut(document: Document, places: Places | None, kept: Kept) -> _Cut:
    document = structured(document)
    chunks = tuple(chunking.chunk(document)) if places is None else places.chunks(document)
    return _Cut(document, chunks, texts_of(document, chunks), kept.vectors(document))


def _embedded_text(document: Document, chunk: Chunk) -> str:
    """Return what is embedded for a chunk: title and headings give it the context that offsets must not have."""
    above = [document.metadata.title, *chunk.headings]
    return seen("\n".join([*dict.fromkeys(line for line in above if line not in chunk.text), chunk.text]))


def _matrix(rows: Sequence[Vector]) -> NDArray[np.float32]:
    return np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32)
