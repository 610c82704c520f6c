"""Which sentences set the sides of a comparison beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rag.composing.covering import covering
from rag.composing.pieces import Piece
from rag.composing.sides import speaks_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rag.composing.pieces import Candidate
    from rag.retrieval.view import View

_MOST_OF_A_SIDE = 3
_MOST_WITHOUT_SIDES = 6
# All sentences of a side name it, so what is asked besides decides; and what has a counterpart on another side compares.
# Of the 11 comparisons that were tuned on (33 key points), the score alone covers 0.70 at a precision of 0.47, with the
# first weight 0.70 and 0.56, with both 0.73 and 0.59 (with up to three sentences a side).
_RESPECT_WEIGHT = 2.0
_COUNTERPART_WEIGHT = 0.6
# Below the value of the side's best by more than this, a sentence is left out.
_BEHIND_BEST = 0.2
# What names all sides is shown where it is so near, as a share of the nearest one's score.
_NEAR_TOGETHER = 0.6


def comparison(view: View, question: str, candidates: Sequence[Candidate], names: Sequence[str]) -> list[Piece]:
    """
    Choose what is said of each side, and the one sentence on all together.

    Parameters
    ----------
    view, question
        Where it is asked, and what.
    candidates
        Nearest first.
    names
        Of the sides; where there are none, the nearest sentences are one group.

    """
    if not (names and candidates):
        return [Piece(one.sentence) for one in covering(view.index, question, candidates, _MOST_WITHOUT_SIDES)]
    known = {name: _known(name, candidates) for name in names}
    of_side: dict[str, list[Candidate]] = {name: [] for name in names}
    together: list[Candidate] = []
    for one in candidates:
        named = _named(one, known)
        if len(named) == len(names) > 1:
            together.append(one)
        elif named:
            of_side[named[0]].append(one)
    nearest = candidates[0].sentence.score or 1.0
    besides = view.vector(_without(question, known.values()))
    usual = float(np.mean([one.vector @ besides for one in candidates]))

    def value(one: Candidate, others: Sequence[Candidate] = ()) -> float:
        counterpart = max((float(one.vector @ other.vector) for other in others), default=0.0)
        respect = float(one.vector @ besides) - usual
        return one.sentence.score / nearest + _RESPECT_WEIGHT * respect + _COUNTERPART_WEIGHT * counterpart

    found: list[Piece] = []
    for name, of_this in of_side.items():
        others = [one for other, of_other in of_side.items() if other != name for one in of_other]
        ranked = sorted(((value(one, others), one) for one in of_this), key=lambda pair: -pair[0])
        found += [
            Piece(one.sentence, name) for worth, one in ranked[:_MOST_OF_A_SIDE] if worth >= ranked[0][0] - _BEHIND_BEST
        ]
    near = [one for one in together if one.sentence.score >= _NEAR_TOGETHER * nearest]
    return [*found, *(Piece(one.sentence, " · ".join(names)) for one in sorted(near, key=value)[-1:])]


def _known(name: str, candidates: Sequence[Candidate]) -> str:
    """Return a side's name as sentences have it: "Krankenhäusern Auental" stands nowhere, "Auental" does."""
    words = name.split(" ")
    ends = (" ".join(words[start:]) for start in range(len(words)))
    return next((end for end in ends if any(speaks_of(one.sentence.text, end) for one in candidates)), name)


def _without(question: str, names: Iterable[str]) -> str:
    """Return what a comparison asks besides its sides: "Vergleiche nach Kosten und Bauzeit"."""
    for name in names:
        question = question.replace(name, "")
    return " ".join(question.split())


def _named(one: Candidate, names: Mapping[str, str]) -> list[str]:
    """
    Return the sides that a sentence is about: those that it names, else the one that was named last before it.

    "Sie kostet 62 Millionen Euro" is about the side whose heading or sentence it follows.
    """
    if named := [name for name, known in names.items() if speaks_of(one.sentence.text, known)]:
        return named
    if len(names) > 1:
        for text in reversed(one.before):
            if named := [name for name, known in names.items() if speaks_of(text, known)]:
                return named if len(named) == 1 else []
    return []
