"""Find out why a question's result differs in a later run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.evaluation.comparing.recorded import Recorded, Rested, Result
    from rag.evaluation.traces import Admission

ReasonKind = Literal[
    "question",
    "article_changed",
    "article_gone",
    "not_found",
    "other_evidence",
    "gate",
    "model",
    "settings",
    "prompt",
    "code",
    "machine",
    "wanted",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class Reason:
    """A difference that explains a changed result: its kind, and a sentence about it without the full stop."""

    kind: ReasonKind
    text: str


def reasons(before: Result, after: Result, runs: tuple[Recorded, Recorded], *, answered: bool) -> tuple[Reason, ...]:
    """
    Return why a question's result differs, the first cause first.

    Parameters
    ----------
    before, after
        The results of the question.
    runs
        The earlier and the later run.
    answered
        Whether the answer, the citations or the evidence changed; else only the verdict on the same answer changed.

    """
    found = [
        *_of_question(before, after),
        *_of_articles(before, after, runs),
        *_of_search(before, after),
        *_of_gate(before, after),
        *_of_run(*runs),
    ]
    wanted = list(_of_gold(before, after))
    # The same answer is judged differently only if the set expects another one.
    found = [*found, *wanted] if answered else [*wanted, *found]
    return tuple(found) or (Reason("unknown", _why_unknown(before, after)),)


def differs(first: object, second: object) -> bool:
    """Tell whether two values are both known and differ."""
    return first is not None and second is not None and first != second


def evidence_of(one: Result, other: Result) -> tuple[object, object]:
    """Return the evidence of two results in a comparable form: places, else texts; None if unknown."""
    if one.basis and other.basis:
        return set(one.basis.evidence), set(other.basis.evidence)
    first, second = one.evidence, other.evidence
    return (None if first is None else set(first)), (None if second is None else set(second))


def _of_question(before: Result, after: Result) -> Iterator[Reason]:
    if before.question and after.question and before.question != after.question:
        yield Reason("question", "the set asks something else under this id")
    elif before.basis and after.basis and before.basis.asked != after.basis.asked:
        yield Reason("question", "the set asks with another history, filter or kind, or of other passages")


def _of_gold(before: Result, after: Result) -> Iterator[Reason]:
    if before.basis and after.basis and before.basis.wanted != after.basis.wanted:
        yield Reason("wanted", "the set wants another answer or another source")
    elif not (before.basis and after.basis) and differs(before.sources, after.sources):
        yield Reason("wanted", "the set names other sources")


def _of_articles(before: Result, after: Result, runs: tuple[Recorded, Recorded]) -> Iterator[Reason]:
    if not (before.basis and after.basis):
        return
    earlier, later = before.basis.documents, after.basis.documents
    everywhere = runs[1].documents
    known = {**everywhere, **later}
    changed = [path for path, value in earlier.items() if path in known and known[path] != value]
    gone = [path for path in earlier if everywhere and path not in known]
    if changed:
        yield Reason("article_changed", f"{_listed(changed)} changed")
    names = {value: path for path, value in known.items() if path not in earlier}
    renamed = {path: names[earlier[path]] for path in gone if earlier[path] in names}
    for path, name in renamed.items():
        yield Reason("article_gone", f"{path} is called {name} now")
    if lost := [path for path in gone if path not in renamed]:
        yield Reason("article_gone", f"{_listed(lost)} {'is' if len(lost) == 1 else 'are'} not in the corpus any more")
    new = [path for path in later if runs[0].documents and path not in runs[0].documents]
    if fresh := [path for path in new if path not in renamed.values()]:
        yield Reason("article_changed", f"{_listed(fresh)} {'is' if len(fresh) == 1 else 'are'} new in the corpus")


def _of_search(before: Result, after: Result) -> Iterator[Reason]:
    recall = "recall@10"
    if recall in before.shares and recall in after.shares:
        was, now = before.shares[recall][0], after.shares[recall][0]
        if now < was:
            yield Reason("not_found", "a source is not among the first ten documents any more")
        elif now > was:
            yield Reason("not_found", "a source is among the first ten documents that was not before")
    # If what the model was given to read is known and the same, a change in the other sentences affects only the gate.
    same_read = before.basis and after.basis and before.basis.read and before.basis.read == after.basis.read
    if differs(*evidence_of(before, after)) and not same_read:
        yield Reason("other_evidence", "other evidence was chosen")
    elif before.basis and after.basis and differs(before.basis.read or None, after.basis.read or None):
        yield Reason("other_evidence", "the model was given other sentences, or in another order")


def _of_gate(before: Result, after: Result) -> Iterator[Reason]:
    if not (before.basis and after.basis):
        return
    was, now = _decided(before.basis), _decided(after.basis)
    if was is not None and now is not None and was.admitted != now.admitted:
        yield Reason("gate", f"the gate {_told(was)} before and {_told(now)} now")


def _decided(basis: Rested) -> Admission | None:
    # If a question has parts, or is checked again with its draft, the first refusal counts.
    return next((one for one in basis.gates if not one.admitted), basis.gates[-1] if basis.gates else None)


def _told(decision: Admission) -> str:
    verb = "said yes" if decision.admitted else "said no"
    chance = decision.probability
    return verb if chance is None else f"{verb} (probability {chance:.2f}, needed {decision.needed:.2f})"


def _of_run(before: Recorded, after: Recorded) -> Iterator[Reason]:
    was, now = before.fingerprints, after.fingerprints

    def changed(*names: str) -> list[str]:
        return [
            f"{name} {was[name]} before, {now[name]} now" for name in names if differs(was.get(name), now.get(name))
        ]

    if models := changed("llm", "embedding"):
        yield Reason("model", f"another model: {'; '.join(models)}")
    settings = [
        f"{name} {before.settings[name]} before, {after.settings[name]} now"
        for name in sorted(before.settings.keys() & after.settings.keys())
        if before.settings[name] != after.settings[name]
    ]
    if settings:
        yield Reason("settings", f"other settings: {'; '.join(settings)}")
    elif changed("settings"):
        yield Reason("settings", "other settings")
    if changed("prompt"):
        yield Reason("prompt", "another prompt")
    if changed("code"):
        yield Reason("code", "another version of the program")
    if machine := changed("runtime", "precision", "instructions"):
        yield Reason("machine", f"another kind of machine: {'; '.join(machine)}")


def _why_unknown(before: Result, after: Result) -> str:
    if before.basis and after.basis:
        return "nothing that the runs have written down differs"
    return "a run of an older version does not say"


def _listed(paths: list[str], most: int = 3) -> str:
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return ", ".join(paths[:most]) + more
