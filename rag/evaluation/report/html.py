"""Render the report as one self-contained HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.evaluation.report import page, plots
from rag.evaluation.report.causes import CAUSES, WELL, count_causes, first_to_fix
from rag.evaluation.report.rows import escape, foreign, render_row
from rag.evaluation.report.wording import compare_with_baseline, interval_of, percent, value_of

if TYPE_CHECKING:
    from rag.evaluation.types import Evaluation


def render_html(evaluation: Evaluation) -> str:
    """Return the page; everything in it that comes from the evaluation is escaped text."""
    parts = [
        _header(evaluation),
        f'<div class="beside"><section><h2>Metrics</h2>{_metrics(evaluation)}</section>',
        f"<section><h2>What went wrong</h2>{_causes(evaluation)}</section></div>",
        _figures(evaluation),
        _fingerprints(evaluation),
        '<h2 id="questions">Questions</h2>',
        _filters(evaluation),
        *(render_row(outcome) for outcome in evaluation.outcomes),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{page.policy()}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Evaluation: {escape(evaluation.set)}</title>\n"
        f"<style>{page.style()}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in parts if part)
        + f"\n</main>\n<script>{page.SCRIPT}</script>\n</body>\n</html>\n"
    )


def _header(evaluation: Evaluation) -> str:
    counts, cause = count_causes(evaluation), first_to_fix(evaluation)
    failed = sum(counts.values())
    asked = any(outcome.answer is not None for outcome in evaluation.outcomes)
    facts = [f"{evaluation.n} questions", f"read as {escape(evaluation.format)}", f"{failed} failed"]
    if not asked:
        facts.append("retrieval only")
    if cause is None:
        told = '<p class="what">No question failed.</p>'
    else:
        share = f"{counts[cause]} of {failed} failures ({percent(counts[cause], failed)})"
        told = (
            f'<p class="what"><span class="pill">{cause}</span> {CAUSES[cause].meaning}</p>'
            f'<p>This is the cause of {share}. <a href="#questions" data-show="{cause}">Read them.</a></p>'
            f"<p><strong>Look at:</strong> {CAUSES[cause].look_at}</p>"
        )
    compared = compare_with_baseline(evaluation)
    return (
        f'<header><h1>Evaluation of {foreign(evaluation.set)}</h1><p class="facts">{" · ".join(facts)}</p>\n'
        f'<section class="next sheet cause-{cause or "none"}"><h2>What to fix next</h2>{told}'
        + (f'<p class="soft">{escape(compared)}</p>' if compared else "")
        + "</section></header>"
    )


def _metrics(evaluation: Evaluation) -> str:
    compared = bool(evaluation.extractive)
    rows = []
    for name, value in evaluation.metrics.items():
        cells = [value_of(name, value), interval_of(name, evaluation)]
        if compared:
            cells.append(value_of(name, evaluation.extractive.get(name)))
        named = escape(name).replace("_", "_<wbr>")
        rows.append(
            f'<tr><th scope="row"><code>{named}</code></th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
        )
    heads = ["metric", "value", "95 % interval", *(["extractive baseline"] if compared else [])]
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    return (
        '<div class="scroll sheet" role="region" aria-label="Metrics" tabindex="0"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _causes(evaluation: Evaluation) -> str:
    counts = count_causes(evaluation)
    if not counts:
        return "<p>Nothing.</p>"
    items = [
        f'<li class="cause-{cause}"><span class="pill">{cause}</span> '
        f'<a href="#questions" data-show="{cause}">{count} of {len(evaluation.outcomes)} questions</a>'
        f'<p>{CAUSES[cause].meaning}</p><p class="soft">Look at: {CAUSES[cause].look_at}</p></li>'
        for cause, count in sorted(counts.items(), key=lambda pair: -pair[1])
    ]
    return f'<ul class="causes sheet">{"".join(items)}</ul>'


def _figures(evaluation: Evaluation) -> str:
    figures = (
        ("What came of the questions", "Each counts once, for where it was lost.", plots.plot_causes(evaluation)),
        (
            "Recall",
            "The share of the source documents among the first k, with 95 % intervals.",
            plots.plot_recall(evaluation),
        ),
        (
            "Is the support score to be trusted?",
            "By the mean support of the sentences shown. Below the dashed line, the score promises too much.",
            plots.plot_reliability(evaluation),
        ),
        (
            "Is the confidence to be trusted?",
            "Share of right answers by their confidence. Below the dashed line, it promises too much.",
            plots.plot_confidence(evaluation),
        ),
        ("Time", "Of each question, by how much evidence the model had to read.", plots.plot_time(evaluation)),
    )
    drawn = "\n".join(
        f'<figure class="sheet"><figcaption><strong>{title}</strong>{caption}</figcaption>{plot}</figure>'
        for title, caption, plot in figures
        if plot
    )
    return f'<h2>Figures</h2>\n<div class="figures">{drawn}</div>' if drawn else ""


def _fingerprints(evaluation: Evaluation) -> str:
    if not evaluation.fingerprints:
        return ""
    items = "".join(
        f"<dt>{escape(name)}</dt><dd>{foreign(value)}</dd>" for name, value in evaluation.fingerprints.items()
    )
    return f'<h2>Fingerprints</h2>\n<dl class="sheet">{items}</dl>'


def _filters(evaluation: Evaluation) -> str:
    well = sum(outcome.cause is None for outcome in evaluation.outcomes)
    answerable = sum(outcome.answerable for outcome in evaluation.outcomes)
    causes = _choice("cause", "none", WELL, well) + "".join(
        _choice("cause", cause, cause, count) for cause, count in count_causes(evaluation).items()
    )
    kinds = _choice("answerable", "yes", "answerable", answerable) + _choice(
        "answerable", "no", "unanswerable", len(evaluation.outcomes) - answerable
    )
    # Hidden until the script shows it: without the script, all questions are listed and there is nothing to press.
    return (
        '<div id="filters" class="filters sheet" role="search" hidden>'
        f"<fieldset><legend>What came of it</legend>{causes}</fieldset>"
        f"<fieldset><legend>Question</legend>{kinds}</fieldset>"
        '<div class="search"><input id="search" type="search" autocomplete="off"'
        ' aria-label="Search in questions, answers, evidence and paths" placeholder="Search">'
        '<button type="button" id="failures">Only failures</button>'
        '<button type="button" id="everything">Show all</button>'
        '<output id="shown" class="soft" for="search"></output></div></div>'
    )


def _choice(name: str, value: str, label: str, count: int) -> str:
    kind = f' class="choice cause-{value}"' if name == "cause" else ' class="choice"'
    return (
        f'<label{kind}><input type="checkbox" data-filter="{name}" value="{value}" autocomplete="off">'
        f"{label} <b>{count}</b></label>"
    )
