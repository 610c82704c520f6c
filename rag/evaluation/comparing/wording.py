"""Wording of a comparison, shared by all output formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.evaluation.comparing.changes import Change, Cited
    from rag.evaluation.comparing.comparison import Comparison, Difference

RIGHT = "right"
# Metrics to look at first; the others are in the details, unless they differ by more than chance allows.
_HEADLINES = (
    "recall@5",
    "evidence_recall",
    "answer_contains",
    "key_point_recall",
    "citation_precision",
    "false_answer_rate",
    "false_abstention_rate",
)


def summary(comparison: Comparison) -> str:
    """Return one sentence that says how many questions have another result."""
    counts = {name: sum(one.direction == name for one in comparison.changes) for name in ("worse", "better", "other")}
    if not any(counts.values()):
        return f"None of {comparison.shared} questions came out otherwise."
    return (
        f"Of {comparison.shared} questions {counts['worse']} got worse and {counts['better']} better; "
        f"{counts['other']} came out otherwise without that."
    )


def headlines(comparison: Comparison) -> tuple[list[Difference], list[Difference]]:
    """Return the metrics to look at first, and the others."""
    first = [one for one in comparison.differences if one.metric in _HEADLINES or one.significant]
    return first, [one for one in comparison.differences if one not in first]


def verdict(difference: Difference) -> str:
    """Return ``worse`` or ``better`` if a metric differs by more than chance allows, else an empty text."""
    if not difference.significant:
        return ""
    return "worse" if difference.worse else "better"


def cells(difference: Difference) -> list[str]:
    """Return a row of a table: before, after, difference with its interval, and p-value with the verdict."""
    low, high = difference.interval
    change = f"{difference.after - difference.before:+.3f} ({low:+.3f} to {high:+.3f})"
    # Every question adds the same to this metric as before.
    if difference.interval == (0.0, 0.0):
        change = "0"
    chance = f"{difference.p:.3f} {verdict(difference)}".rstrip()
    return [f"{difference.before:.3f}", f"{difference.after:.3f}", change, chance]


def causes(change: Change) -> str:
    """Return the stages at which a question failed, before and now."""
    was, now = change.cause_before or RIGHT, change.cause_after or RIGHT
    return was if was == now else f"{was} → {now}"


def why(change: Change) -> str:
    """Return the first cause as a sentence, followed by the others."""
    if not change.reasons:
        return ""
    first, *others = [one.text for one in change.reasons]
    return f"{first}. Besides: {'; '.join(others)}." if others else f"{first}."


def place(cited: Cited) -> str:
    """Return where a quote stands."""
    path, start, end, _ = cited
    return f"{path}, {start} to {end}"


def grouped(changes: Sequence[Change]) -> Iterator[tuple[str, list[Change]]]:
    """Yield the changes under their headings, worse ones first; empty headings are left out."""
    titles = {"worse": "Worse", "other": "Otherwise, and neither better nor worse", "better": "Better"}
    for direction, title in titles.items():
        if found := [one for one in changes if one.direction == direction]:
            yield title, found
