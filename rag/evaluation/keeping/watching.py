"""A gate whose decisions are written down with the figures that they rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.evaluation.traces import Admission
from rag.grounding.answerability import needed, probability, signals
from rag.pipeline.stages import LogisticGate

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
        chance = None
        if isinstance(self._gate, LogisticGate):
            found = signals(asked.query.standalone, asked.evidence, confirmation=confirmation, share=share)
            chance = probability(found)
        self._note(Admission(chance, needed(strictness), admitted))
        return admitted
