"""
Read evaluation sets: native JSONL, SQuAD files and BEIR folders.

Examples
--------
>>> from pathlib import Path
>>> from rag.evaluation.datasets import load
>>> load(Path("corpus/questions.jsonl")).format  # doctest: +SKIP
'native'

"""

from rag.evaluation.datasets.beir import load_beir
from rag.evaluation.datasets.convert import convert_nomiracl
from rag.evaluation.datasets.detection import load
from rag.evaluation.datasets.native import load_native
from rag.evaluation.datasets.squad import load_squad
from rag.evaluation.types import FORMATS, Dataset, DatasetError, Format, Passage, Question

__all__ = [
    # reading
    "load", "load_beir", "load_native", "load_squad",
    # converting
    "convert_nomiracl",
    # what comes of it
    "FORMATS", "Dataset", "DatasetError", "Format", "Passage", "Question",
]  # fmt: skip
