"""What an earlier run keeps for a later one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.evaluation.comparing.recorded import load_json
from rag.evaluation.traces import Reply
from rag.evaluation.types import DatasetError

if TYPE_CHECKING:
    from pathlib import Path


def replies_of(file: Path) -> dict[str, Reply]:
    """
    Return the model's replies in what `rag eval --json` printed, or in a baseline, by their keys.

    There are none where an older version wrote the file.

    Raises
    ------
    DatasetError
        It is something else; names the file.

    """
    data = load_json(file)
    try:
        found = [Reply.of_json(one) for question in data["questions"] for one in _written(question)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DatasetError(
            f"{file} is no evaluation with results by question.", hint="Write one with `rag eval SET --json > FILE`."
        ) from error
    return {reply.key: reply for reply in found}


def _written(question: dict[str, dict[str, list[object]]]) -> list[object]:
    return question.get("basis", {}).get("replies", [])
