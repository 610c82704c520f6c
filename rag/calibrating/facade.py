"""The part of `rag.RAG` that knows which bound holds."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from index.collections.registry import ARTICLES, RESERVED
from index.errors import RagError
from rag.calibrating.standing import standing
from rag.grounding.confidence import SAME, Scale
from rag.runtime.named_collections import settings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.storage.reader import Index
    from rag.calibrating.types import Standing
    from rag.inference import Engine
    from rag.retrieval.hybrid import Scale as ScoreScale
    from rag.runtime.named_collections import NamedCollections
    from rag.settings import Settings


class Calibrated(ABC):
    """Knows which strictness applies if a question names none."""

    settings: Settings
    named_collections: NamedCollections

    @property
    @abstractmethod
    def embedding_fingerprint(self) -> str:
        """Identifier of the embedding model."""

    @abstractmethod
    def _index(self) -> tuple[Index, ScoreScale]: ...

    @abstractmethod
    def _the_engine(self) -> Engine: ...

    def calibration(self, collection: str = ARTICLES) -> Standing:
        """
        Tell whether a bound on wrong answers holds: what `rag calibrate` wrote beside the index, and whether it fits.

        Parameters
        ----------
        collection
            The collection: the articles, or a named one.

        Raises
        ------
        RagError
            A calibration is stored, but the index or a model to compare it with cannot be used.

        """
        settings = self.settings if collection == ARTICLES else settings_of(self.settings, collection)
        return standing(settings, functools.partial(self._measured, collection))

    def told(self) -> dict[str, str]:
        """Return the settings that change answers, by name; the strictness is the one for questions that name none."""
        return {**self.settings.told(), "strictness": str(self.calibration().strictness)}

    def _calibrated_by(self) -> dict[str, str]:
        """Return a fingerprint of the calibration that answers depend on; empty if none is used."""
        found = self.calibration()
        known = found.calibration if found.state == "holds" else None
        return {} if known is None else {"calibration": f"{known.strictness:g}/{known.slope:g}/{known.offset:g}"}

    def _measured(self, collection: str) -> dict[str, str]:
        engine = self._the_engine()
        if self.settings.generation.is_served:
            engine.load()  # a server tells which model it runs only when it is asked
        return {
            "embedding": self.embedding_fingerprint,
            "index": self._fingerprint_of(collection),
            "llm": engine.fingerprint,
        }

    def _fingerprint_of(self, collection: str) -> str:
        if collection == ARTICLES:
            return self._index()[0].fingerprint
        return self.named_collections.index(collection).fingerprint.removeprefix(f"{collection}:")

    def _in_force(self, names: Sequence[str], index: str) -> tuple[float, Scale]:
        """
        Return strictness and scale for a question: what was measured on one collection applies to that one alone.

        Parameters
        ----------
        names
            Names of the collections asked.
        index
            Fingerprint of the collections together.

        """
        collection = names[0] if len(names) == 1 and names[0] not in RESERVED else ARTICLES
        try:
            found = self.calibration(collection)
        except RagError:  # a question need not have the models that the calibration is compared with
            return self.settings.answering.strictness, SAME
        known = found.calibration
        asked = index.removeprefix(f"{collection}:")
        if found.state != "holds" or known is None or known.fingerprints["index"] != asked:
            return self.settings.answering.strictness, SAME
        return known.strictness, known.scale
