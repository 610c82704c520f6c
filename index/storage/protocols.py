"""What an index needs of the two searchable sides: keeping vectors can be left to another package."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from index.types import Metadata


class Described(NamedTuple):
    """What is known of a document without reading it; of its metadata title, source, date and language."""

    path: str
    metadata: Metadata


class Vectors(Protocol):
    """The unit vectors of the passages of one generation, by their ids. Safe to share between threads."""

    @property
    def size(self) -> int:
        """Number of vectors."""

    def search(
        self, query: NDArray[np.float32], k: int, *, among: Sequence[int] | NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """
        Return up to ``k`` pairs of id and cosine, best first, equal ones by id.

        Parameters
        ----------
        query
            A unit vector, shape ``(dimension,)``.
        k
            How many.
        among
            The ids that a filter leaves; no other is looked at, so that ``k`` of these are found. All where None.

        """

    def similarities(self, query: NDArray[np.float32], ids: Sequence[int]) -> list[float]:
        """Return the cosines of the query and some of the vectors."""

    def rows(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return some of the vectors, shape ``(len(ids), dimension)``, as they were written."""


class VectorStore(Protocol):
    """
    Keeps vectors; another package brings one by an entry point.

    ::

        [project.entry-points."quellentreu.stores"]
        qdrant = "my_package:QdrantStore"

    What is named there is called with the setting ``RAG_STORE`` (``qdrant`` or ``qdrant://host:6333``) and returns the
    store. An id, once given, never stands for another vector. A generation is written once and never changed; the one
    before it is searched meanwhile.

    A store elsewhere raises `index.errors.StoreUnavailableError` where it does not answer in time, and
    `index.errors.IndexDamagedError` where it has vectors no more: questions are then answered from the index's own. What
    else a method raises, other than an `OSError` or another `index.errors.RagError`, counts as damage of the index. One
    that has not answered should not be waited for again at once: each segment asks.
    """

    def write(
        self, place: Path, ids: Sequence[int], vectors: NDArray[np.float32], *, earlier: Path | None = None
    ) -> None:
        """
        Keep the vectors of a new generation, so that `open` finds them: all, or none where it raises.

        Parameters
        ----------
        place
            A file or folder to make, under ``derived-N`` in the index's folder. Its bytes are compared with their
            digests before it is opened. A store that keeps vectors elsewhere writes there what they are called, and
            does so first: what a run that was killed has left is then found and removed.
        ids, vectors
            All there are; ``vectors`` has the shape ``(len(ids), dimension)``.
        earlier
            The place of the generation that this one was made from, if this store wrote it: only ids that it does not
            have are new, and those that are missing now need not be copied.

        """

    def open(self, place: Path) -> Vectors:
        """Return the vectors that were written at a place."""

    def remove(self, place: Path) -> None:
        """Forget a generation that nobody needs any more, where it lies elsewhere; ``place`` itself is deleted then."""


@runtime_checkable
class Reachable(Protocol):
    """A vector store that can tell whether it can be written to."""

    def reach(self) -> None:
        """Raise a `index.errors.RagError` where it cannot: said before the long work that comes before writing."""


class Lexical(Protocol):
    """Keyword search over the passages of one generation, in order of their ids."""

    @property
    def size(self) -> int:
        """Number of passages."""

    def query_terms(self, query: str) -> list[str]:
        """Return the terms a query is searched for by."""

    def passage_terms(self, text: str) -> list[str]:
        """Return the terms a text is found by."""

    def split_compound(self, word: str) -> tuple[str, ...]:
        """Return the parts of a casefolded word that the passages have, nothing where it is no compound of these."""

    def search(
        self, query: str, k: int, *, among: Sequence[int] | NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` pairs of id and score of passages that share a term, best first, equal ones by id."""

    def scores(self, query: str) -> NDArray[np.float32]:
        """Return the score of each passage, shape ``(size,)``; 0 where no term is shared."""

    def scores_of(self, term: str) -> NDArray[np.float32]:
        """Return the score of each passage for one term that `knows` tells of."""

    def holding(self, term: str) -> NDArray[np.int64]:
        """Return the ids of the passages that a term stands in, ascending."""

    def matches(self, terms: Sequence[str], weights: Sequence[float]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the ids of the passages that share a term, in no order, and their scores where terms weigh so much."""

    def dense(self, terms: Sequence[str], weights: Sequence[float]) -> NDArray[np.float32]:
        """Return the score of each passage in order of ids, shape ``(size,)``, where terms weigh so much."""

    def ceiling(self, query: str) -> float:
        """Return the score of an imagined passage that holds each term of the query over and over."""

    def weight(self, term: str) -> float:
        """Return how much a term tells: the more, the fewer passages have it."""

    def containing(self, term: str) -> int:
        """Return the number of passages that a term stands in."""

    def knows(self, term: str) -> bool:
        """Tell whether a term stands in any passage."""


class Chosen(Protocol):
    """Some documents of one generation; what is known of one is read when it is asked for."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[str]:
        """Yield their paths, newest first, those of one day by path from the last."""

    def dated(self) -> Iterator[tuple[str, str]]:
        """Yield the same with the date before."""

    def ids(self) -> NDArray[np.int64]:
        """Return the ids of their passages, ascending."""

    def near(self, vector: NDArray[np.float32]) -> Iterator[tuple[float, str, str]]:
        """Yield the cosine of a vector and each title, to six digits, with path and title of the document, best first."""


class PassageRows(Protocol):
    """What is known of passages by their ids without reading their texts."""

    def sentence_rows(self, id_: int) -> NDArray[np.float32]:
        """Return the vectors of a passage's sentences, one row each, in reading order."""

    def cosines(
        self, ids: Sequence[int], vector: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """
        Return how near passages are to a vector beside their own.

        Returns
        -------
        The cosines with the titles of their documents, and those with the nearest of their sentences, -1 where a passage
        has none; shape ``(len(ids),)`` each.

        """

    def marks(self, id_: int) -> tuple[Hashable, Hashable]:
        """Return what a passage's document is told by, and what is equal for passages of the same wording."""

    def with_text_of(self, text: str) -> list[str]:
        """Return the paths of the documents with the same text, whatever their front matter and white space, sorted."""

    def chosen(self, admits: Callable[[str, str], bool], among: Callable[[str], bool] | None = None) -> Chosen:
        """
        Return the documents with passages that something admits.

        Parameters
        ----------
        admits
            Tells by source and date (``YYYY-MM-DD``, or nothing) whether a document is meant; asked once a pair.
        among
            Tells the same by the path; None for all. To ask it, what is known of each document is read.

        """
