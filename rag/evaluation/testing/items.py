"""A set and its questions as pytest sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from index.errors import RagError
from rag.evaluation.report.junit import explain
from rag.evaluation.report.wording import one_line, printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rag.evaluation.testing.questioning import Questioning
    from rag.evaluation.types import Question


class WrongError(Exception):
    """A question went wrong, or a bound does not hold: shown as it is, without a traceback."""


class SetFile(pytest.File):
    """An evaluation set; collecting it loads no model."""

    questioning: Questioning

    @classmethod
    def of(cls, parent: pytest.Collector, path: Path, questioning: Questioning) -> SetFile:
        """Return the set at a path."""
        made: SetFile = cls.from_parent(parent, path=path)
        made.questioning = questioning
        return made

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a test for each question, and finally one for the bounds."""
        for question in self.questioning.dataset.questions:
            yield QuestionItem.of(self, question)
        if self.questioning.bounded:
            yield BoundsItem.from_parent(self, name="bounds")


class _Item(pytest.Item):
    parent: SetFile

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return what went wrong, without a traceback if the error is one of ours."""
        if isinstance(excinfo.value, WrongError | RagError):
            return printable(str(excinfo.value))
        return super().repr_failure(excinfo, style)


class QuestionItem(_Item):
    """A question: fails if it goes wrong at any stage on the way to a right answer with a right citation."""

    question: Question

    @classmethod
    def of(cls, parent: SetFile, question: Question) -> QuestionItem:
        """Return the test of a question, named by its id."""
        made: QuestionItem = cls.from_parent(parent, name=one_line(question.id))
        made.question = question
        if question.kind:
            made.extra_keyword_matches.add(question.kind)
        return made

    def runtest(self) -> None:
        """Ask the question."""
        questioning = self.parent.questioning
        outcome = questioning.outcome(self.question)
        if outcome.cause is not None:
            if questioning.wanted.tolerant:
                pytest.xfail(outcome.cause)
            raise WrongError(explain(outcome, outcome.cause))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the heading of a failure."""
        return self.path, None, one_line(f"{self.question.id}: {self.question.question}", 100)


class BoundsItem(_Item):
    """The test of the bounds and the baseline."""

    def runtest(self) -> None:
        """Judge all questions together."""
        broken = self.parent.questioning.broken()
        if broken:
            raise WrongError("\n".join(broken))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the heading of a failure."""
        return self.path, None, "bounds"
