"""Choose the sentences that set the sides of a comparison beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.composing.bearing import likeliest
from rag.composing.pieces import Piece
from rag.composing.sides import speaks_of
from rag.grounding.pointing import points_back

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rag.composing.pieces import Candidate

# A side that no chosen sentence is about alone gets its likeliest one, if that has at least this probability: whoever
# compares wants both sides. On 104 comparisons of the fifteen bundles (docs/several-sentences.md) this costs 0.009 of
# precision and gains 0.006 of recall.
_LIKELY_OF_A_SIDE = 0.05
_BETWEEN = " · "


def comparison(shown: Sequence[Candidate], candidates: Sequence[Candidate], names: Sequence[str]) -> list[Piece]:
    """
    Group the sentences of a comparison by side.

    A sentence that names several sides comes after these, under the names of all of them; one that names none is last.

    Parameters
    ----------
    shown
        The sentences that are worth showing, likeliest first.
    candidates
        All sentences, with the probability that each bears on the question.
    names
        The names of the sides; if there are none, the sentences of ``shown`` form one group.

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
    # Each side in the order of the question, then sentences about several sides, then those about none.
    order = {name: number for number, name in enumerate(names)}
    grouped.sort(key=lambda pair: (not pair[0], len(pair[0]), [order[name] for name in pair[0]]))
    return [Piece(sentence, _BETWEEN.join(sides)) for sides, sentence in grouped]


def _known(name: str, candidates: Sequence[Candidate]) -> str:
    """Return a side's name as the sentences write it: "Krankenhäusern Auental" stands nowhere, "Auental" does."""
    words = name.split(" ")
    ends = (" ".join(words[start:]) for start in range(len(words)))
    return next((end for end in ends if any(speaks_of(one.sentence.text, end) for one in candidates)), name)


def _named(one: Candidate, names: Mapping[str, str]) -> list[str]:
    """
    Return the sides that a sentence is about: those that it names, else the one named last before it.

    If several were named together there, it is about all of them if it points back ("Diese Entwicklung ...").
    "Sie kostet 62 Millionen Euro" is about the side whose heading or sentence it follows.
    """
    if named := [name for name, known in names.items() if speaks_of(one.sentence.text, known)]:
        return named
    if len(names) > 1:
        for text in reversed(one.before):
            if named := [name for name, known in names.items() if speaks_of(text, known)]:
                return named if len(named) == 1 or points_back(one.sentence.text) else []
    return []
