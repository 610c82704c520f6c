"""
Tell by its form whether a question depends on what was said before.

A logistic regression over hashed words, word order, endings and letters (`rag.kinds.features`), and over what rules say
about words that point back (`rag.query.follow_up`). It was trained on follow-ups and on questions that stand alone, many
of them in lower case and without a question mark, as people type (`training.forms.leaning`).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from rag.kinds.form import load
from rag.query.follow_up import is_follow_up

if TYPE_CHECKING:
    from rag.kinds.form import FormRegression

WEIGHTS = "leaning.npz"
# Of 300 questions in conversations it is wrong for 11 with this bound, and the rules alone for 35; of 1,793 that were asked
# alone, for 30 and 31 (docs/follow-ups.md).
LEAST = 0.6


def probability(question: str, learnt: FormRegression | None = None) -> float:
    """
    Return the probability that a question depends on what was said before.

    Parameters
    ----------
    question
        What was asked.
    learnt
        The regression, whose one signal beside the form is what the rules say; by default that of the package.

    """
    return (learnt or installed()).probability(question, is_follow_up(question))


def leans(question: str) -> bool:
    """
    Tell whether a question depends on what was said before.

    Examples
    --------
    >>> leans("und wann wär das fertig"), leans("Wann wird die Brücke in Talheim fertig?")
    (True, False)

    """
    return probability(question) >= LEAST


@cache
def installed() -> FormRegression:
    """Return the weights that come with the package."""
    return load("rag.query", WEIGHTS)
