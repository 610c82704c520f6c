"""Which kind a question is answered as."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rag.composing import COMPOSED
from rag.kinds import fits
from rag.kinds.classifier import chances, likeliest

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.inference.asking.kinds import KindNetwork
    from rag.kinds.types import Kind
    from rag.retrieval.view import View
    from rag.types import Query

TALKS: frozenset[Kind] = frozenset({"talk", "other"})
"""The kinds that are answered in the program's own words."""

# Below it, a question that the articles do not answer in one form is asked in the other.
_IN_DOUBT = 0.8
# What is taken for talk gets nothing from the articles, so it is not enough that it is the likeliest.
_SURE_OF_TALK = 0.5


class KindGuesser:
    """
    Tells what a question asks for: the mean of what the regression over its vector and a network say.

    Parameters
    ----------
    network
        Gives the network, if there is one.

    """

    def __init__(self, network: Callable[[], KindNetwork | None] = lambda: None) -> None:
        self._network = network

    def guess(self, query: Query, view: View) -> tuple[Kind, bool]:
        """
        Return what a question asks for, the likeliest kind, and whether that is in doubt.

        A follow-up is taken for a fact where it is likeliest for several sentences: "Und bis wann?" has nothing by
        which to tell.
        """
        known = fits(view.embedder.fingerprint)
        shares = chances(query.question, view.vector(query.question) if known else None)
        if known and (network := self._network()) is not None:
            shares = (shares + network.chances(query.question)) * np.float32(0.5)
        guess = likeliest(shares)
        kind, in_doubt = guess.kind, guess.probability < _IN_DOUBT
        if kind in TALKS:
            return (kind if guess.probability >= _SURE_OF_TALK else "fact"), in_doubt
        if kind in COMPOSED and query.standalone != query.question:
            return "fact", in_doubt
        return kind, in_doubt

    def guess_again(self, typed: Query, rewritten: Query, view: View) -> tuple[Kind, bool] | None:
        """Return what a follow-up asks for, told by the question that was made of it; None where there is no other."""
        if rewritten.standalone == typed.standalone:
            return None
        kind, in_doubt = self.guess(replace(rewritten, question=rewritten.standalone), view)
        return None if kind in TALKS else (kind, in_doubt)
