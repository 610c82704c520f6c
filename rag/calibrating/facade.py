"""The part of a `rag.RAG` that knows which bound holds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from index.errors import RagError
from rag.calibrating.standing import standing
from rag.grounding.confidence import SAME, Scale

if TYPE_CHECKING:
    from index.storage.reader import Index
    from rag.calibrating.types import Standing
    from rag.inference import Engine
    from rag.retrieval.hybrid import Scale as ScoreScale
    from rag.settings import Settings


class Calibrated(ABC):
    """Which strictness is used where a question names none."""

    settings: Settings

    @property
    @abstractmethod
    def embedding_fingerprint(self) -> str:
        """Identifies the embedding model."""

    @abstractmethod
    def _index(self) -> tuple[Index, ScoreScale]: ...

    @abstractmethod
    def _the_engine(self) -> Engine: ...

    def calibration(self) -> Standing:
        """
        Tell whether a bound on wrong answers holds: what `rag calibrate` kept beside the index, and whether it fits.

        Raises
        ------
        RagError
            Something is kept, and the index or a model that it is compared with cannot be used.

        """
        return standing(self.settings, self._measured)

    def told(self) -> dict[str, str]:
        """Return the settings that change answers, by name; the strictness that is used where a question names none."""
        return {**self.settings.told(), "strictness": str(self.calibration().strictness)}

    def _calibrated_by(self) -> dict[str, str]:
        """Return what of a calibration answers depend on, as a fingerprint; nothing where none is used."""
        found = self.calibration()
        known = found.calibration if found.state == "holds" else None
        return {} if known is None else {"calibration": f"{known.strictness:g}/{known.slope:g}/{known.offset:g}"}

    def _measured(self) -> dict[str, str]:
        engine = self._the_engine()
        if self.settings.generation.is_served:
            engine.load()  # a server tells which model it runs only when it is asked
        return {
            "embedding": self.embedding_fingerprint,
            "index": self._index()[0].fingerprint,
            "llm": engine.fingerprint,
        }

    def _in_force(self, index: str) -> tuple[float, Scale]:
        """Return strictness and scale for an index that is asked: what was measured of articles is said of them alone."""
        try:
            found = self.calibration()
        except RagError:  # whoever asks need not have what the calibration would be compared with
            return self.settings.answering.strictness, SAME
        known = found.calibration
        if found.state != "holds" or known is None or known.fingerprints["index"] != index:
            return self.settings.answering.strictness, SAME
        return known.strictness, known.scale
