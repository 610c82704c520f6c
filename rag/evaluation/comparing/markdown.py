"""Render a comparison as Markdown for a pull request: a table, followed by the changes, folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.evaluation.comparing.wording import causes, cells, grouped, headlines, place, summary, why
from rag.evaluation.report.cells import escaped, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.evaluation.comparing.changes import Change
    from rag.evaluation.comparing.comparison import Comparison, Difference

MARK = "<!-- rag compare -->"
"""The first line, by which a later comment finds an earlier one."""
_MOST_BYTES = 55_000  # GitHub accepts comments of up to 65536 characters
_MOST_LISTED = 5  # citations or sentences per question
_HEADS = ["metric", "before", "after", "difference (95 %)", "p"]


def render_markdown(comparison: Comparison) -> str:
    """Return the comparison as Markdown that GitHub and GitLab show alike."""
    first, others = headlines(comparison)
    parts = [MARK, f"### Answers: {summary(comparison)}", *(f"> {escaped(note)}" for note in comparison.notes)]
    if first:
        parts.append(_figures(first))
    if others:
        parts.append(_folded(f"{len(others)} more metrics", _figures(others)))
    left = _MOST_BYTES - sum(len(part.encode()) for part in parts)
    missing = 0
    for title, changes in grouped(comparison.changes):
        shown: list[str] = []
        for change in changes:
            text = "\n".join(_change(change))
            left -= len(text.encode())
            if left < 0:
                missing += 1
                continue
            shown.append(text)
        if shown:
            parts.append(_folded(f"{title}: {len(changes)}", "\n\n".join(shown)))
    if missing:
        parts.append(f"{missing} more are left out here; `rag compare --format html` has them all.")
    if comparison.missing:
        parts.append(f"{len(comparison.missing)} questions are in one of the runs only, or asked otherwise.")
    return "\n\n".join(parts) + "\n"


def _figures(differences: Sequence[Difference]) -> str:
    return table(_HEADS, [[f"`{one.metric}`", *cells(one)] for one in differences], "-::::")


def _folded(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def _change(change: Change) -> Iterator[str]:
    yield f"**{escaped(change.id, 80)}** {escaped(causes(change))}: {escaped(change.question)}"
    yield f"- why: {escaped(why(change), 600)}"
    if "answer" in change.parts or "verdict" in change.parts:
        yield f"- before: {escaped(change.before or '–')}"
        yield f"- now: {escaped(change.after or '–')}"
    for sign, citations in (("no longer cited", change.citations_before), ("now cited", change.citations_after)):
        for one in citations[:_MOST_LISTED]:
            yield f"- {sign}: {escaped(place(one))}: {escaped(one[3])}"
    for sign, sentences in (("no longer read", change.evidence_before), ("now read", change.evidence_after)):
        for text in sentences[:_MOST_LISTED]:
            yield f"- {sign}: {escaped(text)}"
        if len(sentences) > _MOST_LISTED:
            yield f"- {sign}: {len(sentences) - _MOST_LISTED} more sentences"
