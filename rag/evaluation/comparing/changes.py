"""Questions whose results differ between two runs, the worst first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from rag.evaluation.comparing.reasons import Reason, differs, evidence_of, reasons
from rag.evaluation.measuring.statistics import LOWER_IS_BETTER

if TYPE_CHECKING:
    from rag.evaluation.comparing.recorded import Recorded, Result

Part = Literal["verdict", "answer", "citations", "evidence"]
Cited = tuple[str, int, int, str]
# Metrics that say how good the answer to a question is.
_ANSWERING = (
    "answer_contains",
    "key_point_recall",
    "false_answer_rate",
    "false_abstention_rate",
    "citation_recall",
    "citation_precision",
    "answer_f1",
)


@dataclass(frozen=True, slots=True)
class Change:
    """
    A question whose result differs between two runs.

    Parameters
    ----------
    id, question
        As in the later set.
    before, after
        The answers; empty if a run does not record them.
    cause_before, cause_after
        The stage at which the question failed; empty if it went well.
    parts
        The parts of the result that changed.
    gain
        How much better the answer is, negative if it is worse: mean over the metrics that both runs count.
    citations_before, citations_after
        Citations that only one of the runs has: path, start, end, quote.
    evidence_before, evidence_after
        Sentences that only one of the runs selected.
    reasons
        Reasons for the change, the first cause first.

    """

    id: str
    question: str
    before: str
    after: str
    cause_before: str
    cause_after: str
    parts: tuple[Part, ...] = ("verdict",)
    gain: float = 0.0
    citations_before: tuple[Cited, ...] = ()
    citations_after: tuple[Cited, ...] = ()
    evidence_before: tuple[str, ...] = ()
    evidence_after: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()

    @property
    def direction(self) -> Literal["worse", "other", "better"]:
        """``worse`` if the question went well only before, ``better`` if it does so only now, else ``other``."""
        if bool(self.cause_before) == bool(self.cause_after):
            return "other"
        return "worse" if self.cause_after else "better"

    def to_json(self) -> dict[str, Any]:
        """Return the object that `rag compare --json` prints in ``changes``."""
        return {
            "id": self.id,
            "question": self.question,
            "direction": self.direction,
            "changed": list(self.parts),
            "before": self.before,
            "after": self.after,
            "cause_before": self.cause_before or None,
            "cause_after": self.cause_after or None,
            "why": self.reasons[0].kind if self.reasons else "unknown",
            "reasons": [{"kind": one.kind, "text": one.text} for one in self.reasons],
            "citations": {"before": _cited(self.citations_before), "after": _cited(self.citations_after)},
            "evidence": {"before": list(self.evidence_before), "after": list(self.evidence_after)},
        }


def changes(runs: tuple[Recorded, Recorded]) -> tuple[Change, ...]:
    """Return the questions of both runs whose results differ: those that got worse first, the worst at the top."""
    before, after = runs
    found = [
        change
        for id_, later in after.results.items()
        if id_ in before.results and (change := _change(before.results[id_], later, runs)) is not None
    ]
    directions = ("worse", "other", "better")
    return tuple(
        sorted(
            found,
            key=lambda one: (directions.index(one.direction), one.gain, "answer" not in one.parts, -len(one.parts)),
        )
    )


def _change(before: Result, after: Result, runs: tuple[Recorded, Recorded]) -> Change | None:
    parts: list[Part] = []
    if before.cause != after.cause:
        parts.append("verdict")
    if _answers_differ(before, after):
        parts.append("answer")
    places = [None if one.citations is None else [cited[:3] for cited in one.citations] for one in (before, after)]
    if differs(*places):
        parts.append("citations")
    if differs(*evidence_of(before, after)):
        parts.append("evidence")
    asked_otherwise = bool(before.question and after.question and before.question != after.question)
    if before.basis and after.basis:
        asked_otherwise |= before.basis.asked != after.basis.asked
    if not parts and not asked_otherwise:
        return None
    answered = asked_otherwise or not {"answer", "citations", "evidence"}.isdisjoint(parts)
    return Change(
        after.id,
        after.question or before.question,
        before.answer or "",
        after.answer or "",
        before.cause,
        after.cause,
        tuple(parts),
        _gain(before, after),
        _only(before.citations, after.citations),
        _only(after.citations, before.citations),
        _only(before.evidence, after.evidence),
        _only(after.evidence, before.evidence),
        reasons(before, after, runs, answered=answered),
    )


def _answers_differ(before: Result, after: Result) -> bool:
    if before.basis and after.basis:
        return before.basis.answer != after.basis.answer
    return differs(before.answer, after.answer)


def _gain(before: Result, after: Result) -> float:
    gains = [
        (_value(after, name) - _value(before, name)) * (-1 if name in LOWER_IS_BETTER else 1)
        for name in _ANSWERING
        if before.shares.get(name, (0, 0))[1] and after.shares.get(name, (0, 0))[1]
    ]
    return sum(gains) / len(gains) if gains else 0.0


def _value(result: Result, name: str) -> float:
    part, whole = result.shares[name]
    return part / whole


def _only(of: Any, other: Any) -> Any:
    return () if of is None or other is None else tuple(one for one in of if one not in other)


def _cited(citations: tuple[Cited, ...]) -> list[dict[str, Any]]:
    return [{"path": path, "start": start, "end": end, "quote": quote} for path, start, end, quote in citations]
