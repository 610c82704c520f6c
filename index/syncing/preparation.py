"""Divide documents into passages and embed them, window by window, so that memory holds at most one window."""

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
"""Texts that are embedded together. Sorted by length, they need little padding; an interrupted run loses one window."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that was divided into passages and embedded."""

    document: Document
    chunks: tuple[Chunk, ...]
    chunk_vectors: NDArray[np.float32]
    sentence_vectors: NDArray[np.float32]
    title_vector: NDArray[np.float32]


class Kept(Protocol):
    """The results of earlier runs; see `index.syncing.recovery`."""

    def passages(self, document: Document) -> int | None:
        """Return the number of passages if the same file was embedded before; only `whole` tells if that is usable."""

    def whole(self, document: Document) -> Prepared | None:
        """Return the result for the same text with the same title, if there is one."""

    def vectors(self, document: Document) -> Mapping[str, Vector]:
        """Return the vectors of texts that an earlier form of a document had."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """
    The work that a run has to do.

    Parameters
    ----------
    documents
        Documents to be divided into passages and embedded.
    passages
        Number of passages of all of them.
    to_embed
        Number of passages of those that were not embedded before.
    characters
        Number of characters in the passages of each document; 0 if it was embedded before.
    places
        Where the passages of each document are; None if it was embedded before.

    """

    documents: tuple[Document, ...]
    passages: int
    to_embed: int
    characters: tuple[int, ...]
    places: tuple[Places | None, ...]


class Places:
    """
    Where a document's passages and their sentences are, as numbers: a tenth of the memory of the passages themselves.

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
        """Return the passages."""
        found: list[Chunk] = []
        numbers = iter(self._numbers)
        for headings in self._headings:
            start, end, count = next(numbers), next(numbers), next(numbers)
            spans = tuple(Span(next(numbers), next(numbers)) for _ in range(count))
            found.append(Chunk(document.path, start, end, document.text[start:end], headings, spans))
        return tuple(found)


@dataclass(slots=True)
class _Cut:
    """A document with texts that wait to be embedded."""

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
    """Documents in their order, and the texts to be embedded for them."""

    documents: list[Prepared | _Cut] = field(default_factory=list)
    texts: dict[str, None] = field(default_factory=dict)
    rows: int = 0  # number of vectors that are held or will be
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
        # Roughly the order in which the embedder takes them, so that progress can be computed from their lengths.
        texts = sorted(self.texts, key=len)
        vectors = done.embed(embedder, texts, self.characters)
        found = dict(zip(texts, vectors, strict=True))
        return [one.made(found) if isinstance(one, _Cut) else one for one in self.documents]


class _Done:
    """Reports how many passages are embedded, computed from characters, as these determine the time."""

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
    Divide documents into passages to count them, because their number says how long the run will take.

    Holding all passages would take as much memory as the texts, so only their places are kept.
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
    Divide documents into passages, and embed these, their sentences and the titles.

    Parameters
    ----------
    ahead
        The documents, from `look_ahead`.
    embedder
        Embeds what is not in ``kept``; reports how many passages are done.
    kept
        Vectors from earlier runs; nothing in it is embedded again.

    Yields
    ------
    list of Prepared
        The documents in their order, in groups of some `WINDOW` texts.

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
    """Return the texts that are embedded for a document: of its passages, of all their sentences, and its title."""
    sentences = [seen(document.text[span.start : span.end]) for chunk in chunks for span in chunk.sentences]
    return [*(_embedded_text(document, chunk) for chunk in chunks), *sentences, document.metadata.title]


def _cut(document: Document, places: Places | None, kept: Kept) -> _Cut:
    document = structured(document)
    chunks = tuple(chunking.chunk(document)) if places is None else places.chunks(document)
    return _Cut(document, chunks, texts_of(document, chunks), kept.vectors(document))


def _embedded_text(document: Document, chunk: Chunk) -> str:
    """Return the text embedded for a chunk: title and headings add context that the chunk's offsets must not cover."""
    above = [document.metadata.title, *chunk.headings]
    return seen("\n".join([*dict.fromkeys(line for line in above if line not in chunk.text), chunk.text]))


def _matrix(rows: Sequence[Vector]) -> NDArray[np.float32]:
    return np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32)
