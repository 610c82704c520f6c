"""
Deterministic evaluation of retrieval, answers and citations.

Examples
--------
>>> from rag.evaluation import evaluate  # doctest: +SKIP
>>> evaluate(rag, "corpus/questions.jsonl").metrics["answer_contains"]  # doctest: +SKIP

"""

from rag.evaluation.baseline import check_baseline, write_baseline
from rag.evaluation.comparison import Comparison, compare
from rag.evaluation.datasets import load
from rag.evaluation.gates import Bound, check, parse_bound
from rag.evaluation.measuring.support import evaluate_support
from rag.evaluation.runner import evaluate
from rag.evaluation.types import Dataset, DatasetError, Evaluation, Failure, Outcome, Passage, Question

__all__ = [
    "Bound",
    "Comparison",
    "Dataset",
    "DatasetError",
    "Evaluation",
    "Failure",
    "Outcome",
    "Passage",
    "Question",
    "check",
    "check_baseline",
    "compare",
    "evaluate",
    "evaluate_support",
    "load",
    "parse_bound",
    "write_baseline",
]
