"""A run written down, that later runs are held to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rag.evaluation.comparison import compare, read, record, regressions
from rag.models.cache import write_text_atomically

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
        "questions": [{"id": one["id"], "cause": one["cause"], "shares": one["shares"]} for one in data["questions"]],
    }
    lines = [f"{json.dumps(key)}: {_value(key, value)}" for key, value in kept.items()]
    write_text_atomically(file, "{\n" + ",\n".join(lines) + "\n}\n")


def check_baseline(evaluation: Evaluation, file: Path) -> list[str]:
    """
    Return a line for each metric that is worse than the baseline by more than the paired test allows.

    Raises
    ------
    DatasetError
        The baseline cannot be read, or has no question in common with the run.

    """
    return regressions(compare(read(file), record(evaluation.to_json(), evaluation.set)))


def _value(key: str, value: Any) -> str:
    if key != "questions":
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    # A line for each question: a change of the baseline shows in a diff what changed.
    return "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False, sort_keys=True) for one in value) + "\n]"
