"""Calibrate the probability of `rag.grounding.answerability` for questions of a certain kind."""

from __future__ import annotations

import math
from dataclasses import dataclass

_EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line through log-odds (Platt 1999), which keeps the order of answers; the default changes nothing."""

    slope: float = 1.0
    offset: float = 0.0

    def of(self, chance: float) -> float:
        """Return the calibrated probability."""
        if self == SAME:
            return chance
        return 1 / (1 + math.exp(-(self.slope * log_odds(chance) + self.offset)))


def log_odds(chance: float) -> float:
    """Return the log-odds of a probability, kept finite."""
    kept = min(max(chance, _EDGE), 1 - _EDGE)
    return math.log(kept / (1 - kept))


SAME = Scale()
