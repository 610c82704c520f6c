"""Figures of the report, each an SVG that is embedded in the page and takes its colours from it."""

from __future__ import annotations

import html
import io
import math
import re
from contextlib import contextmanager
from statistics import fmean
from typing import TYPE_CHECKING

from index.errors import RagError
from rag.evaluation.report.causes import CAUSES, WELL, WELL_COLOUR, count_causes
from rag.evaluation.report.wording import percent
from rag.evaluation.types import ReliabilityBin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rag.evaluation.types import Evaluation

_INK = "#010203"  # stands for the colour of the page's text, which only the page knows
_BLUE, _ORANGE, _GREY = "#2571d3", "#bc5215", "#6a737c"
_WIDTH = 5.2  # inches, about the width of a phone at 72 points each, so that letters stay legible there
_DEPTHS = (1, 3, 5, 10)
_BINS = 5
_SETTINGS = {
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",  # comes with matplotlib: the layout is the same everywhere
    "font.size": 10,
    "text.color": _INK,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "grid.color": _INK,
    "grid.alpha": 0.15,
    "legend.frameon": False,
}


def plot_causes(evaluation: Evaluation) -> str:
    """Return one bar with the number of questions that each cause cost, and of those that went well."""
    counts = count_causes(evaluation)
    well = sum(outcome.cause is None for outcome in evaluation.outcomes)
    total = len(evaluation.outcomes)
    if not total:
        return ""
    parts = [(WELL, well, WELL_COLOUR)] if well else []
    parts += [(cause, count, CAUSES[cause].colour) for cause, count in counts.items()]
    with _canvas("causes", height=1.15 + 0.22 * ((len(parts) + 1) // 2)) as (figure, axes):
        left = 0
        for label, count, colour in parts:
            legend = f"{label}  {count}  ({percent(count, total)})"
            axes.barh(0, count, left=left, height=1, color=colour, label=legend)
            if count / total >= 0.05:
                axes.text(left + count / 2, 0, str(count), color="white", weight="bold", ha="center", va="center")
            left += count
        axes.set(xlim=(0, total), ylim=(-0.5, 0.5), yticks=[], xlabel="questions")
        axes.locator_params(axis="x", integer=True)
        axes.spines["left"].set_visible(False)
        figure.legend(loc="outside lower left", ncols=2, handlelength=1, columnspacing=1.2)
        described = ", ".join(f"{label} {count}" for label, count, _ in parts)
        return _svg(figure, "causes", f"Bar of {total} questions by what came of them: {described}.")


def plot_recall(evaluation: Evaluation) -> str:
    """Return the recall by the number of documents, with 95 % intervals."""
    known = [(k, f"recall@{k}", evaluation.metrics.get(f"recall@{k}")) for k in _DEPTHS]
    points = [(k, name, value) for k, name, value in known if value is not None and math.isfinite(value)]
    if not points:
        return ""
    depths, values = [k for k, _, _ in points], [value for _, _, value in points]
    bounds = [evaluation.confidence.get(name, (value, value)) for _, name, value in points]
    # An interval that does not contain its value, by rounding for instance, would be an error in matplotlib.
    below = [max(0.0, value - low) for value, (low, _) in zip(values, bounds, strict=True)]
    above = [max(0.0, high - value) for value, (_, high) in zip(values, bounds, strict=True)]
    with _canvas("recall", height=3.2) as (figure, axes):
        axes.errorbar(depths, values, yerr=[below, above], color=_BLUE, marker="o", capsize=4)
        for k, value in zip(depths, values, strict=True):
            axes.annotate(f"{value:.2f}", (k, value), (7, -13), textcoords="offset points", size=9)
        axes.set(xlim=(0.5, 11), ylim=(0, 1.03), xticks=depths, xlabel="documents looked at (k)", ylabel="recall@k")
        axes.grid(axis="y")
        described = ", ".join(f"{value:.2f} at {k}" for k, value in zip(depths, values, strict=True))
        return _svg(figure, "recall", f"Recall by the number of documents: {described}.")


def plot_reliability(evaluation: Evaluation) -> str:
    """Return how often an answer is right, by the mean support of the sentences that were shown."""
    return _against("reliability", _by_support(evaluation), by="support", label="mean support of the shown sentences")


def plot_confidence(evaluation: Evaluation) -> str:
    """Return how often an answer is right, by its confidence."""
    return _against("confidence", evaluation.reliability, by="confidence", label="mean confidence of the answers")


def _against(name: str, bins: Sequence[ReliabilityBin], *, by: str, label: str) -> str:
    """Return a plot of the share of right answers against their support or confidence."""
    if not bins:
        return ""
    with _canvas(name, height=3.6) as (figure, axes):
        axes.plot([0, 1], [0, 1], color=_INK, linestyle="--", linewidth=1, alpha=0.5)
        axes.plot([one.confidence for one in bins], [one.right for one in bins], color=_BLUE, marker="o")
        for one in bins:
            # Towards the middle of the figure, where there is room.
            offset, side = ((0, -15), "top") if one.right > 0.5 else ((0, 8), "bottom")
            axes.annotate(
                f"n = {one.count}",
                (one.confidence, one.right),
                offset,
                textcoords="offset points",
                ha="right" if one.confidence > 0.9 else "center",
                va="baseline" if side == "top" else "bottom",
                size=9,
            )
        axes.set(xlim=(0, 1.03), ylim=(-0.03, 1.03), xlabel=label)
        axes.set_ylabel("share of answers that are right")
        axes.grid()
        told = ", ".join(f"{one.right:.2f} right at {by} {one.confidence:.2f} (n = {one.count})" for one in bins)
        return _svg(figure, name, f"Share of right answers by their {label.partition(' of ')[0]}: {told}.")


def plot_time(evaluation: Evaluation) -> str:
    """Return the time of each question against the length of its evidence."""
    kinds: dict[str, list[tuple[int, float]]] = {"generated": [], "extract": [], "abstained": []}
    for outcome in evaluation.outcomes:
        if outcome.answer is None or not math.isfinite(outcome.samples.get("total_ms", math.nan)):
            continue
        kind = "abstained" if outcome.abstained else "generated" if outcome.generated else "extract"
        length = sum(len(sentence) for sentence in outcome.evidence)
        kinds[kind].append((length, outcome.samples["total_ms"] / 1000))
    if not any(kinds.values()):
        return ""
    with _canvas("time", height=3.6) as (figure, axes):
        for (kind, points), marker, colour in zip(kinds.items(), "o^x", (_BLUE, _ORANGE, _GREY), strict=True):
            if points:
                lengths, seconds = zip(*points, strict=True)
                label = f"{kind} ({len(points)})"
                axes.scatter(
                    lengths, seconds, s=24, marker=marker, color=colour, alpha=0.75, label=label, clip_on=False
                )
        axes.set(xlabel="characters of evidence", ylabel="seconds")
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.grid()
        figure.legend(loc="outside lower left", ncols=3, handletextpad=0.2)
        described = ", ".join(
            f"{len(points)} {kind} in {fmean(second for _, second in points):.1f} seconds on average"
            for kind, points in kinds.items()
            if points
        )
        return _svg(figure, "time", f"Time against the length of the evidence: {described}.")


def _by_support(evaluation: Evaluation) -> list[ReliabilityBin]:
    binned: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for outcome in evaluation.outcomes:
        if outcome.answer is None or outcome.abstained or not outcome.support:
            continue
        support = min(1.0, max(0.0, fmean(outcome.support)))
        binned[min(int(support * _BINS), _BINS - 1)].append((support, outcome.answerable and outcome.correct))
    return [
        ReliabilityBin(
            fmean(support for support, _ in pairs), sum(right for _, right in pairs) / len(pairs), len(pairs)
        )
        for pairs in binned
        if pairs
    ]


@contextmanager
def _canvas(name: str, *, height: float) -> Iterator[tuple[Figure, Axes]]:
    """Yield an empty figure with our own settings, whatever the user's matplotlibrc says."""
    try:
        from matplotlib import style  # noqa: PLC0415 - an optional extra
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        raise RagError(
            "Reports need matplotlib, which is not installed.",
            hint="Install it with `pip install 'quellentreu[report]'`.",
        ) from error
    with style.context(["default", _SETTINGS | {"svg.hashsalt": f"quellentreu-{name}"}]):
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        yield figure, figure.add_subplot()


def _svg(figure: Figure, name: str, description: str) -> str:
    """Return the figure as an element of a page, with no ids, names, colours or styles that clash with others there."""
    stream = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(stream, format="svg", transparent=True, metadata=nothing)
    text = stream.getvalue()
    text = text[text.index("<svg") :].strip()
    head, _, rest = text.partition(">")
    view = re.search(r'viewBox="([\d. ]+)"', head)
    box = view[1] if view else f"0 0 {72 * figure.get_figwidth():g} {72 * figure.get_figheight():g}"
    return (
        f'<svg class="plot" viewBox="{box}" role="img" aria-label="{html.escape(description)}"'
        f' style="stroke-linejoin: round; stroke-linecap: butt">{_embedded(rest, name)}'
    )


def _embedded(text: str, name: str) -> str:
    substitutions: Sequence[tuple[str, str]] = (
        # Its only rule would apply to every element of the page; it is set on the root instead.
        (r"<style\b.*?</style>", ""),
        (r"<metadata\b.*?</metadata>", ""),
        (r"<!--.*?-->", ""),
        (r"\bxlink:href=", "href="),
        (r'\b(id|href)="(#?)', rf'\1="\2{name}-'),
        (r"url\(#", f"url(#{name}-"),
        (rf"{_INK}\b", "currentColor"),
        (r"font-family: [^;\"]*", "font-family: inherit"),
    )
    for pattern, replacement in substitutions:
        text = re.sub(pattern, replacement, text, flags=re.DOTALL)
    return text
