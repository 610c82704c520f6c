"""The indexes that a question is searched in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from index.protocols import Embedder
    from index.storage.left_out import Skipped
    from index.storage.reader import Index
    from rag.retrieval.hybrid import Scale


@dataclass(frozen=True, slots=True)
class View:
    """
    What is searched for one question: one generation of one or several indexes.

    Parameters
    ----------
    index
        The passages.
    scale
        Maps the index's cosines to the range 0 to 1.
    embedder
        Turns a question into a vector of the same space.
    left_out
        Returns the files of the articles' folder that could not be read.

    """

    index: Index
    scale: Scale
    embedder: Embedder
    left_out: Callable[[], Sequence[Skipped]] = tuple
    _vectors: dict[str, NDArray[np.float32]] = field(default_factory=dict, compare=False, repr=False)

    def vector(self, text: str) -> NDArray[np.float32]:
        """Return the vector of a question, shape ``(dimension,)``; it is computed once for all stages."""
        if text not in self._vectors:
            self._vectors[text] = self.embedder.embed_query(text)
        return self._vectors[text]
