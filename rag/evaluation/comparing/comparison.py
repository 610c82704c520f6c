"""Compare two runs of one set, question by question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag.evaluation.comparing.changes import Change, changes
from rag.evaluation.comparing.reasons import differs
from rag.evaluation.fingerprints import MACHINE
from rag.evaluation.measuring.statistics import LOWER_IS_BETTER, SHARE_METRICS, paired_interval, paired_test, ratio
from rag.evaluation.types import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.evaluation.comparing.recorded import Recorded

SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Difference:
    """
    A metric in two runs, over the questions that count for it in both.

    Parameters
    ----------
    metric, before, after
        Name of the metric and its values.
    p
        p-value of the paired test.
    interval
        95 % interval of ``after - before``, by bootstrap over pairs.

    """

    metric: str
    before: float
    after: float
    p: float
    interval: tuple[float, float] = (0.0, 0.0)

    @property
    def worse(self) -> bool:
        """Whether the later run is worse."""
        return self.after > self.before if self.metric in LOWER_IS_BETTER else self.after < self.before

    @property
    def significant(self) -> bool:
        """Whether chance alone would seldom make such a difference."""
        return self.p < SIGNIFICANT


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    What got better and what got worse.

    Parameters
    ----------
    before, after
        Names of the runs.
    shared
        Number of questions in both runs.
    differences
        One difference for each metric.
    better, worse
        Questions that went well only in the later run, or only in the earlier one.
    missing
        Ids that only one of the runs has.
    changes
        Questions whose answer, citations or evidence differ, the worst first.
    notes
        What cannot be compared, one line each.

    """

    before: str
    after: str
    shared: int
    differences: tuple[Difference, ...]
    better: tuple[Change, ...]
    worse: tuple[Change, ...]
    missing: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

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
            "intervals": {one.metric: [round(bound, 6) for bound in one.interval] for one in self.differences},
            "better": [_change_json(change) for change in self.better],
            "worse": [_change_json(change) for change in self.worse],
            "missing": list(self.missing),
            "changes": [change.to_json() for change in self.changes],
            "notes": list(self.notes),
        }


def compare(before: Recorded, after: Recorded) -> Comparison:
    """
    Compare two runs.

    Raises
    ------
    DatasetError
        The runs have no question in common.

    """
    shared = [id_ for id_ in before.results if _same_question(before, after, id_)]
    if not shared:
        raise DatasetError(f"{before.name} and {after.name} have no question in common.")
    differences = [
        difference for metric in SHARE_METRICS if (difference := _difference(before, after, shared, metric)) is not None
    ]
    found = changes((before, after))
    # A question whose wording changed has got neither better nor worse.
    judged = [change for change in found if change.id in set(shared) and change.direction != "other"]
    in_order = {id_: place for place, id_ in enumerate(shared)}
    judged.sort(key=lambda change: in_order[change.id])
    return Comparison(
        before.name,
        after.name,
        len(shared),
        tuple(differences),
        tuple(change for change in judged if change.direction == "better"),
        tuple(change for change in judged if change.direction == "worse"),
        tuple(sorted((before.results.keys() | after.results.keys()) - set(shared))),
        found,
        tuple(_notes(before, after, shared)),
    )


def regressions(comparison: Comparison) -> list[str]:
    """Return a line for each metric that is worse by more than the paired test allows."""
    return [
        f"{one.metric} fell behind the baseline: {one.before:.3f} before, {one.after:.3f} now (p = {one.p:.3f})"
        for one in comparison.differences
        if one.worse and one.significant
    ]


def _same_question(before: Recorded, after: Recorded, id_: str) -> bool:
    # Ids are often mere numbers: the same id in another set must not be taken for the same question.
    if id_ not in before.results or id_ not in after.results:
        return False
    was, now = before.results[id_].question, after.results[id_].question
    return not was or not now or was == now


def _difference(before: Recorded, after: Recorded, shared: Sequence[str], metric: str) -> Difference | None:
    # A question may count for a metric in one run only: citations are counted only if there is an answer. It is
    # kept, with nothing on the other side, so that the metrics equal those of the runs.
    pairs = [
        (before.results[id_].shares.get(metric, (0.0, 0.0)), after.results[id_].shares.get(metric, (0.0, 0.0)))
        for id_ in shared
        if metric in before.results[id_].shares or metric in after.results[id_].shares
    ]
    first, second = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    values = ratio(first), ratio(second)
    if values[0] is None or values[1] is None:
        return None
    return Difference(metric, values[0], values[1], paired_test(first, second), paired_interval(first, second))


def _change_json(change: Change) -> dict[str, str | None]:
    return {
        "id": change.id,
        "question": change.question,
        "before": change.before,
        "after": change.after,
        "cause_before": change.cause_before or None,
        "cause_after": change.cause_after or None,
    }


def _notes(before: Recorded, after: Recorded, shared: Sequence[str]) -> Iterator[str]:
    for run in (before, after):
        if run.is_of_older_version:
            yield f"{run.name} was written by an older version: why its answers are other ones is told in part only."
        elif all(one.answer is None for one in run.results.values()):
            yield f"{run.name} is a baseline without texts: that an answer is another one is told, not what it was."
    if elsewhere := made_elsewhere(before, after):
        yield f"The runs were made on two kinds of machine, whose answers may differ: {elsewhere}."
    asked_otherwise = len((before.results.keys() & after.results.keys()) - set(shared))
    if asked_otherwise:
        yield f"{asked_otherwise} questions are asked in other words now, so their figures are not compared."


def made_elsewhere(before: Recorded, after: Recorded) -> str:
    """
    Return how the machines of two runs differ, as far as both runs say; empty if they do not.

    Another version of the same runtime does not count as another machine: its effect on answers should be noticed.
    """
    differing = []
    for name in MACHINE:
        was, now = before.fingerprints.get(name), after.fingerprints.get(name)
        kinds = [None if one is None else one.partition(" ")[0] if name == "runtime" else one for one in (was, now)]
        if differs(*kinds):
            differing.append(f"{name} {was} and {now}")
    return "; ".join(differing)
