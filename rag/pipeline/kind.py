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

    from numpy.typing import NDArray

    from rag.inference.asking.kinds import KindNetwork
    from rag.kinds.types import Kind
    from rag.retrieval.view import View
    from rag.types import Query

TALKS: frozenset[Kind] = frozenset({"talk", "other"})
"""The kinds that are answered in the program's own words."""

# Below this probability the kind is in doubt: a question that several sentences do not answer is then tried as a fact.
# The second bound is for two classifiers: what they agree on is more probable than either says. With it as many
# questions are in doubt, and as few wrong without being so (docs/kinds.md).
_IN_DOUBT, _IN_DOUBT_BY_BOTH = 0.8, 0.9
_LEAST = np.float32(1e-6)  # of a probability, before its logarithm is taken
# Talk gets no answer from the articles, so it is not enough that it is the likeliest kind.
_SURE_OF_TALK = 0.5


class KindGuesser:
    """
    Guesses what a question asks for: a regression over its vector and its form, and a network, decide together.

    Their opinions are pooled as logarithms (Genest and Zidek, "Combining probability distributions", 1986), so that a
    kind which either excludes is not chosen because the other is sure of it.

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

        A follow-up that is not rewritten may have little to tell the kind by ("Und bis wann?"). If its likeliest kind is
        answered by several sentences, it keeps that kind only if its own words leave no doubt ("Und warum?"), and is
        tried as a fact if such sentences do not answer it.
        """
        known = fits(view.embedder.fingerprint)
        shares = chances(query.question, view.vector(query.question) if known else None)
        bound = _IN_DOUBT
        if known and (network := self._network()) is not None:
            shares = _pooled(shares, network.chances(query.question))
            bound = _IN_DOUBT_BY_BOTH
        guess = likeliest(shares)
        kind, in_doubt = guess.kind, guess.probability < bound
        if kind in TALKS:
            return (kind if guess.probability >= _SURE_OF_TALK else "fact"), in_doubt
        if kind in COMPOSED and query.standalone != query.question:
            return ("fact" if in_doubt else kind), True
        return kind, in_doubt

    def guess_again(self, typed: Query, rewritten: Query, view: View) -> tuple[Kind, bool] | None:
        """Return the kind of a follow-up, guessed once it is rewritten; None if it was not, or if it is talk."""
        if rewritten.standalone == typed.standalone:
            return None
        kind, in_doubt = self.guess(replace(rewritten, question=rewritten.standalone), view)
        return None if kind in TALKS else (kind, in_doubt)


def _pooled(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the normalised geometric mean of two distributions."""
    product = np.sqrt(np.maximum(one, _LEAST) * np.maximum(other, _LEAST))
    result: NDArray[np.float32] = product / product.sum()
    return result
