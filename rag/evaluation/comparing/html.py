"""Render a comparison as one self-contained HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.evaluation.comparing.wording import causes, cells, grouped, place, summary, why
from rag.evaluation.report import page
from rag.evaluation.report.rows import escape, foreign

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rag.evaluation.comparing.changes import Change, Cited
    from rag.evaluation.comparing.comparison import Comparison

_HEADS = ("metric", "before", "after", "difference (95 %)", "p")


def render_html(comparison: Comparison) -> str:
    """Return the page; everything in it that comes from the runs is escaped text, and no script runs."""
    notes = "".join(f"<p>{foreign(note)}</p>" for note in comparison.notes)
    title = f"{foreign(comparison.before)} → {foreign(comparison.after)}"
    told = f'<p class="facts">{escape(summary(comparison))}</p>{notes}'
    parts = [f"<header><h1>{title}</h1>{told}</header>", f"<h2>Metrics</h2>{_figures(comparison)}"]
    for heading, changes in grouped(comparison.changes):
        parts.append(f"<h2>{heading}: {len(changes)}</h2>")
        parts += [_row(change) for change in changes]
    if comparison.missing:
        listed = "".join(f"<li>{foreign(one, 'id')}</li>" for one in comparison.missing)
        parts.append(f"<h2>In one run only, or asked otherwise</h2><ul>{listed}</ul>")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Comparison: {escape(comparison.after)}</title>\n<style>{page.style()}</style>\n</head>\n"
        "<body>\n<main>\n" + "\n".join(parts) + "\n</main>\n</body>\n</html>\n"
    )


def _figures(comparison: Comparison) -> str:
    rows = "".join(
        f'<tr><th scope="row"><code>{escape(one.metric)}</code></th>'
        f"{''.join(f'<td>{escape(cell)}</td>' for cell in cells(one))}</tr>"
        for one in comparison.differences
    )
    head = "".join(f'<th scope="col">{text}</th>' for text in _HEADS)
    return (
        '<div class="scroll sheet" role="region" aria-label="Metrics" tabindex="0"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(change: Change) -> str:
    cause = change.cause_after or "none"
    is_open = " open" if change.direction == "worse" else ""
    answers = _pair("Before", change.before or "–") + _pair("Now", change.after or "–")
    body = "".join(
        (
            _section("No longer cited", map(_citation, change.citations_before)),
            _section("Now cited", map(_citation, change.citations_after)),
            _section("No longer read", (foreign(text, "lines") for text in change.evidence_before)),
            _section("Now read", (foreign(text, "lines") for text in change.evidence_after)),
        )
    )
    return (
        f'<details class="row sheet cause-{escape(cause)}"{is_open}>\n'
        f'<summary><span class="head">{foreign(change.id, "id")}<span class="pill">{escape(causes(change))}</span></span>'
        f"{foreign(change.question, 'question')}{answers}{_pair('Why', why(change))}</summary>\n"
        f'<div class="body">{body or "<p>The same was cited and read, as far as the runs say.</p>"}</div>\n</details>'
    )


def _pair(label: str, text: str) -> str:
    return f'<span class="pair"><span class="soft">{label}</span>{foreign(text)}</span>'


def _section(title: str, items: Iterable[str]) -> str:
    listed = "".join(f"<li>{item}</li>" for item in items)
    return f"<h3>{title}</h3><ul>{listed}</ul>" if listed else ""


def _citation(cited: Cited) -> str:
    return f'<span class="soft">{escape(place(cited))}</span><br><q>{foreign(cited[3], "lines")}</q>'
