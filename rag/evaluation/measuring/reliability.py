"""How well the confidence of answers agrees with how often they are right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rag.evaluation.types import ReliabilityBin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rag.evaluation.types import Outcome

ERROR = "expected_calibration_error"
CONFIDENCE = "confidence"
"""Name of the sample."""
BINS = 10


def told(outcomes: Sequence[Outcome]) -> list[tuple[float, bool]]:
    """Return the confidence of each answer that has one, and whether the answer went well."""
    return [(one.samples[CONFIDENCE], one.cause is None) for one in outcomes if CONFIDENCE in one.samples]


def reliability(outcomes: Sequence[Outcome]) -> tuple[ReliabilityBin, ...]:
    """Return the reliability curve: answers in ten bins of equal width by confidence, without empty bins."""
    pairs = told(outcomes)
    binned = [[pair for pair in pairs if _bin(pair[0]) == number] for number in range(BINS)]
    return tuple(
        ReliabilityBin(
            sum(confidence for confidence, _ in held) / len(held),
            sum(right for _, right in held) / len(held),
            len(held),
        )
        for held in binned
        if held
    )


def error(outcomes: Sequence[Outcome]) -> float | None:
    """Return the mean gap between a bin's confidence and its share of right answers, over answers; None without any."""
    curve = reliability(outcomes)
    count = sum(one.count for one in curve)
    return sum(abs(one.confidence - one.right) * one.count for one in curve) / count if count else None


def resampled(outcomes: Sequence[Outcome], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the error of samples of the answers with a confidence; ``rows`` has their numbers, one sample per row."""
    pairs = told(outcomes)
    excess = np.array([confidence - right for confidence, right in pairs])
    bins = np.array([_bin(confidence) for confidence, _ in pairs])
    total: NDArray[np.float64] = np.zeros(len(rows))
    for number in np.unique(bins):
        total += np.abs(np.where(bins == number, excess, 0.0)[rows].sum(axis=1))
    mean: NDArray[np.float64] = total / rows.shape[1]
    return mean


def _bin(confidence: float) -> int:
    return min(int(confidence * BINS), BINS - 1)
