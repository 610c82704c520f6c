"""How a comparison is put in words, the same in every form."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.evaluation.comparing.changes import Change, Cited
    from rag.evaluation.comparing.comparison import Comparison, Difference

RIGHT = "right"
# What is looked at first; the others are in the details, unless they differ by more than chance allows.
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
    """Return in one sentence how many questions came out otherwise."""
    counts = {name: sum(one.direction == name for one in comparison.changes) for name in ("worse", "better", "other")}
    if not any(counts.values()):
        return f"None of {comparison.shared} questions came out otherwise."
    return (
        f"Of {comparison.shared} questions {counts['worse']} got worse and {counts['better']} better; "
        f"{counts['other']} came out otherwise without that."
    )


def headlines(comparison: Comparison) -> tuple[list[Difference], list[Difference]]:
    """Return the metrics to be looked at first, and the others."""
    first = [one for one in comparison.differences if one.metric in _HEADLINES or one.significant]
    return first, [one for one in comparison.differences if one not in first]


def verdict(difference: Difference) -> str:
    """Return whether a metric differs by more than chance allows, empty where it does not."""
    if not difference.significant:
        return ""
    return "worse" if difference.worse else "better"


def cells(difference: Difference) -> list[str]:
    """Return a row of figures: before, after, difference with its interval, chance."""
    low, high = difference.interval
    change = f"{difference.after - difference.before:+.3f} ({low:+.3f} to {high:+.3f})"
    # A metric to which all questions add what they did before.
    if difference.interval == (0.0, 0.0):
        change = "0"
    chance = f"{difference.p:.3f} {verdict(difference)}".rstrip()
    return [f"{difference.before:.3f}", f"{difference.after:.3f}", change, chance]


def causes(change: Change) -> str:
    """Return where a question was lost before and now."""
    was, now = change.cause_before or RIGHT, change.cause_after or RIGHT
    return was if was == now else f"{was} → {now}"


def why(change: Change) -> str:
    """Return the first cause in a sentence, the others behind it."""
    if not change.reasons:
        return ""
    first, *others = [one.text for one in change.reasons]
    return f"{first}. Besides: {'; '.join(others)}." if others else f"{first}."


def place(cited: Cited) -> str:
    """Return where a quote stands."""
    path, start, end, _ = cited
    return f"{path}, {start} to {end}"


def grouped(changes: Sequence[Change]) -> Iterator[tuple[str, list[Change]]]:
    """Yield the changes under their headings, worse ones first; headings without any are left out."""
    titles = {"worse": "Worse", "other": "Otherwise, and neither better nor worse", "better": "Better"}
    for direction, title in titles.items():
        if found := [one for one in changes if one.direction == direction]:
            yield title, found
