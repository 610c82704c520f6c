"""One run of pytest over a set: what is asked, of what, and what must hold in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from index.errors import RagError
from rag.evaluation.baseline import check_baseline, limits_of_baseline
from rag.evaluation.gates import Bound, check, measured

if TYPE_CHECKING:
    from pathlib import Path

    from rag.evaluation.runner import SetRun
    from rag.evaluation.types import Dataset, Evaluation, Outcome, Question


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What the options ask for.

    Parameters
    ----------
    set
        File or folder of the set.
    corpus, index
        Folders; None to use those of the settings.
    bounds, baseline
        What all questions together must satisfy.
    since
        Earlier run whose replies are reused.
    retrieval_only
        Whether the language model is left out.
    tolerant
        Whether a question that goes wrong is an expected failure.

    """

    set: Path
    corpus: Path | None
    index: Path | None
    bounds: tuple[Bound, ...]
    baseline: Path | None
    since: Path | None
    retrieval_only: bool
    tolerant: bool


class Questioning:
    """
    Asks each question when its test runs, and keeps the outcome; opens articles and models with the first question.

    Parameters
    ----------
    dataset
        The set.
    wanted
        What the options ask for.

    Attributes
    ----------
    notes
        What cannot be compared with the baseline, and what was not measured.

    """

    def __init__(self, dataset: Dataset, wanted: Wanted) -> None:
        self.dataset = dataset
        self.wanted = wanted
        self.notes: list[str] = []
        self._run: SetRun | None = None
        self._outcomes: dict[str, Outcome] = {}

    @property
    def bounded(self) -> bool:
        """Whether anything must hold for all questions together."""
        return bool(self.wanted.bounds) or self.wanted.baseline is not None

    def outcome(self, question: Question) -> Outcome:
        """Return the outcome of a question; asks it if that has not been done."""
        if question.id not in self._outcomes:
            asked = {one.id: one for one in self._started().questions}
            self._outcomes[question.id] = self._started().ask(asked[question.id])
        return self._outcomes[question.id]

    def broken(self) -> list[str]:
        """Return a line for each bound that does not hold. Questions that no test has asked are asked now."""
        result = self._result()
        bounds = list(self.wanted.bounds)
        if self.wanted.since is not None:
            bounds, left_out = measured(result.metrics, bounds)
            self.notes += [f"not measured, so its bound is not checked: {name}" for name in left_out]
        lines = check(result.metrics, bounds)
        if self.wanted.baseline is None:
            return lines
        self.notes += limits_of_baseline(result, self.wanted.baseline)
        return lines + check_baseline(result, self.wanted.baseline)

    def _result(self) -> Evaluation:
        return self._started().result([self.outcome(question) for question in self.dataset.questions])

    def _started(self) -> SetRun:
        if self._run is None:
            from rag import client  # noqa: PLC0415 - imports what opens an index
            from rag.evaluation.runner import begin  # noqa: PLC0415
            from rag.settings import load_settings  # noqa: PLC0415

            try:
                rag = client.RAG(load_settings(corpus=self.wanted.corpus, index=self.wanted.index))
                self._run = begin(rag, self.dataset, retrieval_only=self.wanted.retrieval_only, since=self.wanted.since)
            except RagError as error:
                # The error would be the same for each question.
                pytest.exit(str(error), returncode=int(pytest.ExitCode.USAGE_ERROR))
        return self._run
