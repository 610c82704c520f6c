"""Print an evaluation, or two side by side, in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from index.printable import escaped, one_line
from rag.cli.console import show

if TYPE_CHECKING:
    from rag.evaluation import Evaluation
    from rag.evaluation.comparing import Comparison


def print_evaluation(result: Evaluation) -> None:
    """Print the metrics of a run, their intervals, the extractive baseline beside them, and the failures."""
    table = Table("metric", "value", "95 %", "extractive", title=Text(f"{escaped(result.set)}, {result.n} questions"))
    for name, value in result.metrics.items():
        interval = result.confidence.get(name)
        bounds = "–" if interval is None else f"{_figure(name, interval[0])} … {_figure(name, interval[1])}"
        other = _figure(name, result.extractive[name]) if name in result.extractive else ""
        table.add_row(name, _figure(name, value), bounds, other)
    show(table)
    if result.reliability:
        curve = Table("confidence", "right", "answers", title="right answers by their confidence")
        for one in result.reliability:
            curve.add_row(f"{one.confidence:.2f}", f"{one.right:.2f}", str(one.count))
        show(curve)
    for failure in result.failures:
        show(one_line(f"{failure.id}  {failure.cause}: {failure.question}"))
        show(Text(one_line(f"    gold {' | '.join(failure.gold) or '–'}; answer {failure.answer}"), style="dim"))


def print_comparison(result: Comparison) -> None:
    """Print what got better and what worse, and why."""
    from rag.evaluation.comparing.wording import verdict, why  # noqa: PLC0415 - only here

    for line in result.notes:
        show(Text(one_line(line), style="dim"))
    table = Table("metric", "before", "after", "change, 95 %", "p", title=f"{result.shared} questions in both")
    for one in result.differences:
        bounds = "" if one.interval == (0.0, 0.0) else f"{one.interval[0]:+.2f} … {one.interval[1]:+.2f}"
        chance = f"{one.p:.3f} {verdict(one)}".rstrip()
        table.add_row(one.metric, f"{one.before:.3f}", f"{one.after:.3f}", bounds, chance)
    show(table)
    other = [one for one in result.changes if one.direction == "other" and set(one.parts) != {"evidence"}]
    for title, changes in (("worse", result.worse), ("otherwise", other), ("better", result.better)):
        show(Text(f"{title}: {len(changes)}", style="bold"))
        for change in sorted(changes, key=lambda one: one.gain):
            causes = f"{change.cause_before or 'right'} -> {change.cause_after or 'right'}"
            show(one_line(f"{change.id}  {causes}: {change.question}"))
            show(Text(one_line(f"    before {change.before or '–'}; after {change.after or '–'}"), style="dim"))
            if change.reasons:
                show(Text(one_line(f"    why: {why(change)}"), style="dim"))
    alike = sum(set(one.parts) == {"evidence"} for one in result.changes)
    if alike:
        show(f"{alike} questions have the same answer from other evidence.")
    if result.missing:
        show(f"{len(result.missing)} questions are in one of the runs only.")


def _figure(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}" if "_ms_" in name or "_tokens_" in name else f"{value:.3f}"
