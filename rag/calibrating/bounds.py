"""
What a count of wrong answers says about the share that is wrong in the long run: exact binomial bounds.

Clopper and Pearson, Biometrika 26 (1934). The counts are small, so that no approximation is needed.
"""

from __future__ import annotations

import math

_HALVINGS = 50  # halvings of the interval from 0 to 1: to 15 digits


def chance_of_so_few(wrong: int, shown: int, share: float) -> float:
    """Return the probability of at most ``wrong`` wrong answers among those shown, if ``share`` of all are wrong."""
    if share <= 0 or wrong >= shown:
        return 1.0
    if share >= 1 or wrong < 0:
        return 0.0
    yes, no = math.log(share), math.log1p(-share)
    every = math.lgamma(shown + 1)
    return min(
        1.0,
        math.fsum(
            math.exp(
                every - math.lgamma(count + 1) - math.lgamma(shown - count + 1) + count * yes + (shown - count) * no
            )
            for count in range(wrong + 1)
        ),
    )


def upper_bound(wrong: int, shown: int, confidence: float) -> float:
    """
    Return the highest share of wrong answers with which a count as low as ``wrong`` is still compatible.

    Parameters
    ----------
    wrong, shown
        Numbers of answers, ``0 <= wrong <= shown``.
    confidence
        From 0.5 and below 1: whatever the true share is, the bound is below it in at most ``1 - confidence`` of samples.

    Returns
    -------
    From 0 to 1; 1 if nothing was shown, or nothing right.

    """
    if wrong >= shown:
        return 1.0
    low, high = wrong / shown, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if chance_of_so_few(wrong, shown, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def fewest(risk: float, confidence: float) -> int:
    """Return the least number of answers, none of them wrong, that is needed to keep a risk."""
    # The quotient is a whole number in some cases, but its rounded value may not be.
    count = max(1, math.ceil(math.log(1 - confidence) / math.log1p(-risk) - 1e-9))
    return count if upper_bound(0, count, confidence) <= risk else count + 1
