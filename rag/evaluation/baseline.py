"""A run written down, that later runs are held to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rag.evaluation.comparison import compare, read, record, regressions
from rag.evaluation.types import DatasetError
from rag.inference.weights.cache import write_text_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from rag.evaluation.types import Evaluation


def write_baseline(evaluation: Evaluation, file: Path) -> None:
    """Write what later runs are compared with: figures and results by question, no timings and no texts."""
    data = evaluation.to_json()
    kept: dict[str, Any] = {
        "set": data["set"],
        "n": data["n"],
        "metrics": {name: value for name, value in data["metrics"].items() if "_ms_" not in name},
        "fingerprints": data["fingerprints"],
        "questions": [{name: one[name] for name in ("id", "question", "cause", "shares")} for one in data["questions"]],
    }
    lines = [f"{json.dumps(key)}: {_value(key, value)}" for key, value in kept.items()]
    try:
        write_text_atomically(file, "{\n" + ",\n".join(lines) + "\n}\n")
    except OSError as error:
        raise DatasetError(f"The baseline {file} cannot be written: {error.strerror}.") from error


def check_baseline(evaluation: Evaluation, file: Path, *, sampled: bool = False) -> list[str]:
    """
    Return a line for each metric that is worse than the baseline by more than the paired test allows.

    A metric that has no cases any more is one, and so are questions that are no longer asked, unless only a
    sample was asked (``sampled``): a baseline must not pass because nothing was compared.

    Raises
    ------
    DatasetError
        The baseline cannot be read, or has no question in common with the run.

    """
    before, after = read(file), record(evaluation.to_json(), evaluation.set)
    comparison = compare(before, after)
    broken = regressions(comparison)
    unasked = [id_ for id_ in comparison.missing if id_ in before.shares]
    if unasked and not sampled:
        broken.append(f"{len(unasked)} questions of the baseline were not asked, {unasked[0]!r} first")
    asked = before.shares.keys() - set(unasked)
    compared = {one.metric for one in comparison.differences}
    vanished = {name for id_ in asked for name, (_, total) in before.shares[id_].items() if total} - compared
    return broken + [f"{name} is in the baseline, but has no cases now" for name in sorted(vanished)]


def _value(key: str, value: Any) -> str:
    if key != "questions":
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    # A line for each question: a change of the baseline shows in a diff what changed.
    return "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False, sort_keys=True) for one in value) + "\n]"
