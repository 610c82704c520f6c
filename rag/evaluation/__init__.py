"""
Deterministic evaluation of retrieval, answers and citations.

Examples
--------
>>> from rag.evaluation import evaluate  # doctest: +SKIP
>>> evaluate(rag, "corpus/questions.jsonl").metrics["answer_contains"]  # doctest: +SKIP

"""

from rag.evaluation.datasets import Question, load_native
from rag.evaluation.gates import Bound, check, parse_bound
from rag.evaluation.runner import Evaluation, Failure, evaluate

__all__ = ["Bound", "Evaluation", "Failure", "Question", "check", "evaluate", "load_native", "parse_bound"]
