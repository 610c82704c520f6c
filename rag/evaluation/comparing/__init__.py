"""Two runs of one set side by side: what got better, what worse, and why."""

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
