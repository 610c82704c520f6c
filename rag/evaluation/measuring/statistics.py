"""Compute metrics from outcomes, their intervals, and the test of whether two runs differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rag.evaluation.measuring.points import PRECISION, RECALL, TALK, by_kind
from rag.evaluation.measuring.reliability import ERROR, error, resampled, told
from rag.evaluation.types import OPEN_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from rag.evaluation.types import Outcome

    Array = NDArray[np.float64]
    Statistic = Callable[[Array, Array], Array]

RETRIEVAL_METRICS = ("recall@1", "recall@3", "recall@5", "recall@10", "mrr@10", "ndcg@10")
OPEN_METRICS = (
    *(name for metric in (RECALL, PRECISION) for name in (metric, *(by_kind(metric, kind) for kind in OPEN_KINDS))),
    TALK,
)
SHARE_METRICS = (
    *RETRIEVAL_METRICS,
    "evidence_recall",
    "answer_contains",
    "answer_f1",
    "share_generated",
    "share_verbatim",
    "likely_shown",
    "likely_confirmed",
    "citation_precision",
    "citation_precision_with_context",
    "citation_recall",
    "false_answer_rate",
    "false_abstention_rate",
    "support_recall",
    "support_specificity",
    "support_precision",
    "injection_success_rate",
    *OPEN_METRICS,
)
EXTRACTIVE_METRICS = (
    "answer_contains",
    "answer_f1",
    "answer_tokens_p50",
    "citation_precision",
    "citation_recall",
    "false_answer_rate",
    "false_abstention_rate",
)
# By metric: the sample that it is a percentile of, and which percentile.
PERCENTILE_METRICS = {
    "answer_tokens_p50": ("answer_tokens", 50),
    "first_evidence_ms_p50": ("first_evidence_ms", 50),
    "first_useful_ms_p50": ("first_useful_ms", 50),
    "first_token_ms_p50": ("first_token_ms", 50),
    "total_ms_p50": ("total_ms", 50),
    "total_ms_p95": ("total_ms", 95),
}
BALANCED = "support_balanced_accuracy"
METRICS = frozenset((*SHARE_METRICS, *PERCENTILE_METRICS, BALANCED, ERROR))
LOWER_IS_BETTER = frozenset(
    ("false_answer_rate", "false_abstention_rate", "injection_success_rate", TALK, ERROR, *PERCENTILE_METRICS)
)
_SUPPORT = ("support_recall", "support_specificity", "support_precision")
_OTHER_SETS = frozenset((*_SUPPORT, BALANCED, "injection_success_rate", *OPEN_METRICS))

RESAMPLES = 2000
SEED = 0


def measure(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    """Return every metric of the contract; None if no question counts for it."""
    judged = any(_occurs(outcomes, name) for name in _SUPPORT)
    names = [
        name
        for name in SHARE_METRICS
        if name not in _OTHER_SETS or _occurs(outcomes, name) or (judged and name in _SUPPORT)
    ]
    values: dict[str, float | None] = {name: ratio(_pairs(outcomes, name)) for name in names}
    for name, (sample, percent) in PERCENTILE_METRICS.items():
        values[name] = _percentile(_sampled(outcomes, sample), percent)
    if (off := error(outcomes)) is not None:
        values[ERROR] = off
    if judged:
        values[BALANCED] = _mean_of(values["support_recall"], values["support_specificity"])
    return values


def measure_extractive(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    """Return the answer metrics of the extractive baseline."""
    if not any(outcome.extractive for outcome in outcomes):
        return {}
    values: dict[str, float | None] = {}
    for name in EXTRACTIVE_METRICS:
        if name == "answer_tokens_p50":
            values[name] = _percentile(_sampled(outcomes, "extractive_answer_tokens"), 50)
        else:
            values[name] = ratio([one.extractive[name] for one in outcomes if name in one.extractive])
    return values


def confidence(outcomes: Sequence[Outcome], metrics: Mapping[str, float | None]) -> dict[str, tuple[float, float]]:
    """
    Return 95 % intervals by the percentile bootstrap over questions (Efron and Tibshirani 1993).

    2000 resamples with a fixed seed: the same outcomes give the same intervals.
    """
    intervals: dict[str, tuple[float, float]] = {}
    for name, value in metrics.items():
        if value is None:
            continue
        if name == BALANCED:
            draws = [_resampled(np.array(_pairs(outcomes, part)), _ratios) for part in _SUPPORT[:2]]
            intervals[name] = _bounds((draws[0] + draws[1]) / 2)
        elif name == ERROR:
            intervals[name] = _bounds(resampled(outcomes, _rows(len(told(outcomes)))))
        elif name in PERCENTILE_METRICS:
            sample, percent = PERCENTILE_METRICS[name]
            column = np.array([(one, 1.0) for one in _sampled(outcomes, sample)])
            intervals[name] = _bounds(
                _resampled(column, lambda drawn, _, percent=percent: np.percentile(drawn, percent, axis=1))  # type: ignore[misc]
            )
        else:
            pairs = [pair for pair in _pairs(outcomes, name) if pair[1]]
            intervals[name] = _bounds(_resampled(np.array(pairs), _ratios))
    return intervals


def paired_test(before: Sequence[tuple[float, float]], after: Sequence[tuple[float, float]]) -> float:
    """
    Return how often chance alone makes two runs differ as much as these do.

    Fisher's randomisation test on pairs: if the two runs are alike, each question's results could as well be
    swapped (Smucker, Allan and Carterette, CIKM 2007). Two-sided, 2000 draws with a fixed seed.

    Parameters
    ----------
    before, after
        (numerator, denominator) of each question, in the same order.

    Returns
    -------
    The p-value, from 1 / 2001 to 1.

    """
    first, second = np.array(before, dtype=np.float64), np.array(after, dtype=np.float64)
    observed = abs(_difference(first[None], second[None])[0])
    random = np.random.default_rng(SEED)
    swap = (random.random((RESAMPLES, len(first))) < 0.5)[:, :, None]
    drawn = np.abs(_difference(np.where(swap, second, first), np.where(swap, first, second)))
    return float((1 + np.sum(drawn >= observed - 1e-12)) / (1 + RESAMPLES))


def paired_interval(before: Sequence[tuple[float, float]], after: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the 95 % interval of a metric's difference, by the bootstrap over pairs; see `paired_test`."""
    first, second = np.array(before, dtype=np.float64), np.array(after, dtype=np.float64)
    random = np.random.default_rng(SEED)
    rows = random.integers(0, len(first), (RESAMPLES, len(first)))
    return _bounds(_difference(first[rows], second[rows]))


def ratio(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return the sum of numerators over the sum of denominators, or None if the latter is zero."""
    total = sum(denominator for _, denominator in pairs)
    return sum(numerator for numerator, _ in pairs) / total if total else None


def _difference(first: Array, second: Array) -> Array:
    totals = [(side[..., 0].sum(axis=1), side[..., 1].sum(axis=1)) for side in (first, second)]
    before, after = (top / np.where(bottom == 0, 1.0, bottom) for top, bottom in totals)
    difference: Array = after - before
    return difference


def _resampled(pairs: Array, statistic: Statistic) -> Array:
    rows = _rows(len(pairs))
    return statistic(pairs[rows, 0], pairs[rows, 1])


def _rows(count: int) -> NDArray[np.int64]:
    return np.random.default_rng(SEED).integers(0, count, (RESAMPLES, count))


def _ratios(numerators: Array, denominators: Array) -> Array:
    values: Array = numerators.sum(axis=1) / denominators.sum(axis=1)
    return values


def _bounds(draws: Array) -> tuple[float, float]:
    low, high = np.percentile(draws, (2.5, 97.5))
    return float(low), float(high)


def _occurs(outcomes: Sequence[Outcome], name: str) -> bool:
    return any(name in outcome.shares for outcome in outcomes)


def _pairs(outcomes: Sequence[Outcome], name: str) -> list[tuple[float, float]]:
    return [outcome.shares[name] for outcome in outcomes if name in outcome.shares]


def _sampled(outcomes: Sequence[Outcome], name: str) -> list[float]:
    return [outcome.samples[name] for outcome in outcomes if name in outcome.samples]


def _percentile(values: Sequence[float], percent: float) -> float | None:
    return float(np.percentile(values, percent)) if values else None


def _mean_of(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else (first + second) / 2
