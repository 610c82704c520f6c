"""
Turn a probability into a measured one: how often answers of that probability are right on a set.

Platt, Advances in Large Margin Classifiers (1999): a straight line through the log-odds. The order of answers is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rag.grounding.confidence import SAME, Scale, log_odds

if TYPE_CHECKING:
    from collections.abc import Sequence

_STEPS = 50
_RIDGE = 1e-3
_FEWEST = 10  # answers of the rarer kind: fewer are not enough to fit two numbers


def fit(chances: Sequence[float], right: Sequence[bool]) -> Scale:
    """
    Return the scale on which probabilities equal the share of right answers; `SAME` if there are too few answers.

    Parameters
    ----------
    chances
        Probabilities of the answers, 0 to 1.
    right
        Whether each answer was right.

    """
    good = sum(right)
    bad = len(right) - good
    if min(good, bad) < _FEWEST:
        return SAME
    odds = np.array([log_odds(chance) for chance in chances])
    columns = np.stack([odds, np.ones_like(odds)], axis=1)
    # Platt's targets: certainty is never seen in a sample.
    wanted = np.where(right, (good + 1) / (good + 2), 1 / (bad + 2))
    weights = np.array([1.0, 0.0])
    for _ in range(_STEPS):
        fitted = 1 / (1 + np.exp(-np.clip(columns @ weights, -30, 30)))
        slope = columns.T @ (wanted - fitted) - _RIDGE * (weights - (1.0, 0.0))
        curve = (columns * (fitted * (1 - fitted))[:, None]).T @ columns + _RIDGE * np.eye(2)
        step = np.linalg.solve(curve, slope)
        weights = weights + step
        if np.abs(step).max() < 1e-9:
            break
    if not (np.isfinite(weights).all() and 0 < weights[0] < 100 and abs(weights[1]) < 100):
        return SAME  # the probability does not tell right answers from wrong ones here
    return Scale(round(float(weights[0]), 4), round(float(weights[1]), 4))
