"""Compare two runs of one set: what got better, what got worse, and why."""

from rag.evaluation.comparing.changes import Change
from rag.evaluation.comparing.comparison import Comparison, Difference, compare, made_elsewhere, regressions
from rag.evaluation.comparing.recorded import Recorded, read, record

__all__ = [
    "Change",
    "Comparison",
    "Difference",
    "Recorded",
    "compare",
    "made_elsewhere",
    "read",
    "record",
    "regressions",
]
