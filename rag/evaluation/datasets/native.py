"""Read sets in the format of this project: one JSON object per line."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from rag.evaluation.datasets._fields import Record, read_records
from rag.evaluation.types import OPEN_KINDS, Dataset, DatasetError, KeyPoint, Passage, PointQuote, Question
from rag.kinds.types import KINDS

if TYPE_CHECKING:
    from pathlib import Path

    from rag.kinds.types import Kind


def load_native(file: Path) -> Dataset:
    """
    Read a set in the native format: one JSON object per line.

    A line that breaks off, as in a feedback file whose writer was killed, is left out; the log says so.

    Raises
    ------
    DatasetError
        The file is missing or empty, or a line is not a case; the message names file and line.

    """
    questions: dict[str, Question] = {}
    for record in read_records(file, halves=True):
        question = _question(record)
        questions[record.unused(question.id, questions, field="id")] = question
    if not questions:
        raise DatasetError(f"The evaluation set {file} has no questions.", hint="Write one JSON object a line.")
    return Dataset(file.name, "native", tuple(questions.values()))


def check_row(data: dict[str, Any], where: str) -> Question:
    """
    Read one case, as `load_native` would read it from a line.

    Parameters
    ----------
    data
        The line's JSON object.
    where
        What error messages call it.

    Raises
    ------
    DatasetError
        It is not a case.

    """
    return _question(Record(data, where))


def _question(record: Record) -> Question:
    question = Question(
        id=record.identifier("id"),
        question=record.text("question"),
        answers=record.texts("answers"),
        answers_all=record.texts("answers_all"),
        forbidden=record.texts("forbidden"),
        sources=record.identifiers("sources"),
        gold_quotes=record.texts("gold_quotes"),
        answerable=record.truth("answerable", default=True),
        history=_history(record),
        filter=_filter(record),
        passages=_passages(record),
        injection=record.optional_text("injection"),
        kind=_kind(record),
        key_points=_key_points(record),
        where=record.where,
    )
    if question.injection and not any(question.injection in passage.text for passage in question.passages):
        raise record.wrong("injection", "stands in none of its 'passages'", hint="Insert it exactly.")
    if question.passages:
        _check_gold(question, record)
    elif question.answerable and not (
        question.gold or question.forbidden or question.gold_quotes or question.key_points or question.seeks_nothing
    ):
        raise DatasetError(
            f"{record.where}: an answerable question needs 'answers' or 'answers_all', 'forbidden', 'gold_quotes' or "
            "'key_points'.",
            hint="Give one, or set 'answerable' to false.",
        )
    return question


def _kind(record: Record) -> Kind | Literal[""]:
    name = record.optional_text("kind")
    if record.data.get("key_points") and name not in OPEN_KINDS:
        raise record.wrong(
            "kind", f"is {name!r}; a question with key points is one of: {', '.join(OPEN_KINDS)}", hint="Name its kind."
        )
    # Sets may sort their questions by labels of their own.
    return next((kind for kind in KINDS if kind == name), "")


def _key_points(record: Record) -> tuple[KeyPoint, ...]:
    points: list[KeyPoint] = []
    for item in record.records("key_points") if record.data.get("key_points") is not None else ():
        quotes = [PointQuote(one.identifier("path"), one.text("quote")) for one in _listed(item, "quotes")]
        point = KeyPoint(item.texts("answers"), tuple(quotes))
        if not (point.answers or point.quotes):
            raise item.wrong("answers", "is empty, and so is 'quotes'", hint="Say by what the point is known.")
        points.append(point)
    if points and not record.truth("answerable", default=True):
        raise record.wrong("key_points", "belong to answerable questions only", hint="Leave them out.")
    return tuple(points)


def _listed(record: Record, name: str) -> list[Record]:
    return record.records(name) if name in record.data else []


def _check_gold(question: Question, record: Record) -> None:
    # Answers may be missing: if people judged only passages, abstention can still be measured.
    known = {passage.id: passage.text for passage in question.passages}
    for source in question.sources:
        if source not in known:
            raise record.wrong("sources", f"names {source!r}, which is none of its 'passages'")
    texts = [known[source] for source in question.sources] or list(known.values())
    for position, quote in enumerate(question.gold_quotes):
        if not any(quote in text for text in texts):
            raise record.wrong(
                f"gold_quotes[{position}]", "does not occur in the passages it is from", hint="Quote exactly."
            )
    for number, point in enumerate(question.key_points):
        for position, one in enumerate(point.quotes):
            if one.quote not in known.get(one.path, ""):
                raise record.wrong(
                    f"key_points[{number}].quotes[{position}]",
                    f"does not occur in the passage {one.path!r}",
                    hint="Quote exactly.",
                )


def _passages(record: Record) -> tuple[Passage, ...]:
    passages: dict[str, Passage] = {}
    for item in record.records("passages") if record.data.get("passages") is not None else ():
        identifier = item.unused(item.identifier("id"), passages, field="id")
        passages[identifier] = Passage(identifier, item.optional_text("title"), item.text("text"), item.where)
    return tuple(passages.values())


def _history(record: Record) -> tuple[tuple[str, str], ...]:
    turns = record.data.get("history")
    turns = [] if turns is None else turns
    pairs = isinstance(turns, list) and all(
        isinstance(turn, list) and len(turn) == 2 and all(isinstance(text, str) for text in turn) for turn in turns
    )
    if not pairs:
        raise record.wrong("history", "must be a list of [question, answer] pairs")
    return tuple((question, answer) for question, answer in turns)


def _filter(record: Record) -> tuple[tuple[str, str], ...]:
    given = record.data.get("filter")
    if given is None:
        return ()
    if not isinstance(given, dict) or not {"source", "since", "until"} >= set(given):
        raise record.wrong("filter", "may have 'source', 'since' and 'until' only")
    for key, value in given.items():
        if not isinstance(value, str):
            raise record.wrong(f"filter.{key}", "must be a text")
    for key in ("since", "until"):
        if key in given and not _is_date(given[key]):
            raise record.wrong(f"filter.{key}", "is not a date", hint="Write it as YYYY-MM-DD.")
    return tuple(given.items())


def _is_date(text: str) -> bool:
    try:
        # Dates are compared as texts, so no other notation of ISO 8601 is accepted.
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
