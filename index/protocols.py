"""The protocols of what an index needs from other code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """What the index needs from an embedding model."""

    @property
    def fingerprint(self) -> str:
        """Identifies the weights: vectors with different fingerprints are never compared."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape ``(len(texts), dimension)``; may report progress with `index.progress.tell`."""

    def embed_query(self, text: str) -> Vectors:
        """Return a unit vector, shape ``(dimension,)``."""
