"""Optimiser settings of the small matrices beside the language model's own, the same for both trainings."""

from __future__ import annotations

WARM_UP = 15  # steps
DECAY = 0.01
BETAS = (0.9, 0.98)
LONGEST_STEP = 1.0
_LEAST = 0.02


def share_of_rate(step: int, steps: int) -> float:
    """Return the share of the learning rate at a step, counted from 0: it rises to 1, then falls linearly."""
    return min(1.0, (step + 1) / WARM_UP) * max(_LEAST, 1 - step / steps)
