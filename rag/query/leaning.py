"""
Tell by its form whether a question depends on what was said before.

A logistic regression over hashed words, word order, endings and letters (`rag.kinds.features`), and over what rules say
about words that point back (`rag.query.follow_up`). It was trained on follow-ups and on questions that stand alone, many
of them in lower case and without a question mark, as people type (`training.forms.leaning`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from rag.kinds.form import FormRegression, load
from rag.query.follow_up import is_follow_up

if TYPE_CHECKING:
    from pathlib import Path

WEIGHTS = "leaning.npz"
# Of 300 questions in conversations it is wrong for 11 with this bound, and the rules alone for 35; of 1,793 that were asked
# alone, for 30 and 31 (docs/follow-ups.md).
LEAST = 0.6


@dataclass(frozen=True, slots=True)
class Leaning:
    """
    The regression; what the rules say is its one signal beside the form.

    Parameters
    ----------
    form
        Its weights.

    """

    form: FormRegression

    def save(self, file: Path) -> None:
        """Write the weights."""
        self.form.save(file)

    def probability(self, question: str) -> float:
        """Return the probability that a question depends on what was said before."""
        return self.form.probability(question, is_follow_up(question))


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
    return Leaning(load("rag.query", WEIGHTS))
