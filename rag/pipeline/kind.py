"""Which kind a question is answered as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.composing import COMPOSED
from rag.kinds import classify, fits

if TYPE_CHECKING:
    from rag.kinds.types import Kind
    from rag.retrieval.view import View
    from rag.types import Query

TALKS: frozenset[Kind] = frozenset({"talk", "other"})
"""The kinds that are answered in the program's own words."""

# Below it, a question that the articles do not answer in one form is asked in the other.
_IN_DOUBT = 0.8
# What is taken for talk gets nothing from the articles, so it is not enough that it is the likeliest.
_SURE_OF_TALK = 0.5


def guessed(query: Query, view: View) -> tuple[Kind, bool]:
    """
    Return what a question asks for, the likeliest kind, and whether that is in doubt.

    A follow-up is taken for a fact where it is likeliest for several sentences: "Und bis wann?" has nothing by which to
    tell.
    """
    known = fits(view.embedder.fingerprint)
    guess = classify(query.question, view.vector(query.question) if known else None)
    kind, in_doubt = guess.kind, guess.probability < _IN_DOUBT
    if kind in TALKS:
        return (kind if guess.probability >= _SURE_OF_TALK else "fact"), in_doubt
    if kind in COMPOSED and query.standalone != query.question:
        return "fact", in_doubt
    return kind, in_doubt
