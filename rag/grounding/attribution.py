"""
Tell whether a sentence could be shown as a source's own, for `rag eval --support`.

Comparing words instead was tried for long: two facts fused, a hedge dropped or an entity swapped have all the words of
the source and are false, so that 42 of 54 such sentences passed. In the terms of Rashkin et al., "Measuring
Attribution in Natural Language Generation Models" (2023), only what is identical is "attributable to identified
sources" here.
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
        1 where the sentence is the characters of one source sentence, or a clause of it that may stand by itself,
        else 0.
    sources
        Indices of the source sentences that it is.

    """

    support: float
    sources: tuple[int, ...] = ()


def attribute(sentence: str, evidence: Sequence[EvidenceSentence]) -> Attribution:
    """
    Find the source sentence that a sentence is.

    Parameters
    ----------
    sentence
        As shown; white space, Unicode form and a final full stop do not count.
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
