"""What the stages of a pipeline hand on."""

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
        Which documents count; all where None.
    strictness
        0 to 1, how likely the evidence must be to hold an answer.
    k
        Number of passages that evidence is picked from.
    scale
        What the probability of an answer comes to as its `rag.types.Answer.confidence`.

    """

    restrict: Filter | None
    strictness: float
    k: int
    scale: Scale = SAME


@dataclass(frozen=True, slots=True)
class Asked:
    """
    One of the things a question asks, and what was found for it.

    Parameters
    ----------
    query
        The question.
    view
        Where it was looked for.
    evidence
        All that was found.
    read
        What of it the model reads.
    contexts
        For each sentence read those that it needs before it, see `rag.grounding.context`.
    judgement
        What the small reader makes of it; None where there is no such reader.

    """

    query: Query
    view: View
    evidence: tuple[EvidenceSentence, ...]
    read: tuple[EvidenceSentence, ...]
    contexts: tuple[tuple[EvidenceSentence, ...], ...] = ()
    judgement: Judgement | None = None

    @property
    def odds(self) -> tuple[float, ...]:
        """What the small reader says for each sentence of ``read`` against the others; empty where it said nothing."""
        if self.judgement is None or not self.judgement.odds:
            return ()
        known = {(one.path, one.start): odds for one, odds in zip(self.evidence, self.judgement.odds, strict=True)}
        found = [known.get((one.path, one.start)) for one in self.read]
        return tuple(one for one in found if one is not None) if None not in found else ()
