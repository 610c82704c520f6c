"""The report as GitHub flavoured Markdown, small enough for a job summary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.evaluation.report.causes import CAUSES, count_causes
from rag.evaluation.report.wording import (
    answer_of,
    compare_with_baseline,
    interval_of,
    joined,
    one_line,
    percent,
    value_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rag.evaluation.types import Evaluation, Outcome

_MOST_FAILURES = 200
_MOST_BYTES = 400_000  # GitHub drops a job summary above 1 MiB, and a hostile text grows sixfold when it is escaped
_LONGEST = 300
_LONGEST_NAME = 80
# As entities, which are text in every place; a backslash is not one in all dialects.
_SPECIAL = {ord(character): f"&#{ord(character)};" for character in "\\`*_{}[]<>()|~&#$@!"}
_LINK = re.compile(r"://|www\.", re.IGNORECASE)


def render_markdown(evaluation: Evaluation) -> str:
    """Return the report as Markdown."""
    failed = [outcome for outcome in evaluation.outcomes if outcome.cause is not None]
    parts = [
        f"# Evaluation: {_escape(evaluation.set, _LONGEST_NAME)}, n = {evaluation.n}",
        f"Read as {_escape(evaluation.format, _LONGEST_NAME)}. {len(failed)} of {evaluation.n} questions failed.",
        _metrics(evaluation),
        compare_with_baseline(evaluation).replace("answer_contains", "`answer_contains`"),
        "## Causes",
        _causes(evaluation) if failed else "No question failed.",
        *(["## Failures", _failures(failed)] if failed else []),
        *(["## Fingerprints", _fingerprints(evaluation)] if evaluation.fingerprints else []),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _metrics(evaluation: Evaluation) -> str:
    compared = bool(evaluation.extractive)
    rows = []
    for name, value in evaluation.metrics.items():
        row = [f"`{name}`", value_of(name, value), interval_of(name, evaluation)]
        rows.append([*row, value_of(name, evaluation.extractive.get(name))] if compared else row)
    heads = ["metric", "value", "95 % interval", *(["extractive baseline"] if compared else [])]
    return _table(heads, rows, "-" + ":" * (len(heads) - 1))


def _causes(evaluation: Evaluation) -> str:
    counts = count_causes(evaluation)
    rows = [
        [f"`{cause}`", str(count), percent(count, sum(counts.values())), CAUSES[cause].meaning, CAUSES[cause].look_at]
        for cause, count in sorted(counts.items(), key=lambda pair: -pair[1])
    ]
    return _table(["cause", "n", "of failures", "what it means", "what to fix next"], rows, "-::--")


def _failures(failed: Sequence[Outcome]) -> str:
    rows: list[list[str]] = []
    size = 0
    for outcome in failed[:_MOST_FAILURES]:
        row = [
            _escape(outcome.id, _LONGEST_NAME),
            f"`{outcome.cause}`",
            _escape(outcome.question),
            _escape(joined(outcome.gold)),
            _escape(answer_of(outcome)),
        ]
        size += sum(len(cell.encode()) for cell in row)
        if size > _MOST_BYTES:
            break
        rows.append(row)
    table = _table(["id", "cause", "question", "gold", "answer"], rows, "-----")
    missing = len(failed) - len(rows)
    return f"{table}\n\n{missing} more are left out here; `report.html` has them all." if missing else table


def _fingerprints(evaluation: Evaluation) -> str:
    rows = [[_escape(name, _LONGEST_NAME), _escape(value)] for name, value in evaluation.fingerprints.items()]
    return _table(["of", "fingerprint"], rows, "--")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], alignment: str) -> str:
    lines = [heads, ["---:" if side == ":" else "---" for side in alignment], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _escape(text: str, limit: int = _LONGEST) -> str:
    """Return a text of the set or of the model as one line that is text and nothing else."""
    escaped = one_line(text, limit).translate(_SPECIAL)
    # GitHub makes links of bare addresses, too.
    return _LINK.sub(lambda match: match[0].replace(":", "&#58;").replace(".", "&#46;"), escaped)
