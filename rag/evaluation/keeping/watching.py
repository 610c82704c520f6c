"""A gate and a small reader whose decisions are recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.evaluation.traces import Admission
from rag.grounding.answerability import needed
from rag.grounding.reader import SURE
from rag.pipeline.gates import admits_open, chance_of
from rag.pipeline.stages import bearings_of, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.grounding.reader import Bearing, Judgement
    from rag.pipeline.protocols import Gate, Reader
    from rag.pipeline.values import Asked
    from rag.types import EvidenceSentence, Query


class WatchedReader:
    """
    A reader that judges as another one does, see `rag.pipeline.protocols.Reader`.

    Parameters
    ----------
    reader
        The reader that judges.
    note
        Called each time its judgement is sure enough to stand alone.

    """

    def __init__(self, reader: Reader, note: Callable[[], None]) -> None:
        self._reader = reader
        self._note = note

    def judge(self, query: Query, evidence: Sequence[EvidenceSentence]) -> Judgement | None:
        """Return which sentence answers the question, and how likely that is."""
        found = self._reader.judge(query, evidence)
        if found is not None and found.probability >= SURE:
            self._note()
        return found

    def words(self, query: Query, sentence: EvidenceSentence) -> tuple[int, int] | None:
        """Return which words of a sentence answer the question, according to the other reader."""
        return words_of(self._reader, query, sentence)

    def bearings(self, query: Query, sentences: Sequence[EvidenceSentence]) -> Sequence[Bearing] | None:
        """Return what the other reader says about each sentence for an open question; None if it says nothing."""
        return bearings_of(self._reader, query, sentences)


class WatchedGate:
    """
    A gate that decides as another one does, see `rag.pipeline.protocols.Gate`.

    Parameters
    ----------
    gate
        The gate that decides.
    note
        Called with each decision.

    """

    def __init__(self, gate: Gate, note: Callable[[Admission], None]) -> None:
        self._gate = gate
        self._note = note

    def admits(self, asked: Asked, confirmation: tuple[float, float], *, share: float, strictness: float) -> bool:
        """Tell whether there is an answer."""
        admitted = self._gate.admits(asked, confirmation, share=share, strictness=strictness)
        self._note(Admission(self.chance(asked, confirmation, share=share), needed(strictness), admitted, share))
        return admitted

    def admits_open(self, chance: float, *, strictness: float) -> bool:
        """Tell whether there is an answer of several sentences."""
        admitted = admits_open(self._gate, chance, strictness=strictness)
        self._note(Admission(chance, needed(strictness), admitted, 1.0))
        return admitted

    def chance(self, asked: Asked, confirmation: tuple[float, float], *, share: float) -> float | None:
        """Return the probability that the gate decides by."""
        return chance_of(self._gate, asked, confirmation, share=share)
