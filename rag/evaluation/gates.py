"""Bounds on metrics that a build must keep."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from index.errors import RagError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Bound:
    """A metric that must not be below (``min``) or above (``max``) a value."""

    metric: str
    kind: Literal["min", "max"]
    value: float


def parse_bound(text: str, kind: Literal["min", "max"], known: frozenset[str]) -> Bound:
    """
    Read ``METRIC=VALUE``.

    Raises
    ------
    RagError
        The text has another form, or there is no such metric.

    """
    metric, sign, value = text.partition("=")
    try:
        number = float(value)
    except ValueError:
        sign = ""
        number = 0.0
    if not sign or not math.isfinite(number):
        raise RagError(f"--{kind} {text} cannot be read.", hint=f"Write it as --{kind} answer_contains=0.75.")
    if metric not in known:
        raise RagError(f"There is no metric {metric!r}.", hint=f"There are: {', '.join(sorted(known))}.")
    return Bound(metric, kind, number)


def check(metrics: Mapping[str, float | None], bounds: list[Bound]) -> list[str]:
    """Return a line for each bound that does not hold; a metric without cases fails its bound."""
    broken: list[str] = []
    for bound in bounds:
        value = metrics.get(bound.metric)
        if value is None:
            broken.append(f"{bound.metric} has no cases in this set, so its bound {bound.value:g} cannot hold")
        elif bound.kind == "min" and value < bound.value:
            broken.append(f"{bound.metric} is {value:.3f}, below {bound.value:g}")
        elif bound.kind == "max" and value > bound.value:
            broken.append(f"{bound.metric} is {value:.3f}, above {bound.value:g}")
    return broken


def measured(metrics: Mapping[str, float | None], bounds: list[Bound]) -> tuple[list[Bound], list[str]]:
    """Return the bounds except those on times that were not measured, as nothing was asked anew, and these metrics."""
    times = {bound.metric for bound in bounds if "_ms_" in bound.metric and metrics.get(bound.metric) is None}
    return [bound for bound in bounds if bound.metric not in times], sorted(times)
