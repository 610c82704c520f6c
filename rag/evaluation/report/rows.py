"""The questions of the page: what is visible of each, and what unfolds."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from rag.evaluation.report.causes import CAUSES, WELL
from rag.evaluation.report.wording import NONE, answer_of, joined, printable, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rag.evaluation.types import CheckedCitation, Outcome


def escape(text: str) -> str:
    """Return a text that is safe in an element and in an attribute, whatever it contains."""
    return html.escape(printable(text), quote=True)


def foreign(text: str, kind: str = "") -> str:
    """Return a text of the set, the corpus or the model: escaped, isolated in its direction, and searchable."""
    return f'<span class="{f"{kind} t" if kind else "t"}" dir="auto">{escape(text)}</span>'


def render_row(outcome: Outcome) -> str:
    """Return one question."""
    cause = outcome.cause or "none"
    silent = "" if outcome.answerable else '<span class="soft">unanswerable</span>'
    gold = joined(outcome.gold) if outcome.answerable else joined(outcome.gold, "(none: the sources are silent)")
    pairs = [_pair("Gold", gold)]
    if outcome.answer is not None:
        pairs.append(_pair("Answer", answer_of(outcome)))
    return (
        f'<details class="row sheet cause-{cause}" data-cause="{cause}" data-answerable="{_yes(outcome)}">\n'
        f'<summary><span class="head">{foreign(outcome.id, "id")}'
        f'<span class="pill">{outcome.cause or WELL}</span>{silent}</span>'
        f"{foreign(outcome.question, 'question')}{''.join(pairs)}</summary>\n"
        f'<div class="body">{_body(outcome)}</div>\n</details>\n'
    )


def _yes(outcome: Outcome) -> str:
    return "yes" if outcome.answerable else "no"


def _pair(label: str, text: str) -> str:
    return f'<span class="pair"><span class="soft">{label}</span>{foreign(text)}</span>'


def _body(outcome: Outcome) -> str:
    parts = []
    if outcome.cause is not None:
        explanation = CAUSES[outcome.cause]
        parts.append(f"<h3>Cause</h3><p>{explanation.meaning} Look at: {explanation.look_at}</p>")
    parts.append(_section("Sources with the answer", map(foreign, outcome.sources), "ul"))
    parts.append(_section("Retrieved documents", (_document(path, outcome) for path in outcome.retrieved)))
    if outcome.answer is not None:
        if outcome.key_points:
            parts.append(_section("Key points", (_point(*point) for point in outcome.key_points), "ul"))
        parts.append(_section("Evidence", (foreign(sentence, "lines") for sentence in outcome.evidence)))
        parts.append(_section("Citations", map(_citation, outcome.citations)))
        parts.append(_how(outcome))
    timings = [f"{escape(name)} {value_of(name, value)}" for name, value in outcome.samples.items() if "_ms" in name]
    if timings:
        parts.append(f"<h3>Timings</h3><p>{', '.join(timings)}</p>")
    return "".join(parts)


def _section(title: str, items: Iterable[str], kind: str = "ol") -> str:
    listed = "".join(f"<li>{item}</li>" for item in items)
    return f"<h3>{title}</h3>" + (f"<{kind}>{listed}</{kind}>" if listed else f"<p>{NONE}</p>")


def _document(path: str, outcome: Outcome) -> str:
    return foreign(path) + (' <span class="right">✓ gold</span>' if path in outcome.sources else "")


def _point(text: str, is_covered: bool) -> str:  # noqa: FBT001 - an outcome's own pair
    mark = '<span class="right">✓ covered</span>' if is_covered else '<span class="wrong">✗ missed</span>'
    return f"{mark} {foreign(text)}"


def _citation(citation: CheckedCitation) -> str:
    mark = '<span class="right">✓ right</span>' if citation.right else '<span class="wrong">✗ wrong</span>'
    place = f'<span class="soft">{citation.start} to {citation.end}</span>'
    return f"{mark} {foreign(citation.path)} {place}<br><q>{foreign(citation.quote, 'lines')}</q>"


def _how(outcome: Outcome) -> str:
    kind = "Abstained" if outcome.abstained else "Generated" if outcome.generated else "Extract"
    facts = [f"{kind}."]
    if outcome.support:
        facts.append(f"Support of the sentences: {', '.join(f'{value:.2f}' for value in outcome.support)}.")
    if "answer_contains" in outcome.extractive:
        verdict = "right" if outcome.extractive["answer_contains"][0] else "wrong"
        facts.append(f"The extractive baseline is {verdict} here.")
    return f"<h3>How it was answered</h3><p>{' '.join(facts)}</p>"
