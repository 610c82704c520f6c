"""What an index needs from vector search and keyword search; another package may keep the vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from index.types import Metadata


class Described(NamedTuple):
    """What is known of a document without reading it; its metadata has only title, source, date and language."""

    path: str
    metadata: Metadata


class Vectors(Protocol):
    """The unit vectors of the passages of one generation, by passage id. Safe to share between threads."""

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
            Number of pairs.
        among
            The ids that a filter leaves; only these are searched, so that ``k`` of them are found. All if None.

        """

    def similarities(self, query: NDArray[np.float32], ids: Sequence[int]) -> list[float]:
        """Return the cosines of the query and some of the vectors."""

    def rows(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return some of the vectors, shape ``(len(ids), dimension)``, as they were written."""


class VectorStore(Protocol):
    """
    Keeps vectors; another package can provide one through an entry point.

    ::

        [project.entry-points."quellentreu.stores"]
        qdrant = "my_package:QdrantStore"

    The object named there is called with the setting ``RAG_STORE`` (``qdrant`` or ``qdrant://host:6333``) and returns
    the store. An id, once given, never stands for another vector. A generation is written once and never changed; the
    one before it is searched meanwhile.

    An external store raises `index.errors.StoreUnavailableError` if it does not answer in time, and
    `index.errors.IndexDamagedError` if it no longer has the vectors: questions are then answered from the index's own.
    Any other exception, except an `OSError` or another `index.errors.RagError`, counts as damage of the index. After a
    time-out, a store should not wait again at once, because each segment asks it.
    """

    def write(
        self, place: Path, ids: Sequence[int], vectors: NDArray[np.float32], *, earlier: Path | None = None
    ) -> None:
        """
        Keep the vectors of a new generation, so that `open` finds all of them, or none if this raises.

        Parameters
        ----------
        place
            A file or folder to make, under ``derived-N`` in the index's folder. Its bytes are compared with their
            digests before it is opened. A store that keeps vectors elsewhere records their name there, and does so
            first, so that whatever a killed run leaves behind can be found and removed.
        ids, vectors
            All ids and vectors of the generation; ``vectors`` has the shape ``(len(ids), dimension)``.
        earlier
            The place of the generation that this one was made from, if this store wrote it: only ids that it does not
            have are new, and its ids that are not in ``ids`` need not be copied.

        """

    def open(self, place: Path) -> Vectors:
        """Return the vectors that were written at a place."""

    def remove(self, place: Path) -> None:
        """Delete what an external store holds of a generation no longer needed; the caller then deletes ``place``."""


@runtime_checkable
class Reachable(Protocol):
    """A vector store that can tell whether it can be written to."""

    def reach(self) -> None:
        """Raise a `index.errors.RagError` if it cannot; called before the long work that precedes writing."""


class Lexical(Protocol):
    """Keyword search over the passages of one generation, in order of their ids."""

    @property
    def size(self) -> int:
        """Number of passages."""

    def query_terms(self, query: str) -> list[str]:
        """Return the terms that a query is searched for by."""

    def passage_terms(self, text: str) -> list[str]:
        """Return the terms that a text is found by."""

    def split_compound(self, word: str) -> tuple[str, ...]:
        """Return the parts of a casefolded compound of words in the passages; empty if it is not such a compound."""

    def search(
        self, query: str, k: int, *, among: Sequence[int] | NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` pairs of id and score of passages that share a term, best first, equal ones by id."""

    def scores(self, query: str) -> NDArray[np.float32]:
        """Return the score of each passage, shape ``(size,)``; 0 if it shares no term."""

    def scores_of(self, term: str) -> NDArray[np.float32]:
        """Return the score of each passage for one term that the passages have (see `knows`)."""

    def holding(self, term: str) -> NDArray[np.int64]:
        """Return the ids of the passages that contain a term, ascending."""

    def matches(self, terms: Sequence[str], weights: Sequence[float]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the ids, in no order, of the passages that share a term, and their scores with the given weights."""

    def dense(self, terms: Sequence[str], weights: Sequence[float]) -> NDArray[np.float32]:
        """Return the score of each passage in order of ids, shape ``(size,)``, with the given term weights."""

    def ceiling(self, query: str) -> float:
        """Return the score of an imaginary passage that repeats each term of the query without end."""

    def weight(self, term: str) -> float:
        """Return the weight of a term: the fewer passages have it, the higher."""

    def containing(self, term: str) -> int:
        """Return the number of passages that contain a term."""

    def knows(self, term: str) -> bool:
        """Tell whether any passage contains a term."""


class Chosen(Protocol):
    """Some documents of one generation; their descriptions are read when they are asked for."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[str]:
        """Yield their paths, newest first; those of the same day in descending order of paths."""

    def dated(self) -> Iterator[tuple[str, str]]:
        """Yield pairs of date and path in the same order."""

    def ids(self) -> NDArray[np.int64]:
        """Return the ids of their passages, ascending."""

    def near(self, vector: NDArray[np.float32]) -> Iterator[tuple[float, str, str]]:
        """Yield, best first, each title's cosine with a vector, to six digits, and the document's path and title."""


class PassageRows(Protocol):
    """What is known of passages by their ids without reading their texts."""

    def sentence_rows(self, id_: int) -> NDArray[np.float32]:
        """Return the vectors of a passage's sentences, one row each, in reading order."""

    def cosines(
        self, ids: Sequence[int], vector: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """
        Return how near the titles and sentences of passages are to a vector.

        Returns
        -------
        The cosines with the titles of their documents, and those with the nearest of their sentences (-1 if a passage
        has none); shape ``(len(ids),)`` each.

        """

    def marks(self, id_: int) -> tuple[Hashable, Hashable]:
        """Return a key that identifies a passage's document, and one that is equal for passages of the same wording."""

    def with_text_of(self, text: str) -> list[str]:
        """Return the paths of the documents with the same text, whatever their front matter and white space, sorted."""

    def chosen(self, admits: Callable[[str, str], bool], among: Callable[[str], bool] | None = None) -> Chosen:
        """
        Return the documents that have passages and that the filters admit.

        Parameters
        ----------
        admits
            Tells from source and date (``YYYY-MM-DD``, or empty) whether to admit a document; called once per pair.
        among
            Tells the same from the path; None admits all. Calling it requires reading each document's description.

        """
