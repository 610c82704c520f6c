"""What an index needs of others: the protocols that other code may fulfil."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from index.reading.extraction.types import Extract

    Vectors = NDArray[np.float32]


class FormatReader(Protocol):
    """
    Takes the text out of files of a format; another package brings one by an entry point, named by the ending.

    ::

        [project.entry-points."quellentreu.readers"]
        rtf = "my_package:read"

    It is called in a process of its own, which is bounded in time and memory and may end in any way. What it raises
    besides an `index.reading.extraction.types.ExtractionError` counts as a damaged file.
    """

    def __call__(self, data: bytes) -> Extract:
        """Return what a file holds: its text as simple Markdown, its title, date and language as far as they are known."""


class Embedder(Protocol):
    """What the index needs of an embedding model."""

    @property
    def fingerprint(self) -> str:
        """Identifies the weights: vectors of different fingerprints are never compared."""

    def embed_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        """Return unit vectors, shape ``(len(texts), dimension)``; ``progress`` gets the number done."""

    def embed_query(self, text: str) -> Vectors:
        """Return a unit vector, shape ``(dimension,)``."""
