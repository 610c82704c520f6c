"""
Deterministic evaluation of retrieval, answers and citations.

Importing it is quick, since pytest does so at each start: heavy modules are imported by the first call that needs them.

Examples
--------
>>> from rag.evaluation import evaluate  # doctest: +SKIP
>>> evaluate(rag, "corpus/questions.jsonl").metrics["answer_contains"]  # doctest: +SKIP

"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.evaluation.baseline import check_baseline, write_baseline
    from rag.evaluation.calibrating import Calibrating, calibrate
    from rag.evaluation.comparing import Comparison, compare
    from rag.evaluation.datasets import load
    from rag.evaluation.gates import Bound, check, parse_bound
    from rag.evaluation.measuring.support import evaluate_support
    from rag.evaluation.runner import SetRun, begin, evaluate
    from rag.evaluation.types import Dataset, DatasetError, Evaluation, Failure, Outcome, Passage, Question

_WHERE = {
    "rag.evaluation.baseline": ("check_baseline", "write_baseline"),
    "rag.evaluation.calibrating": ("Calibrating", "calibrate"),
    "rag.evaluation.comparing": ("Comparison", "compare"),
    "rag.evaluation.datasets": ("load",),
    "rag.evaluation.gates": ("Bound", "check", "parse_bound"),
    "rag.evaluation.measuring.support": ("evaluate_support",),
    "rag.evaluation.runner": ("SetRun", "begin", "evaluate"),
    "rag.evaluation.types": (
        "Dataset",
        "DatasetError",
        "Evaluation",
        "Failure",
        "Outcome",
        "Passage",
        "Question",
    ),
}
_MODULES = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "Bound",
    "Calibrating",
    "Comparison",
    "Dataset",
    "DatasetError",
    "Evaluation",
    "Failure",
    "Outcome",
    "Passage",
    "Question",
    "SetRun",
    "begin",
    "calibrate",
    "check",
    "check_baseline",
    "compare",
    "evaluate",
    "evaluate_support",
    "load",
    "parse_bound",
    "write_baseline",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'rag.evaluation' has no attribute {name!r}")
    value = getattr(importlib.import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
