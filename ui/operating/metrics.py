"""Metrics for Prometheus: number of questions, how they ended, how long the stages took; they contain no text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from ui.operating.attending import OUTCOMES, STAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.operating.attending import Asked

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0)


class Metrics:
    """
    The metrics of one app.

    Parameters
    ----------
    under_way, waiting
        How many questions are under way, and how many of these wait for the language model.
    ready
        Whether questions can be answered.

    """

    def __init__(self, *, under_way: Callable[[], int], waiting: Callable[[], int], ready: Callable[[], bool]) -> None:
        self._registry = CollectorRegistry()
        self._questions = Counter(
            "quellentreu_questions", "Questions, by how they ended.", ["outcome"], registry=self._registry
        )
        self._seconds = Histogram(
            "quellentreu_stage_seconds",
            "Seconds of a question, by stage.",
            ["stage"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        for outcome in OUTCOMES:
            self._questions.labels(outcome)
        for stage in STAGES:
            self._seconds.labels(stage)
        process = psutil.Process()
        for name, words, value in (
            ("questions_under_way", "Questions under way.", under_way),
            ("questions_waiting", "Questions that wait for the language model.", waiting),
            ("ready", "1 where questions can be answered.", ready),
            ("memory_bytes", "Memory of the process.", lambda: process.memory_info().rss),
        ):
            Gauge(f"quellentreu_{name}", words, registry=self._registry).set_function(_number(value))

    def count(self, asked: Asked) -> None:
        """Count a question that has ended."""
        self._questions.labels(asked.outcome).inc()
        for stage, seconds in asked.seconds.items():
            self._seconds.labels(stage).observe(seconds)

    def page(self) -> bytes:
        """Return the metrics in the text format of Prometheus."""
        return generate_latest(self._registry)


def _number(value: Callable[[], int | bool]) -> Callable[[], float]:
    return lambda: float(value())
