"""What readers say of answers, kept on this machine as an evaluation set that `rag eval` reads."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from filelock import FileLock, Timeout

from index.errors import RagError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from rag.settings import Settings
    from rag.types import Answer

Verdict = Literal["good", "bad"]
Reason = Literal["", "wrong", "incomplete", "citation", "should_answer", "should_abstain"]
_PATIENCE_SECONDS = 10.0


class FeedbackError(RagError):
    """Feedback cannot be kept."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """
    What a reader says of an answer.

    Parameters
    ----------
    id
        Chosen at random by who sends it; what comes later under the same id takes its place.
    verdict
        ``good`` or ``bad``.
    answer
        The answer it is about.
    history
        Questions and answers before it, oldest first.
    reason
        What is wrong with it: ``wrong``, ``incomplete``, ``citation``, ``should_answer`` (it abstained, but the
        articles have the answer) or ``should_abstain`` (they have not); empty where nothing is said.
    expected
        The right answer, in a few words; empty where unknown.
    sources
        Paths of the articles that have it.
    note
        Anything else.
    filter
        What the answer was restricted to, see `rag.types.Filter`; other conditions are only noted.

    """

    id: str
    verdict: Verdict
    answer: Answer
    history: tuple[tuple[str, str], ...] = ()
    reason: Reason = ""
    expected: str = ""
    sources: tuple[str, ...] = ()
    note: str = ""
    filter: Mapping[str, str] = field(default_factory=dict)


def as_case(feedback: Feedback, known: Collection[str]) -> dict[str, Any]:
    """
    Make a case of an evaluation set of it.

    A good answer becomes one whose quotes are gold. A bad one wants the answer that the reader gave; where there is
    none, what the app said must not be said again.

    Parameters
    ----------
    feedback
        What was said.
    known
        Paths of the corpus; what was cited from elsewhere cannot be looked for again.

    """
    answer, good = feedback.answer, feedback.verdict == "good"
    expected = feedback.expected.strip()
    case: dict[str, Any] = {"id": feedback.id, "question": answer.question, "lang": answer.language}
    if feedback.history:
        case["history"] = [list(pair) for pair in feedback.history]
    restricted = {key: value for key, value in feedback.filter.items() if key in {"source", "since"} and value}
    if restricted:
        case["filter"] = restricted
    case["answerable"] = not (feedback.reason == "should_abstain" and not expected) and not (good and answer.abstained)
    if case["answerable"] and good:
        citations = [citation for citation in answer.citations if citation.path in known and citation.quote.strip()]
        case["sources"] = list(dict.fromkeys(citation.path for citation in citations))
        case["gold_quotes"] = list(dict.fromkeys(citation.quote for citation in citations))
        if not citations:
            case["answers"] = [answer.text]
    elif case["answerable"]:
        case["sources"] = [path for path in dict.fromkeys(feedback.sources) if path in known]
        if expected:
            case["answers"] = [expected]
        else:
            case["forbidden"] = [answer.text]
    case["feedback"] = {
        "verdict": feedback.verdict,
        "reason": feedback.reason,
        "note": feedback.note,
        "given": answer.text,
        "abstained": answer.abstained,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "filter": dict(feedback.filter),
        "models": dict(answer.models),
        "index": answer.index_fingerprint,
    }
    return case


class FeedbackFile:
    """
    A file of cases, one JSON object a line; safe to share between threads and processes.

    Parameters
    ----------
    file
        Made when first needed.
    most_bytes
        A file of this size takes no more.

    """

    def __init__(self, file: Path, *, most_bytes: int) -> None:
        self.file = file
        self._most = most_bytes
        self._lock = FileLock(file.with_name(f".{file.name}.lock"))

    @classmethod
    def of(cls, settings: Settings) -> FeedbackFile | None:
        """Return the file that the settings name, None where they switch feedback off."""
        if not settings.feedback:
            return None
        return cls(settings.feedback_path, most_bytes=settings.feedback_bytes)

    def add(self, case: Mapping[str, Any]) -> None:
        """
        Keep a case; an earlier one with the same id is replaced, and all others stay as they are.

        Raises
        ------
        FeedbackError
            The file is full, or cannot be written.

        """
        line = json.dumps(case, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self._lock.acquire(timeout=_PATIENCE_SECONDS):
                self._write(str(case["id"]), line)
        except Timeout as error:
            raise FeedbackError("The feedback file is in use.", hint="Try again in a moment.") from error
        except OSError as error:
            message = f"The feedback file {self.file} cannot be written: {error.strerror}."
            raise FeedbackError(message, hint="Name another with RAG_FEEDBACK_FILE.") from error

    def _write(self, identifier: str, line: bytes) -> None:
        present = self.file.read_bytes() if self.file.exists() else b""
        lines = present.splitlines(keepends=True)
        kept = [other for other in lines if _id(other) != identifier]
        if sum(map(len, kept)) + len(line) > self._most:
            hint = "Move the file away, or raise RAG_FEEDBACK_BYTES."
            raise FeedbackError(f"The feedback file {self.file} is full.", hint=hint)
        if len(kept) == len(lines):
            # A line that an interrupted program left unfinished must not swallow this one.
            line = line if not present or present.endswith(b"\n") else b"\n" + line
            with self.file.open("ab") as stream:
                stream.write(line)
                stream.flush()
                os.fsync(stream.fileno())
            return
        new = self.file.with_name(f".{self.file.name}.new")
        with new.open("wb") as stream:
            stream.write(b"".join(kept) + line)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(self.file)


def _id(line: bytes) -> str:
    try:
        value = json.loads(line)
    except ValueError:
        return ""
    return str(value.get("id", "")) if isinstance(value, dict) else ""
