"""Render the report as GitHub flavoured Markdown, small enough for a job summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.evaluation.report.causes import CAUSES, count_causes
from rag.evaluation.report.cells import escaped, table
from rag.evaluation.report.wording import (
    answer_of,
    compare_with_baseline,
    interval_of,
    joined,
    percent,
    value_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.evaluation.types import Evaluation, Outcome

_MOST_FAILURES = 200
_MOST_BYTES = 400_000  # GitHub drops a job summary above 1 MiB, and a hostile text grows sixfold when it is escaped
_LONGEST_NAME = 80


def render_markdown(evaluation: Evaluation) -> str:
    """Return the report as Markdown."""
    failed = [outcome for outcome in evaluation.outcomes if outcome.cause is not None]
    parts = [
        f"# Evaluation: {escaped(evaluation.set, _LONGEST_NAME)}, n = {evaluation.n}",
        f"Read as {escaped(evaluation.format, _LONGEST_NAME)}. {len(failed)} of {evaluation.n} questions failed.",
        _metrics(evaluation),
        compare_with_baseline(evaluation).replace("answer_contains", "`answer_contains`"),
        *(["## Confidence", _reliability(evaluation)] if evaluation.reliability else []),
        "## Causes",
        _causes(evaluation) if failed else "No question failed.",
        *(["## Failures", _failures(failed)] if failed else []),
        *(["## Fingerprints", _fingerprints(evaluation)] if evaluation.fingerprints else []),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _metrics(evaluation: Evaluation) -> str:
    compared = bool(evaluation.extractive)
    rows = []
    for name, value in evaluation.metrics.items():
        row = [f"`{name}`", value_of(name, value), interval_of(name, evaluation)]
        rows.append([*row, value_of(name, evaluation.extractive.get(name))] if compared else row)
    heads = ["metric", "value", "95 % interval", *(["extractive baseline"] if compared else [])]
    return table(heads, rows, "-" + ":" * (len(heads) - 1))


def _reliability(evaluation: Evaluation) -> str:
    rows = [[f"{one.confidence:.2f}", f"{one.right:.2f}", str(one.count)] for one in evaluation.reliability]
    return table(["mean confidence of the answers", "share that is right", "n"], rows, ":::")


def _causes(evaluation: Evaluation) -> str:
    counts = count_causes(evaluation)
    rows = [
        [f"`{cause}`", str(count), percent(count, sum(counts.values())), CAUSES[cause].meaning, CAUSES[cause].look_at]
        for cause, count in sorted(counts.items(), key=lambda pair: -pair[1])
    ]
    return table(["cause", "n", "of failures", "what it means", "what to fix next"], rows, "-::--")


def _failures(failed: Sequence[Outcome]) -> str:
    rows: list[list[str]] = []
    size = 0
    for outcome in failed[:_MOST_FAILURES]:
        row = [
            escaped(outcome.id, _LONGEST_NAME),
            f"`{outcome.cause}`",
            escaped(outcome.question),
            escaped(joined(outcome.gold)),
            escaped(answer_of(outcome)),
        ]
        size += sum(len(cell.encode()) for cell in row)
        if size > _MOST_BYTES:
            break
        rows.append(row)
    listed = table(["id", "cause", "question", "gold", "answer"], rows, "-----")
    missing = len(failed) - len(rows)
    return f"{listed}\n\n{missing} more are left out here; `report.html` has them all." if missing else listed


def _fingerprints(evaluation: Evaluation) -> str:
    rows = [[escaped(name, _LONGEST_NAME), escaped(value)] for name, value in evaluation.fingerprints.items()]
    return table(["of", "fingerprint"], rows, "--")
