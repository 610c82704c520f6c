"""Readers' feedback on answers, kept on this machine as an evaluation set that `rag eval` reads."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from filelock import FileLock, Timeout

from index.collections.private_files import FILE_MODE, open_private, tighten_file
from index.collections.registry import PREFIX as COLLECTIONS
from index.collections.uploads import PREFIX
from index.errors import RagError
from rag.evaluation.datasets.native import check_row
from rag.evaluation.types import DatasetError
from rag.query.condense import condense

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rag.settings import Settings
    from rag.types import Answer

Verdict = Literal["good", "bad"]
Reason = Literal["", "wrong", "incomplete", "citation", "should_answer", "should_abstain"]
_PATIENCE_SECONDS = 10.0
# Conditions that the native format can express; the restriction of an answer may have others.
_FILTERS = frozenset({"source", "since", "until"})
# With these reasons the answer may be right as far as it goes, so it must not be forbidden.
_MAY_BE_RIGHT = frozenset({"citation", "incomplete"})


class FeedbackError(RagError):
    """Feedback cannot be kept."""


class PrivateFeedbackError(FeedbackError):
    """The answer rests on the user's own files, which must not get into a set."""


class NarrowedFeedbackError(FeedbackError):
    """The answer was restricted in a way that a set cannot repeat, so it says nothing about the whole corpus."""


class UntestableFeedbackError(FeedbackError):
    """Nothing is known that a later answer could be compared with."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """
    What a reader says about an answer.

    Parameters
    ----------
    id
        Chosen at random by the sender; later feedback with the same id replaces this.
    verdict
        ``good`` or ``bad``.
    answer
        The answer it is about.
    history
        Questions and answers before it, oldest first.
    reason
        What is wrong with it: ``wrong``, ``incomplete``, ``citation``, ``should_answer`` (it abstained, but the
        articles have the answer) or ``should_abstain`` (they do not have it); empty if the reader does not say.
    expected
        The right answer, in a few words; empty if unknown.
    sources
        Paths of the articles that have the right answer.
    note
        Any further remark.
    filter
        What the answer was restricted to: ``source``, ``since`` and ``until``, see `rag.types.Filter`; no case is made
        if there is any other condition.
    own
        Whether the user's own files were asked, or are mentioned in the history.

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
    own: bool = False


def as_case(feedback: Feedback, known: Mapping[str, str]) -> dict[str, Any]:
    """
    Turn feedback into a case of an evaluation set.

    A good answer becomes a case whose gold quotes are its citations. A bad answer becomes a case that expects the right
    answer as given by the reader; if none is given, the app's answer is forbidden.

    Parameters
    ----------
    feedback
        What the reader said.
    known
        Texts of the corpus, by path; citations of anything else are left out, since they cannot be found again.

    Raises
    ------
    PrivateFeedbackError
        The user's own files were asked, or are among what was cited or found.
    NarrowedFeedbackError
        The answer was restricted to an article or a collection, or rests on a named one.
    UntestableFeedbackError
        A good answer cites nothing of the corpus, or the text of a bad one does not show what is wrong with it, and
        the right answer is not given.

    """
    _refuse_what_no_set_can_hold(feedback)
    answer, good = feedback.answer, feedback.verdict == "good"
    expected = feedback.expected.strip()
    case: dict[str, Any] = {"id": feedback.id, "question": answer.question, "lang": answer.language}
    if feedback.history:
        case["history"] = [list(pair) for pair in feedback.history]
    restricted = {key: value for key, value in feedback.filter.items() if value}
    if restricted:
        case["filter"] = restricted
    case["answerable"] = not (feedback.reason == "should_abstain" and not expected) and not (good and answer.abstained)
    if case["answerable"] and good:
        citations = [one for one in answer.citations if one.quote.strip() and one.quote in known.get(one.path, "")]
        if not citations:
            raise UntestableFeedbackError("The answer cites nothing of the articles.", hint="Say what is right.")
        case["sources"] = list(dict.fromkeys(citation.path for citation in citations))
        case["gold_quotes"] = list(dict.fromkeys(citation.quote for citation in citations))
    elif case["answerable"]:
        case["sources"] = [path for path in dict.fromkeys(feedback.sources) if path in known]
        if expected:
            case["answers"] = [expected]
        elif feedback.reason in _MAY_BE_RIGHT:
            raise UntestableFeedbackError("The right answer is missing.", hint="Say what is right.")
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


def _refuse_what_no_set_can_hold(feedback: Feedback) -> None:
    answer = feedback.answer
    paths = [*feedback.sources, *(one.path for one in answer.citations), *(one.path for one in answer.evidence)]
    if feedback.own or any(path.startswith(PREFIX) for path in paths):
        raise PrivateFeedbackError("The answer rests on your own files.", hint="Only the articles make test cases.")
    if any(value for key, value in feedback.filter.items() if key not in _FILTERS):
        hint = "Ask again without that filter."
        raise NarrowedFeedbackError("A test case cannot keep to one article or collection.", hint=hint)
    if any(one.path.startswith(COLLECTIONS) for one in answer.citations):
        hint = "Ask the articles alone."
        raise NarrowedFeedbackError("The answer rests on a named collection; a test case asks the articles.", hint=hint)


def check_case(case: Mapping[str, Any], *, longest: int) -> None:
    """
    Check that `rag eval` can read a case and ask its question: an unusable case would spoil the whole file.

    Parameters
    ----------
    case
        See `as_case`.
    longest
        Longest question, in characters.

    Raises
    ------
    FeedbackError
        It is not a case of an evaluation set.
    QuestionError
        Its question cannot be asked.

    """
    try:
        question = check_row(json.loads(_line(case)), "the feedback")
    except DatasetError as error:
        raise FeedbackError(error.message, hint=error.hint) from error
    condense(question.question, question.history, max_chars=longest)


def _line(case: Mapping[str, Any]) -> bytes:
    return json.dumps(case, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


class FeedbackFile:
    """
    A file of cases, one JSON object per line.

    It is safe to share between threads and processes, and readable by its owner alone.

    Parameters
    ----------
    file
        Path of the file, which is created when first needed.
    most_bytes
        Largest size of the file; a case that would exceed it is refused.

    """

    def __init__(self, file: Path, *, most_bytes: int) -> None:
        self.file = file
        self._most = most_bytes
        self._lock = FileLock(file.with_name(f".{file.name}.lock"), mode=FILE_MODE)
        # An earlier version let every account on the machine read it.
        tighten_file(file)
        tighten_file(file.with_name(f".{file.name}.lock"))

    @classmethod
    def of(cls, settings: Settings) -> FeedbackFile | None:
        """Return the file that the settings name, or None if they switch feedback off."""
        if not settings.reader_feedback.enabled:
            return None
        return cls(settings.feedback_path, most_bytes=settings.reader_feedback.max_bytes)

    def add(self, case: Mapping[str, Any]) -> None:
        """
        Keep a case; an earlier one with the same id is replaced, and all others stay as they are.

        Raises
        ------
        FeedbackError
            The file is full, or cannot be written.

        """
        line = _line(case)
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
        # The last line may be unfinished because a program was interrupted; it must not swallow this one.
        line = line if not kept or kept[-1].endswith(b"\n") else b"\n" + line
        if len(kept) == len(lines):
            with os.fdopen(open_private(self.file, append=True), "ab") as stream:
                stream.write(line)
                stream.flush()
                os.fsync(stream.fileno())
            return
        new = self.file.with_name(f".{self.file.name}.new")
        with os.fdopen(open_private(new), "wb") as stream:
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
