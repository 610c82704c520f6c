"""Read the replies that an earlier run recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.evaluation.comparing.recorded import load_json
from rag.evaluation.traces import Reply
from rag.evaluation.types import DatasetError

if TYPE_CHECKING:
    from pathlib import Path


def replies_of(file: Path) -> dict[str, Reply]:
    """
    Return the model's replies, by key, from the output of `rag eval --json` or from a baseline.

    There are none if an older version wrote the file.

    Raises
    ------
    DatasetError
        The file is something else; the message names it.

    """
    data = load_json(file)
    try:
        found = [Reply.of_json(one) for question in data["questions"] for one in _written(question)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DatasetError(
            f"{file} is not an evaluation with results for each question.",
            hint="Write one with `rag eval SET --json > FILE`.",
        ) from error
    return {reply.key: reply for reply in found}


def _written(question: dict[str, dict[str, list[object]]]) -> list[object]:
    return question.get("basis", {}).get("replies", [])
