"""Which sentences set the sides of a comparison beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.composing.bearing import likeliest
from rag.composing.pieces import Piece
from rag.composing.sides import speaks_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rag.composing.pieces import Candidate

# A side that none of them is about alone gets its likeliest from here on: whoever compares wants both. Of 104 comparisons
# of the fifteen bundles (docs/kinds.md) it costs 0.009 of the precision, and brings 0.006 of the recall.
_LIKELY_OF_A_SIDE = 0.05
_BETWEEN = " · "


def comparison(shown: Sequence[Candidate], candidates: Sequence[Candidate], names: Sequence[str]) -> list[Piece]:
    """
    Set the sentences of each side beside each other.

    What names several sides stands behind them, under the names of all of these, and what names none last.

    Parameters
    ----------
    shown
        Those that are worth it, likeliest first.
    candidates
        All, with the probability that they bear on the question.
    names
        Of the sides; where there are none, the likeliest sentences are one group.

    """
    chosen = list(shown)
    if not names:
        return [Piece(one.sentence) for one in chosen]
    known = {name: _known(name, candidates) for name in names}
    ranked = [one for one in likeliest(candidates, len(candidates)) if one.chance >= _LIKELY_OF_A_SIDE]
    for name in names:
        if not any(_named(one, known) == [name] for one in chosen):
            chosen += [one for one in ranked if _named(one, known) == [name]][:1]
    grouped = [(_named(one, known), one.sentence) for one in chosen]
    # Each side in the order of the question, then several together, then none.
    order = {name: number for number, name in enumerate(names)}
    grouped.sort(key=lambda pair: (not pair[0], len(pair[0]), [order[name] for name in pair[0]]))
    return [Piece(sentence, _BETWEEN.join(sides)) for sides, sentence in grouped]


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
