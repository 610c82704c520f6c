"""
Render the sentences of an answer in the form that fits the question.

A list is drawn as a list, a comparison with its sides beside each other, a timeline with its dates first, a summary as
points under the title of each article, an explanation in short paragraphs, a talk as one paragraph. While sentences
still arrive, each part keeps its place. Pure functions, as in `ui.render.panels`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.types.arrangement import parts
from ui.render.escaping import escape, isolated
from ui.render.sentences import (
    language_of,
    on_page,
    one_line,
    sentences_html,
    translation_html,
    unit_html,
)
from ui.render.texts import format_date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from index.types import Document
    from rag.kinds.types import Kind
    from rag.types import Answer, AnswerSentence, Citation
    from rag.types.arrangement import Part, Unit
    from ui.render.texts import Texts

    Draw = Callable[[Unit], str]

# A sentence continues a paragraph if it is at most this many characters behind the previous one.
_NEAR = 400
_LONGEST_PARAGRAPH = 3
CHOICES: tuple[Kind, ...] = ("fact", "explanation", "list")
"""The forms that a reader can choose."""


def form_of(kind: Kind | None, sentences: Iterable[AnswerSentence]) -> Kind:
    """Return the kind to draw sentences as; while it is unknown, groups show that the answer has parts."""
    if kind is not None:
        return kind
    return "summary" if any(sentence.group for sentence in sentences) else "fact"


def _points(units: Sequence[Unit], draw: Draw) -> str:
    """Render units as points of a list."""
    return f'<ul class="q-points" role="list">{"".join(f"<li>{draw(unit)}</li>" for unit in units)}</ul>'


def _heading(part: Part, language: str) -> str:
    return f"<h3{language}>{isolated(one_line(part.group))}</h3>"


def _labelled(part: Part, draw: Draw, language: str) -> str:
    """Render a part under its label; a screen reader reads the label on reaching it."""
    if not part.group:
        return _points(part.units, draw)
    return (
        f'<div class="q-part" role="group" aria-label="{escape(one_line(part.group))}">'
        f"{_heading(part, language)}{_points(part.units, draw)}</div>"
    )


def _beside(found: Sequence[Part], draw: Draw, language: Callable[[Part], str]) -> str:
    """Render the sides of a comparison beside each other; what belongs to no side is above or below them."""
    html, sides = [], []
    for part in found:
        if part.group:
            sides.append(_labelled(part, draw, language(part)))
            continue
        if sides:
            html.append(f'<div class="q-sides">{"".join(sides)}</div>')
            sides = []
        html += [f"<p>{draw(unit)}</p>" for unit in part.units]
    if sides:
        html.append(f'<div class="q-sides">{"".join(sides)}</div>')
    return "".join(html)


def _dated(found: Sequence[Part], draw: Draw, texts: Texts) -> str:
    """Render events below each other, each after its date."""
    items = []
    for part in found:
        if not part.group:
            items += [f'<li><div class="q-then"><p>{draw(unit)}</p></div></li>' for unit in part.units]
            continue
        date = isolated(format_date(one_line(part.group), texts.language))
        events = "".join(f"<p>{draw(unit)}</p>" for unit in part.units)
        items.append(f'<li><span class="q-date">{date}</span> <div class="q-then">{events}</div></li>')
    return f'<ol class="q-dates" role="list">{"".join(items)}</ol>'


def _goes_on(before: Unit, unit: Unit, citations: Sequence[Citation]) -> bool:
    """Tell whether a unit closely follows another in the same document, so that both read as one paragraph."""
    places = [
        [citations[number] for number in one.citations if 0 <= number < len(citations)] for one in (before[-1], unit[0])
    ]
    if not all(places):
        return False
    last, first = places[0][-1], places[1][0]
    return last.path == first.path and last.end <= first.start <= last.end + _NEAR


def _paragraphs(part: Part, draw: Draw, citations: Sequence[Citation], language: str) -> str:
    """Render units as short paragraphs, each made of units that are close together in a document."""
    together: list[list[Unit]] = []
    for unit in part.units:
        last = together[-1] if together else []
        if last and len(last) < _LONGEST_PARAGRAPH and _goes_on(last[-1], unit, citations):
            last.append(unit)
        else:
            together.append([unit])
    heading = _heading(part, language) if part.group else ""
    return heading + "".join(f"<p>{' '.join(draw(unit) for unit in units)}</p>" for units in together)


def form_html(
    kind: Kind | None,
    sentences: Iterable[AnswerSentence],
    citations: Sequence[Citation],
    texts: Texts,
    documents: Mapping[str, Document] | None = None,
    *,
    language: str = "",
) -> str:
    """
    Render the sentences of an answer in the form of its kind; a translation follows below.

    Parameters
    ----------
    kind
        What was asked for; None while unknown.
    sentences
        The sentences in order; withdrawn ones are left out, see `ui.render.sentences.Struck`.
    citations
        What their indices point into.
    texts
        Language of the page.
    documents
        Articles by path.
    language
        Language of the answer.

    """
    shown = [sentence for sentence in sentences if on_page(sentence)]
    form = form_of(kind, shown)
    if form == "talk":
        return talk_html(" ".join(sentence.text for sentence in shown if sentence.wording == "app"), language, texts)
    theirs = [sentence for sentence in shown if sentence.wording != "model"]
    if form in ("fact", "yes_no", "other") or not theirs:
        return sentences_html(shown, citations, texts, documents, language=language)

    def draw(unit: Unit) -> str:
        return unit_html(unit, citations, texts, documents)

    def spoken(part: Part) -> str:
        return language_of(part.units[0][-1], citations, documents or {}, texts)

    found = parts(theirs, form)
    if form == "comparison":
        body = _beside(found, draw, spoken)
    elif form == "timeline":
        body = _dated(found, draw, texts)
    elif form == "explanation":
        body = "".join(_paragraphs(part, draw, citations, spoken(part)) for part in found)
    else:
        body = "".join(_labelled(part, draw, spoken(part)) for part in found)
    translated = translation_html([sentence for sentence in shown if sentence.wording == "model"], language, texts)
    return f'<div class="q-body q-form-{form}">{body}</div>{translated}'


def talk_html(text: str, language: str, texts: Texts) -> str:
    """Render what the program itself says: a paragraph without numbers; nothing if there are no words."""
    if not text.strip():
        return ""
    attribute = f' lang="{escape(language)}"' if language and language != texts.language else ""
    return f'<p class="q-body q-talk"{attribute}>{isolated(one_line(text))}</p>'


def searched_html(searched: tuple[int, int] | None, texts: Texts) -> str:
    """Render how many articles were searched; nothing if that is unknown."""
    if searched is None:
        return ""
    looked, there = searched
    words = texts.searched_one if looked == there == 1 else texts.searched.format(looked=looked, there=there)
    return f'<p class="q-note q-searched">{escape(words)}</p>'


def following_html(answer: Answer, texts: Texts) -> str:
    """Render follow-up questions, as buttons that ask them."""
    questions = [question.strip() for question in dict.fromkeys(answer.following) if question.strip()]
    if not questions:
        return ""
    label = escape(texts.following)
    language = f' lang="{escape(answer.language)}"' if answer.language != texts.language else ""
    items = "".join(
        f'<li><button type="button" class="q-example q-follow" dir="auto"{language}>{escape(one_line(question))}</button></li>'
        for question in questions
    )
    return f'<div class="q-following"><p class="q-examples">{label}</p><ul role="list" aria-label="{label}">{items}</ul></div>'


def choices_html(answer: Answer, texts: Texts) -> str:
    """Render the other forms in which the same question can be answered, as buttons that ask for them."""
    names = {"fact": texts.form_short, "explanation": texts.form_long, "list": texts.form_list}
    offered = {kind: names[kind] for kind in CHOICES if kind != answer.kind}
    if answer.kind == "other":
        # The question may have been mistaken for something that the program does not do.
        offered = {"fact": texts.form_search}
    elif answer.abstained or answer.kind == "talk":
        return ""
    buttons = "".join(
        f'<button type="button" class="q-action q-form" data-action="form" data-kind="{kind}">{escape(name)}</button>'
        for kind, name in offered.items()
    )
    label = escape(texts.forms)
    return f'<div class="q-forms" role="group" aria-label="{label}"><span>{label}:</span>{buttons}</div>'
