"""Convert sets of other formats into the native one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rag.evaluation.datasets._fields import read_records
from rag.evaluation.types import DatasetError
from rag.inference.weights.cache import write_text_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from rag.evaluation.datasets._fields import Record

_SUBSETS = {"relevant": True, "non_relevant": False}


def convert_nomiracl(source: Path, target: Path) -> int:
    """
    Convert the tasks of NoMIRACL into a native set, each question with its passages.

    NoMIRACL says whether the passages hold an answer, but not which answer: the set measures abstention alone.

    Parameters
    ----------
    source
        The file ``tasks.jsonl``.
    target
        The file to write. It is replaced as a whole, or left alone if anything is wrong with the source.

    Returns
    -------
    int
        Number of questions.

    Raises
    ------
    DatasetError
        The source is missing, empty or wrong (the message names file and line), or the target cannot be written.

    """
    cases: dict[str, dict[str, Any]] = {}
    for record in read_records(source):
        identifier = record.unused(record.text("query_id"), cases, field="query_id")
        cases[identifier] = {"id": identifier, **_case(record)}
    if not cases:
        raise DatasetError(f"The evaluation set {source} has no questions.", hint="Name NoMIRACL's tasks.jsonl.")
    lines = [json.dumps(case, ensure_ascii=False, allow_nan=False) + "\n" for case in cases.values()]
    try:
        if target.exists() and target.samefile(source):
            raise DatasetError(f"{target} is the set to convert.", hint="Name another file to write.")
        write_text_atomically(target, "".join(lines))
    except OSError as error:
        raise DatasetError(
            f"{target} cannot be written: {error.strerror}.", hint="Name a file in a folder that can be written to."
        ) from error
    return len(cases)


def _case(record: Record) -> dict[str, Any]:
    subset = record.text("subset")
    if subset not in _SUBSETS:
        raise record.wrong("subset", f"must be one of {', '.join(_SUBSETS)}")
    passages: dict[str, dict[str, str]] = {}
    for item in record.records("passages"):
        identifier = item.text("docid")
        passage = {"id": identifier, "title": item.optional_text("title"), "text": item.text("text")}
        passages.setdefault(identifier, passage)
    if not passages:
        raise record.wrong("passages", "is empty")
    return {
        "question": record.text("query"),
        "answerable": _SUBSETS[subset],
        "lang": "de",
        "passages": list(passages.values()),
    }
