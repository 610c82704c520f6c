"""A gate whose decisions are written down with the figures that they rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.evaluation.traces import Admission
from rag.grounding.answerability import needed
from rag.pipeline.stages import chance_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.pipeline.protocols import Gate
    from rag.pipeline.values import Asked


class WatchedGate:
    """
    Decides as another gate does, see `rag.pipeline.protocols.Gate`.

    Parameters
    ----------
    gate
        Decides.
    note
        Is told each decision.

    """

    def __init__(self, gate: Gate, note: Callable[[Admission], None]) -> None:
        self._gate = gate
        self._note = note

    def admits(self, asked: Asked, confirmation: tuple[float, float], *, share: float, strictness: float) -> bool:
        """Tell whether there is an answer."""
        admitted = self._gate.admits(asked, confirmation, share=share, strictness=strictness)
        self._note(Admission(self.chance(asked, confirmation, share=share), needed(strictness), admitted, share))
        return admitted

    def chance(self, asked: Asked, confirmation: tuple[float, float], *, share: float) -> float | None:
        """Return the probability that it decides by."""
        return chance_of(self._gate, asked, confirmation, share=share)
