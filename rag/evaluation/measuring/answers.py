"""Keep answers between runs, so that an interrupted evaluation continues where it stopped."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from rag.evaluation.fingerprints import code_fingerprint
from rag.evaluation.traces import Trace
from rag.inference.weights.cache import cache_folder
from rag.types.answers import ANSWERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from rag.evaluation.types import Question
    from rag.types import Answer

_BUSY_SECONDS = 30
_FORM = 3  # version of a row's format: rows of an older version are not found


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, and what happened while it was made."""

    answer: Answer
    trace: Trace = field(default_factory=Trace)


_TRACES: TypeAdapter[Trace] = TypeAdapter(Trace)


class AnswerCache:
    """
    Answers, keyed by the question and everything they depend on.

    A cache that cannot be read or written (a full disk, a damaged file) counts as empty: the run continues without it.

    Parameters
    ----------
    fingerprints
        Fingerprints of models, index, prompt and settings; those of the code of `rag` and `index` are added.
    file
        Path of the cache; by default in the user's cache folder.

    """

    def __init__(self, fingerprints: Mapping[str, str], *, file: Path | None = None) -> None:
        self._ground = {**fingerprints, "rag": code_fingerprint("rag"), "index_code": code_fingerprint("index")}
        self._file = file or cache_folder() / "evaluation" / "answers.sqlite"

    def get(self, question: Question, restricted: Iterable[str]) -> Told | None:
        """Return the answer of an earlier run, or None if there is none."""
        try:
            with closing(self._open()) as database:
                row = database.execute(
                    "SELECT answer FROM answers WHERE key = ?", (self._key(question, restricted),)
                ).fetchone()
            return None if row is None else _told(row[0])
        except (sqlite3.Error, OSError, ValueError, TypeError, KeyError):
            return None

    def put(self, question: Question, restricted: Iterable[str], told: Told) -> None:
        """Keep an answer."""
        text = json.dumps([ANSWERS.dump_python(told.answer, mode="json"), _TRACES.dump_python(told.trace, mode="json")])
        try:
            with closing(self._open()) as database, database:
                database.execute(
                    "INSERT OR REPLACE INTO answers (key, answer) VALUES (?, ?)",
                    (self._key(question, restricted), text),
                )
        except (sqlite3.Error, OSError):
            return

    def _open(self) -> sqlite3.Connection:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self._file, timeout=_BUSY_SECONDS)
        database.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL)")
        return database

    def _key(self, question: Question, restricted: Iterable[str]) -> str:
        parts = [question.question, question.history, question.filter, sorted(restricted), self._ground, _FORM]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _told(row: str) -> Told:
    answer, trace = json.loads(row)
    return Told(ANSWERS.validate_python(answer), _TRACES.validate_python(trace))
