"""Read evaluation sets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.errors import RagError

if TYPE_CHECKING:
    from pathlib import Path


class DatasetError(RagError):
    """An evaluation set cannot be used; names the file and the line."""


@dataclass(frozen=True, slots=True)
class Question:
    """
    One case of an evaluation set.

    Parameters
    ----------
    id, question
        As in the set.
    answers
        Any of these makes an answer right.
    answers_all
        All of these are needed.
    forbidden
        None of these may occur.
    sources
        Paths of the documents that hold the answer.
    gold_quotes
        Passages of those documents that carry it.
    answerable
        Whether the documents hold the answer at all.
    history
        Earlier (question, answer) pairs.
    filter
        ``source`` and ``since``, see `rag.types.Filter`.

    """

    id: str
    question: str
    answers: tuple[str, ...] = ()
    answers_all: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    gold_quotes: tuple[str, ...] = ()
    answerable: bool = True
    history: tuple[tuple[str, str], ...] = ()
    filter: tuple[tuple[str, str], ...] = ()

    @property
    def gold(self) -> tuple[str, ...]:
        """All strings an answer is compared with."""
        return self.answers or self.answers_all


def load_native(file: Path) -> list[Question]:
    """
    Read a set in the native format: one JSON object a line.

    Raises
    ------
    DatasetError
        The file is missing or empty, or a line is not a case; names file and line.

    """
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError as error:
        raise DatasetError(f"There is no evaluation set {file}.", hint="Name a .jsonl file.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"The evaluation set {file} cannot be read: {error}.") from error
    questions: dict[str, Question] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        question = _parse(line, f"{file}:{number}")
        if question.id in questions:
            raise DatasetError(f"{file}:{number}: the id {question.id!r} was used before.", hint="Give each its own.")
        questions[question.id] = question
    if not questions:
        raise DatasetError(f"The evaluation set {file} has no questions.", hint="Write one JSON object a line.")
    return list(questions.values())


def _parse(line: str, where: str) -> Question:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise DatasetError(f"{where}: not JSON ({error}).") from error
    if not isinstance(data, dict):
        raise DatasetError(f"{where}: not a JSON object.")
    for field in ("id", "question"):
        if not isinstance(data.get(field), str) or not data[field].strip():
            raise DatasetError(f"{where}: the field {field!r} is missing or no text.")
    if "passages" in data:
        raise DatasetError(f"{where}: questions with passages of their own are not supported yet.")
    answerable = data.get("answerable", True)
    if not isinstance(answerable, bool):
        raise DatasetError(f"{where}: the field 'answerable' must be true or false.")
    question = Question(
        data["id"],
        data["question"],
        _strings(data, "answers", where),
        _strings(data, "answers_all", where),
        _strings(data, "forbidden", where),
        _strings(data, "sources", where),
        _strings(data, "gold_quotes", where),
        answerable,
        _history(data, where),
        _filter(data, where),
    )
    if answerable and not question.gold:
        raise DatasetError(f"{where}: an answerable question needs 'answers' or 'answers_all'.")
    return question


def _strings(data: dict[str, Any], field: str, where: str) -> tuple[str, ...]:
    values = data.get(field, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise DatasetError(f"{where}: the field {field!r} must be a list of texts.")
    return tuple(values)


def _history(data: dict[str, Any], where: str) -> tuple[tuple[str, str], ...]:
    turns = data.get("history", [])
    pairs = isinstance(turns, list) and all(
        isinstance(turn, list) and len(turn) == 2 and all(isinstance(text, str) for text in turn) for turn in turns
    )
    if not pairs:
        raise DatasetError(f"{where}: the field 'history' must be a list of [question, answer] pairs.")
    return tuple((question, answer) for question, answer in turns)


def _filter(data: dict[str, Any], where: str) -> tuple[tuple[str, str], ...]:
    given = data.get("filter") or {}
    if not isinstance(given, dict) or not {"source", "since"} >= set(given):
        raise DatasetError(f"{where}: the field 'filter' may have 'source' and 'since' only.")
    return tuple((key, str(value)) for key, value in given.items())
