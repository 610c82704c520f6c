"""Wording of an evaluation's figures and texts, shared by all reports."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from index.printable import lines

if TYPE_CHECKING:
    from rag.evaluation.types import Evaluation, Outcome

NONE = "–"
# Characters that XML 1.0 does not allow, including lone surrogates, which UTF-8 does not allow either.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COMPARED = "answer_contains"


def printable(text: str) -> str:
    """Return the text without the characters that XML 1.0 and UTF-8 do not allow, and fit for a terminal."""
    return lines(_FORBIDDEN.sub("", text).replace("\r\n", "\n"))


def one_line(text: str, limit: int | None = None) -> str:
    """Return the text in one line, cut off after ``limit`` characters."""
    line = " ".join(printable(text).split())
    return line if limit is None or len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def joined(texts: tuple[str, ...], otherwise: str = NONE) -> str:
    """Return several texts as one, for places without room for a list."""
    return " · ".join(texts) or otherwise


def answer_of(outcome: Outcome) -> str:
    """Return the answer as a text, whether there was one or not."""
    if outcome.answer is None:
        return NONE
    return outcome.answer or ("(abstained)" if outcome.abstained else "(empty)")


def value_of(name: str, value: float | None) -> str:
    """Return a metric's value: milliseconds and counts are whole or nearly so, shares have three decimals."""
    if value is None or not math.isfinite(value):
        return NONE
    if "_ms" in name:
        return f"{value:.0f} ms"
    return f"{value:.1f}" if "tokens" in name else f"{value:.3f}"


def interval_of(name: str, evaluation: Evaluation) -> str:
    """Return the 95 % interval of a metric."""
    if evaluation.metrics.get(name) is None or name not in evaluation.confidence:
        return NONE
    low, high = (value_of(name, bound) for bound in evaluation.confidence[name])
    return NONE if NONE in {low, high} else f"{low.removesuffix(' ms')} to {high}"


def percent(part: int, whole: int) -> str:
    """Return a share in whole percent."""
    return f"{100 * part / whole:.0f} %" if whole else NONE


def compare_with_baseline(evaluation: Evaluation) -> str:
    """Return a sentence or two on whether the pipeline beats quoting the best evidence sentence; empty if unknown."""
    ours, baseline = evaluation.metrics.get(_COMPARED), evaluation.extractive.get(_COMPARED)
    if ours is None or baseline is None or not (math.isfinite(ours) and math.isfinite(baseline)):
        return ""
    figures = f"{_COMPARED} {ours:.3f} against {baseline:.3f}"
    if math.isclose(ours, baseline):
        return f"The pipeline does no better than the extractive baseline: {figures}.{_split(evaluation)}"
    low, high = evaluation.confidence.get(_COMPARED, (ours, ours))
    verdict = "beats" if ours > baseline else "does not beat"
    doubt = " The baseline lies within the 95 % interval, so this may be chance." if low <= baseline <= high else ""
    return f"The pipeline {verdict} the extractive baseline: {figures}.{doubt}{_split(evaluation)}"


def _split(evaluation: Evaluation) -> str:
    pairs = [
        (outcome.shares[_COMPARED][0], outcome.extractive[_COMPARED][0])
        for outcome in evaluation.outcomes
        if _COMPARED in outcome.shares and _COMPARED in outcome.extractive
    ]
    if not pairs:
        return ""
    ahead, behind = (sum(ours > theirs for ours, theirs in pairs), sum(ours < theirs for ours, theirs in pairs))
    return f" The pipeline alone is right on {ahead}, the baseline alone on {behind} of {len(pairs)}."
