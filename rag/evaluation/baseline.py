"""Write a run down as a baseline, and hold later runs to it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rag.evaluation.comparing import compare, made_elsewhere, read, record, regressions
from rag.evaluation.measuring.statistics import RETRIEVAL_METRICS, SHARE_METRICS
from rag.evaluation.types import DatasetError
from rag.inference.weights.cache import write_text_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from rag.evaluation.types import Evaluation

_WITHOUT_MODEL = (*RETRIEVAL_METRICS, "evidence_recall")


def write_baseline(evaluation: Evaluation, file: Path) -> None:
    """
    Write what later runs are compared with: metrics, results by question, and what they rest on.

    Timings are left out. The only texts are the questions and the few words that the language model answered with.
    """
    data = evaluation.to_json()
    kept: dict[str, Any] = {
        "set": data["set"],
        "n": data["n"],
        "metrics": {name: value for name, value in data["metrics"].items() if "_ms_" not in name},
        "fingerprints": data["fingerprints"],
        "settings": data["settings"],
        "documents": data["documents"],
        "questions": [
            {name: one[name] for name in ("id", "question", "cause", "shares", "basis")} for one in data["questions"]
        ],
    }
    lines = [f"{json.dumps(key)}: {_value(key, value)}" for key, value in kept.items()]
    try:
        write_text_atomically(file, "{\n" + ",\n".join(lines) + "\n}\n")
    except OSError as error:
        raise DatasetError(f"The baseline {file} cannot be written: {error.strerror}.") from error


def check_baseline(evaluation: Evaluation, file: Path, *, sampled: bool = False) -> list[str]:
    """
    Return a line for each metric that is worse than the baseline by more than the paired test allows.

    A metric that no longer has cases also gets a line, and so do questions that are no longer asked, unless only a
    sample was asked (``sampled``): a baseline must not pass because nothing was compared. If the baseline was made on
    another kind of machine, only search and evidence are compared, see `limits_of_baseline`.

    Raises
    ------
    DatasetError
        The baseline cannot be read, or has no question in common with the run.

    """
    before, after = read(file), record(evaluation.to_json(), evaluation.set)
    comparison = compare(before, after)
    held = frozenset(_WITHOUT_MODEL if made_elsewhere(before, after) else SHARE_METRICS)
    broken = regressions(replace(comparison, differences=tuple(d for d in comparison.differences if d.metric in held)))
    unasked = [id_ for id_ in comparison.missing if id_ in before.results]
    if unasked and not sampled:
        broken.append(f"{len(unasked)} questions of the baseline were not asked, {unasked[0]!r} first")
    asked = before.results.keys() - set(unasked)
    compared = {one.metric for one in comparison.differences}
    counted = {name for id_ in asked for name, (_, total) in before.results[id_].shares.items() if total}
    vanished = (counted & held) - compared
    return broken + [f"{name} is in the baseline, but has no cases now" for name in sorted(vanished)]


def limits_of_baseline(evaluation: Evaluation, file: Path) -> list[str]:
    """
    Return a line for each limit on what can be compared with a baseline.

    Raises
    ------
    DatasetError
        The baseline cannot be read.

    """
    before, after = read(file), record(evaluation.to_json(), evaluation.set)
    if elsewhere := made_elsewhere(before, after):
        compared = "search and evidence are compared, answers are not"
        return [f"{file} was made on another kind of machine ({elsewhere}), which may answer otherwise: {compared}."]
    if before.is_of_older_version:
        return [f"{file} was written by an older version, which did not say on what kind of machine: all is compared."]
    return []


def _value(key: str, value: Any) -> str:
    if key != "questions":
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    # One line per question, so that a diff of the baseline shows which questions changed.
    return "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False, sort_keys=True) for one in value) + "\n]"
