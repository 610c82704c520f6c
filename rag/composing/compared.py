"""Which sentences set the sides of a comparison beside each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rag.composing.bearing import likeliest
from rag.composing.pieces import Piece
from rag.composing.sides import speaks_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rag.composing.pieces import Candidate

# On 46 comparisons (158 key points), each with weights that were fitted without it, `key_point_recall` and
# `sentence_precision` are 0.60 and 0.53 with these, 0.65 and 0.50 with three of a side, 0.58 and 0.54 with one on all sides.
_MOST_OF_A_SIDE = 2
_LIKELY_OF_A_SIDE = 0.05
# Whose log odds are behind those of the side's best by more than this, is left out.
_BEHIND_BEST = 2.0
# What names all sides is shown where it is so likely to bear on the question.
_MOST_TOGETHER = 2
_LIKELY_TOGETHER = 0.3
_MOST_WITHOUT_SIDES = 4
_FEWEST_WITHOUT_SIDES = 2
_LIKELY_WITHOUT_SIDES = 0.3


def comparison(candidates: Sequence[Candidate], names: Sequence[str]) -> list[Piece]:
    """
    Choose what is said of each side, and what is said of all together.

    Parameters
    ----------
    candidates
        With the probability that they bear on the question.
    names
        Of the sides; where there are none, the likeliest sentences are one group.

    """
    if not (names and candidates):
        chosen = likeliest(candidates, _MOST_WITHOUT_SIDES, _LIKELY_WITHOUT_SIDES, fewest=_FEWEST_WITHOUT_SIDES)
        return [Piece(one.sentence) for one in chosen]
    known = {name: _known(name, candidates) for name in names}
    of_side: dict[str, list[Candidate]] = {name: [] for name in names}
    together: list[Candidate] = []
    for one in candidates:
        named = _named(one, known)
        if len(named) == len(names) > 1:
            together.append(one)
        elif named:
            of_side[named[0]].append(one)

    found: list[Piece] = []
    for name, of_this in of_side.items():
        ranked = sorted(((math.log(one.chance / (1 - one.chance)), one) for one in of_this), key=lambda pair: -pair[0])
        found += [
            Piece(one.sentence, name)
            for number, (odds, one) in enumerate(ranked[:_MOST_OF_A_SIDE])
            if number == 0 or (one.chance >= _LIKELY_OF_A_SIDE and odds >= ranked[0][0] - _BEHIND_BEST)
        ]
    return [
        *found,
        *(
            Piece(one.sentence, " · ".join(names))
            for one in likeliest(together, _MOST_TOGETHER, _LIKELY_TOGETHER, fewest=0)
        ),
    ]


def _known(name: str, candidates: Sequence[Candidate]) -> str:
    """Return a side's name as sentences have it: "Krankenhäusern Auental" stands nowhere, "Auental" does."""
    words = name.split(" ")
    ends = (" ".join(words[start:]) for start in range(len(words)))
    return next((end for end in ends if any(speaks_of(one.sentence.text, end) for one in candidates)), name)


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
