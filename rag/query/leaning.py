"""
Tell by its form whether a question depends on what was said before.

A logistic regression over hashed words, word order, endings and letters (`rag.kinds.features`), and over what rules say
about words that point back (`rag.query.follow_up`). It was trained on follow-ups and on questions that stand alone, many
of them in lower case and without a question mark, as people type (`training.leaning`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from rag.kinds.features import columns
from rag.query.follow_up import is_follow_up

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

WEIGHTS = "leaning.npz"
# Of 300 questions in conversations it is wrong for 11 with this bound, and the rules alone for 35; of 1,793 that were asked
# alone, for 30 and 31 (docs/kinds.md).
LEAST = 0.6


@dataclass(frozen=True, slots=True)
class Leaning:
    """
    The weights of the regression.

    Parameters
    ----------
    frequent
        Casefolded words that count as themselves.
    weights
        Weights of the columns, shape ``(columns,)``.
    rules
        Weight of the rules, if they say that a question depends on others.
    bias
        Log odds of a question without columns.

    """

    frequent: frozenset[str]
    weights: NDArray[np.float32]
    rules: float
    bias: float

    def save(self, file: Path) -> None:
        """Write the weights in half precision."""
        np.savez_compressed(
            file,
            frequent=np.array(sorted(self.frequent)),
            weights=self.weights.astype(np.float16),
            others=np.array([self.rules, self.bias]),
        )

    def probability(self, question: str) -> float:
        """Return the probability that a question depends on what was said before."""
        place = columns(question, self.frequent)
        score = float(self.weights[place].sum()) / np.sqrt(max(1, len(place))) + self.bias
        score += self.rules * is_follow_up(question)
        return float(1 / (1 + np.exp(-score)))


def leans(question: str) -> bool:
    """
    Tell whether a question depends on what was said before.

    Examples
    --------
    >>> leans("und wann wär das fertig"), leans("Wann wird die Brücke in Talheim fertig?")
    (True, False)

    """
    return installed().probability(question) >= LEAST


@cache
def installed() -> Leaning:
    """Return the weights that come with the package."""
    with resources.files("rag.query").joinpath(WEIGHTS).open("rb") as stream, np.load(stream) as stored:
        words = frozenset(str(word) for word in stored["frequent"])
        return Leaning(words, stored["weights"].astype(np.float32), *map(float, stored["others"]))
