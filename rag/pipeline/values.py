"""What the stages of a pipeline pass on to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.grounding.confidence import SAME, Scale

if TYPE_CHECKING:
    from rag.grounding.reader import Judgement
    from rag.retrieval.view import View
    from rag.types import EvidenceSentence, Filter, Query


@dataclass(frozen=True, slots=True)
class Options:
    """
    How a question is answered.

    Parameters
    ----------
    restrict
        Which documents count; all if None.
    strictness
        0 to 1, how likely the evidence must be to hold an answer.
    k
        Number of passages that evidence is picked from.
    scale
        Turns the probability of an answer into its `rag.types.Answer.confidence`.

    """

    restrict: Filter | None
    strictness: float
    k: int
    scale: Scale = SAME


@dataclass(frozen=True, slots=True)
class Asked:
    """
    One part of a question, and what was found for it.

    Parameters
    ----------
    query
        The question.
    view
        What was searched.
    evidence
        All sentences that were found.
    read
        Those of them that the language model reads.
    contexts
        For each sentence of ``read``, those that have to be shown before it, see `rag.grounding.context`.
    judgement
        The small reader's judgement of the evidence; None if there is no such reader.

    """

    query: Query
    view: View
    evidence: tuple[EvidenceSentence, ...]
    read: tuple[EvidenceSentence, ...]
    contexts: tuple[tuple[EvidenceSentence, ...], ...] = ()
    judgement: Judgement | None = None

    @property
    def odds(self) -> tuple[float, ...]:
        """The small reader's log odds for each sentence of ``read`` against the others; empty if it gave none."""
        if self.judgement is None or not self.judgement.odds:
            return ()
        known = {(one.path, one.start): odds for one, odds in zip(self.evidence, self.judgement.odds, strict=True)}
        found = [known.get((one.path, one.start)) for one in self.read]
        return tuple(one for one in found if one is not None) if None not in found else ()
