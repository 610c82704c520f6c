"""Set two runs of one set side by side, question by question."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag.evaluation.measuring.statistics import LOWER_IS_BETTER, SHARE_METRICS, paired_test, ratio
from rag.evaluation.types import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Recorded:
    """
    A run as it was written down.

    Parameters
    ----------
    name
        Of the file, or of the set.
    shares
        For each question by id: metric, and what the question adds to it.
    questions, answers, causes
        For each question by id.

    """

    name: str
    shares: dict[str, dict[str, tuple[float, float]]]
    questions: dict[str, str]
    answers: dict[str, str]
    causes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric in two runs, over the questions that count for it in both; ``p`` of the paired test."""

    metric: str
    before: float
    after: float
    p: float

    @property
    def worse(self) -> bool:
        """Whether the later run is worse."""
        return self.after > self.before if self.metric in LOWER_IS_BETTER else self.after < self.before

    @property
    def significant(self) -> bool:
        """Whether chance alone would seldom make such a difference."""
        return self.p < SIGNIFICANT


@dataclass(frozen=True, slots=True)
class Change:
    """A question that came out otherwise; a cause is empty where all went well."""

    id: str
    question: str
    before: str
    after: str
    cause_before: str
    cause_after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    What got better and what worse.

    Parameters
    ----------
    before, after
        Names of the runs.
    shared
        Number of questions in both.
    differences
        By metric.
    better, worse
        Questions that went well only later, or only before.
    missing
        Ids that only one of the runs has.

    """

    before: str
    after: str
    shared: int
    differences: tuple[Difference, ...]
    better: tuple[Change, ...]
    worse: tuple[Change, ...]
    missing: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the object that `rag compare --json` prints."""
        return {
            "before": self.before,
            "after": self.after,
            "shared": self.shared,
            "metrics": {
                one.metric: {"before": round(one.before, 6), "after": round(one.after, 6), "p": round(one.p, 6)}
                for one in self.differences
            },
            "better": [_change_json(change) for change in self.better],
            "worse": [_change_json(change) for change in self.worse],
            "missing": list(self.missing),
        }


def read(file: Path) -> Recorded:
    """
    Read what `rag eval --json` printed, or a baseline.

    Raises
    ------
    DatasetError
        It is something else; names the file.

    """
    try:
        data = json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise DatasetError(f"There is no file {file}.", hint="Write one with `rag eval SET --json > FILE`.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise DatasetError(f"{file} cannot be read as an evaluation: {error}.") from error
    return record(data, str(file))


def record(data: Mapping[str, Any], name: str) -> Recorded:
    """
    Take the JSON form of an evaluation apart.

    Raises
    ------
    DatasetError
        It has another form.

    """
    try:
        questions = data["questions"]
        return Recorded(
            name,
            {str(one["id"]): {m: (float(a), float(b)) for m, (a, b) in one["shares"].items()} for one in questions},
            {str(one["id"]): str(one.get("question", "")) for one in questions},
            {str(one["id"]): str(one.get("answer") or "") for one in questions},
            {str(one["id"]): str(one.get("cause") or "") for one in questions},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DatasetError(
            f"{name} is no evaluation with results by question.", hint="Write one with `rag eval SET --json > FILE`."
        ) from error


def compare(before: Recorded, after: Recorded) -> Comparison:
    """
    Set two runs side by side.

    Raises
    ------
    DatasetError
        They have no question in common.

    """
    shared = [id_ for id_ in before.shares if _same_question(before, after, id_)]
    if not shared:
        raise DatasetError(f"{before.name} and {after.name} have no question in common.")
    differences = [
        difference for metric in SHARE_METRICS if (difference := _difference(before, after, shared, metric)) is not None
    ]
    changes = [
        Change(
            id_, after.questions[id_], before.answers[id_], after.answers[id_], before.causes[id_], after.causes[id_]
        )
        for id_ in shared
        if bool(before.causes[id_]) != bool(after.causes[id_])
    ]
    return Comparison(
        before.name,
        after.name,
        len(shared),
        tuple(differences),
        tuple(change for change in changes if change.cause_before),
        tuple(change for change in changes if change.cause_after),
        tuple(sorted((before.shares.keys() | after.shares.keys()) - set(shared))),
    )


def regressions(comparison: Comparison) -> list[str]:
    """Return a line for each metric that is worse by more than the paired test allows."""
    return [
        f"{one.metric} fell behind the baseline: {one.before:.3f} before, {one.after:.3f} now (p = {one.p:.3f})"
        for one in comparison.differences
        if one.worse and one.significant
    ]


def _same_question(before: Recorded, after: Recorded, id_: str) -> bool:
    # Ids are often mere numbers: those of another set must not be taken for the same question.
    if id_ not in before.shares or id_ not in after.shares:
        return False
    return not before.questions[id_] or not after.questions[id_] or before.questions[id_] == after.questions[id_]


def _difference(before: Recorded, after: Recorded, shared: Sequence[str], metric: str) -> Difference | None:
    # A question may count for a metric in one run only: citations are counted where there is an answer. It
    # is kept with nothing on the other side, so that the metrics are those of the runs.
    pairs = [
        (before.shares[id_].get(metric, (0.0, 0.0)), after.shares[id_].get(metric, (0.0, 0.0)))
        for id_ in shared
        if metric in before.shares[id_] or metric in after.shares[id_]
    ]
    first, second = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    values = ratio(first), ratio(second)
    if values[0] is None or values[1] is None:
        return None
    return Difference(metric, values[0], values[1], paired_test(first, second))


def _change_json(change: Change) -> dict[str, str | None]:
    return {
        "id": change.id,
        "question": change.question,
        "before": change.before,
        "after": change.after,
        "cause_before": change.cause_before or None,
        "cause_after": change.cause_after or None,
    }
