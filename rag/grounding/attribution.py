"""
Tell whether a sentence could be shown as a source's own, for `rag eval --support`.

Comparing words instead was tried for long. But a sentence that fuses two facts, drops a hedge or swaps an entity has
all the words of the source and is false, so that 42 of 54 such sentences passed. In the terms of Rashkin et al.,
"Measuring Attribution in Natural Language Generation Models" (2023), only what is identical is "attributable to
identified sources" here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.text.spelling import composed
from rag.grounding.clause import ELLIPSIS, clause, marked_cuts, statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.types import EvidenceSentence


@dataclass(frozen=True, slots=True)
class Attribution:
    """
    Whether the sources carry a sentence.

    Parameters
    ----------
    support
        1 if the sentence is identical to a source sentence, or to a clause of one that may stand by itself, else 0.
    sources
        Indices of the source sentences that it is taken from.

    """

    support: float
    sources: tuple[int, ...] = ()


def attribute(sentence: str, evidence: Sequence[EvidenceSentence]) -> Attribution:
    """
    Find the source sentence that a sentence is identical to, or a clause of.

    Parameters
    ----------
    sentence
        The sentence as shown; white space, Unicode form and a final full stop do not count.
    evidence
        Sentences of the sources.

    """
    said = _plain(sentence)
    for number, source in enumerate(evidence):
        if said and said in _showable(source.text):
            return Attribution(1.0, (number,))
    return Attribution(0.0)


def _showable(text: str) -> set[str]:
    """Return what may be shown of a sentence: itself, and each clause that `rag.grounding.clause` cuts."""
    return {_plain(marked_cuts(text, *clause(text, stop))) for _, stop in statements(text)} | {_plain(text)}


def _plain(text: str) -> str:
    return " ".join(composed(text).split()).rstrip(f". {ELLIPSIS}")
