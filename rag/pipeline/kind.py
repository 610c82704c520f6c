"""Decide which kind a question is answered as."""

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

# Below this probability the kind is in doubt: a question that several sentences do not answer is then tried as a fact.
_IN_DOUBT = 0.8
# Talk gets no answer from the articles, so it is not enough that it is the likeliest kind.
_SURE_OF_TALK = 0.5


class KindGuesser:
    """
    Guesses what a question asks for: the mean of a regression over its vector and of a network decides.

    Parameters
    ----------
    network
        Returns the network, or None if there is none.

    """

    def __init__(self, network: Callable[[], KindNetwork | None] = lambda: None) -> None:
        self._network = network

    def guess(self, query: Query, view: View) -> tuple[Kind, bool]:
        """
        Return the likeliest kind of a question, and whether it is in doubt.

        A follow-up whose likeliest kind is answered by several sentences is treated as a fact: "Und bis wann?" has
        nothing to tell the kind by.
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
        """Return the kind of a follow-up, guessed once it is rewritten; None if it was not, or if it is talk."""
        if rewritten.standalone == typed.standalone:
            return None
        kind, in_doubt = self.guess(replace(rewritten, question=rewritten.standalone), view)
        return None if kind in TALKS else (kind, in_doubt)
