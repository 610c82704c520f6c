"""
From the values of `rag` to HTML, every character escaped.

Pure functions: nothing here knows Gradio. Whatever comes from a document, a model or a user passes through
`escape`; nothing is parsed as Markdown, LaTeX or HTML.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from index.documents import front_matter
from ui.texts import format_date, format_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from index.types import Document, Metadata
    from rag.types import Answer, AnswerSentence, Citation, EvidenceSentence
    from ui.texts import Texts

LONG_TEXT = 120_000
SURROUNDINGS = 8_000
_HEADING = re.compile(r"^(#{1,6} +)\S.*$", re.MULTILINE)
_BLANK = re.compile(r"\s*")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Marked:
    """
    A piece of a document's text between two borders of marks.

    Parameters
    ----------
    start, end
        Offsets into the document's text.
    marks
        The keys of the marks that cover all of it.

    """

    start: int
    end: int
    marks: tuple[str, ...]


def escape(text: str) -> str:
    """
    Make a text safe inside HTML, also between quotes, and give it back unchanged in the browser.

    A carriage return is written as a character reference, because HTML parsers turn it into a line feed and
    the highlighted characters would differ from the cited ones. A lone surrogate cannot be sent and is
    replaced.
    """
    escaped = html.escape(_SURROGATE.sub("\ufffd", text), quote=True)
    return escaped.replace("\r", "&#13;")


def _isolated(text: str) -> str:
    """Escape a text and keep its writing direction, and stray direction marks, to itself."""
    return f"<bdi>{escape(text)}</bdi>"


def body_start(text: str) -> int:
    """Return the offset of the first character after a document's front matter that can be seen."""
    _, offset = front_matter(text)
    blank = _BLANK.match(text, offset)
    return blank.end() if blank else offset


def split_at_marks(start: int, end: int, marks: Mapping[str, tuple[int, int]]) -> list[Marked]:
    """
    Cut a range wherever a mark begins or ends, so that marks may overlap.

    Parameters
    ----------
    start, end
        The range.
    marks
        Key and half-open range of each mark; what lies outside the range is left out.

    Returns
    -------
    list[Marked]
        Adjoining pieces that together make up the range.

    """
    borders = {start, end}
    for low, high in marks.values():
        borders.update(border for border in (low, high) if start < border < end)
    ordered = sorted(borders)
    return [
        Marked(low, high, tuple(key for key, (a, b) in marks.items() if a <= low and high <= b and a < b))
        for low, high in pairwise(ordered)
    ]


def _windows(text: str, marks: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the ranges to show: all of the body, or of a very long one the surroundings of its marks."""
    begin = body_start(text)
    spans = sorted(marks)
    begin = min([begin, *(low for low, _ in spans)])
    if len(text) - begin <= LONG_TEXT:
        return [(begin, len(text))]
    windows: list[tuple[int, int]] = []
    for low, high in spans or [(begin, begin)]:
        first, last = max(begin, low - SURROUNDINGS), min(len(text), high + SURROUNDINGS)
        if windows and first <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(last, windows[-1][1]))
        else:
            windows.append((first, last))
    return windows


def _text_html(text: str, start: int, end: int, marks: Mapping[str, tuple[int, int]]) -> str:
    """Render a range of a text with its marks; each character stands in the result exactly once."""
    lines, hashes = {}, {}
    for number, match in enumerate(_HEADING.finditer(text, start, end)):
        lines[f"line{number}"], hashes[f"hash{number}"] = match.span(), match.span(1)
    parts = []
    for piece in split_at_marks(start, end, {**marks, **lines, **hashes}):
        content = escape(text[piece.start : piece.end])
        if any(key in hashes for key in piece.marks):
            content = f'<span class="q-hashes">{content}</span>'
        if any(key in lines for key in piece.marks):
            content = f'<span class="q-heading">{content}</span>'
        keys = " ".join(key for key in piece.marks if key in marks)
        if keys:
            content = f'<mark data-marks="{escape(keys)}">{content}</mark>'
        parts.append(content)
    return "".join(parts)


def _byline(metadata: Metadata, texts: Texts) -> str:
    """Render source and date, as far as they are known."""
    known = [metadata.source, format_date(metadata.date, texts.language)]
    return " · ".join(_isolated(item) for item in known if item)


def article_html(document: Document, turn: int, marks: Mapping[str, tuple[int, int]], texts: Texts) -> str:
    """
    Render a whole article for the panel.

    Parameters
    ----------
    document
        The article; its front matter is not shown.
    turn
        Number of the question it belongs to.
    marks
        Ranges that can be highlighted: ``c0``, ``c1`` … for the answer's citations, ``e0`` … for evidence.
        The script in the page decides which of them are; the cutting is done here, in code points.
    texts
        Language of the page.

    Returns
    -------
    str
        An ``<article>``.

    """
    windows = _windows(document.text, marks.values())
    passages = "".join(
        f'<div class="q-text">{_text_html(document.text, start, end, marks)}</div>' for start, end in windows
    )
    whole = len(document.text) - body_start(document.text)
    shortened = sum(end - start for start, end in windows) < whole
    note = f'<p class="q-note">{escape(texts.article_shortened)}</p>' if shortened else ""
    metadata = document.metadata
    return (
        f'<article data-turn="{turn}" data-path="{escape(document.path)}" lang="{escape(metadata.language)}">'
        f"<header><h2>{_isolated(metadata.title)}</h2>"
        f'<p class="q-byline">{_byline(metadata, texts)}</p>{note}</header>{passages}</article>'
    )


def _citation_buttons(turn: int, numbers: Iterable[int], citations: Sequence[Citation], texts: Texts) -> str:
    """Render citation numbers, counted from 1, as buttons."""
    buttons = []
    for number in numbers:
        if not 0 <= number < len(citations):
            continue
        label = f"{texts.quote_of} {number + 1}: {citations[number].title}"
        buttons.append(
            f'<button type="button" class="q-cite" data-turn="{turn}" data-mark="c{number}" '
            f'title="{escape(label)}" aria-label="{escape(label)}">{number + 1}</button>'
        )
    return f'<span class="q-cites">{"".join(buttons)}</span>' if buttons else ""


def sentence_html(sentence: AnswerSentence, turn: int, citations: Sequence[Citation], texts: Texts) -> str:
    """
    Render a checked sentence with its citation numbers; a withdrawn one is empty.

    Parameters
    ----------
    sentence
        Its citation indices point into ``citations``.
    turn
        Number of the question.
    citations
        All citations of the answer so far.
    texts
        Language of the page.

    """
    if sentence.status == "withdrawn":
        return ""
    flag = ""
    if sentence.status == "marked":
        hint, mark = escape(texts.unsupported_hint), escape(texts.unsupported)
        flag = f' <span class="q-flag" title="{hint}">{mark}</span>'
    buttons = _citation_buttons(turn, sentence.citations, citations, texts)
    return f'<span class="q-sentence q-{sentence.status}">{_isolated(sentence.text)}{buttons}{flag}</span> '


def _footer(answer: Answer, turn: int, texts: Texts) -> str:
    """Render time and model, and the way to the evidence of this question."""
    facts = [
        f"{escape(texts.took)} {escape(format_seconds(answer.timings.total_ms, texts))}",
        f"{escape(texts.found_after)} {escape(format_seconds(answer.timings.first_evidence_ms, texts))}",
    ]
    # A reader wants the model's name; revision and engine, which follow the @, are in the JSON form.
    model = answer.models.get("llm", "").partition("@")[0]
    if model and answer.generated and not answer.abstained:
        facts.append(_isolated(model if len(model) <= 60 else f"{model[:59]}…"))
    button = (
        f'<button type="button" class="q-show" data-turn="{turn}">{escape(texts.show_evidence)}</button>'
        if answer.evidence
        else ""
    )
    return f'<footer class="q-facts"><span>{" · ".join(facts)}</span>{button}</footer>'


def answer_html(answer: Answer, turn: int, texts: Texts) -> str:
    """
    Render a finished answer: sentences with citation numbers, notes, footer.

    Parameters
    ----------
    answer
        The answer.
    turn
        Number of the question.
    texts
        Language of the page.

    """
    parts = []
    if answer.standalone_question.strip() != answer.question.strip():
        parts.append(f'<p class="q-note">{escape(texts.understood_as)}: {_isolated(answer.standalone_question)}</p>')
    language = escape(answer.language)
    if answer.abstained:
        parts.append(
            f'<div class="q-abstained"><p class="q-state">{escape(texts.abstained)}</p>'
            f'<p lang="{language}">{_isolated(answer.text)}</p>'
        )
        if answer.evidence:
            parts.append(f'<p class="q-note">{escape(texts.abstained_hint)}</p>')
        parts.append("</div>")
    else:
        sentences = "".join(sentence_html(sentence, turn, answer.citations, texts) for sentence in answer.sentences)
        parts.append(f'<p class="q-body" lang="{language}">{sentences or _isolated(answer.text)}</p>')
        parts += [f'<p class="q-note">{escape(texts.silent_on)}: {_isolated(part)}</p>' for part in answer.unanswered]
        if not answer.generated:
            parts.append(f'<p class="q-note">{escape(texts.extract)}</p>')
    return "".join(parts) + _footer(answer, turn, texts)


def provisional_html(
    sentences: Sequence[AnswerSentence],
    citations: Sequence[Citation],
    provisional: str,
    *,
    turn: int,
    texts: Texts,
    state: str,
    busy: bool,
) -> str:
    """
    Render an answer in the making: checked sentences as they will stay, the rest visibly provisional.

    Parameters
    ----------
    sentences, citations
        What has been checked so far.
    provisional
        Text of the language model not yet checked.
    turn
        Number of the question.
    texts
        Language of the page.
    state
        What is going on, in words.
    busy
        False once it has been stopped.

    """
    checked = "".join(sentence_html(sentence, turn, citations, texts) for sentence in sentences)
    draft = f'<span class="q-draft">{_isolated(provisional)}</span>' if provisional.strip() else ""
    body = f'<p class="q-body">{checked}{draft}</p>' if checked or draft else ""
    kind = "q-progress" if busy else "q-note"
    return f'{body}<p class="{kind}" role="status">{escape(state)}</p>'


def error_html(reason: str, texts: Texts) -> str:
    """Render a failure: what happened in the language of the page, then the reason in one line."""
    state = f'<p class="q-state">{escape(texts.error)}</p>'
    return f'<div class="q-error" role="alert">{state}<p>{_isolated(reason)}</p></div>'


def turn_html(question: str, body: str, turn: int) -> str:
    """Render a question and what stands below it; ``body`` is HTML from this module."""
    return (
        f'<section class="q-turn" data-turn="{turn}">'
        f'<h2 class="q-question" dir="auto">{escape(question)}</h2>'
        f'<div class="q-answer">{body}</div></section>'
    )


def evidence_html(
    question: str,
    evidence: Sequence[EvidenceSentence],
    citations: Sequence[Citation],
    *,
    documents: Mapping[str, Document],
    turn: int,
    texts: Texts,
    nearest: bool = False,
) -> str:
    """
    Render the evidence of a question, grouped by article in the order in which articles come.

    Parameters
    ----------
    question
        What was asked.
    evidence
        The sentences; each becomes a button that opens its article.
    citations
        Citations of the answer so far: their numbers stand beside the sentences they overlap.
    documents
        The articles by path; one that is missing is shown without source and date.
    turn
        Number of the question.
    texts
        Language of the page.
    nearest
        True where the sources hold no answer and these are only the nearest passages.

    """
    groups: dict[str, list[str]] = {}
    for number, sentence in enumerate(evidence):
        cited = [
            index
            for index, citation in enumerate(citations)
            if citation.path == sentence.path and citation.start < sentence.end and sentence.start < citation.end
        ]
        badges = "".join(f'<span class="q-number" title="{escape(texts.cited)}">{index + 1}</span>' for index in cited)
        groups.setdefault(sentence.path, []).append(
            f"<li{' class=q-cited' if cited else ''}>"
            f'<button type="button" class="q-evidence" data-turn="{turn}" data-mark="e{number}" '
            f'title="{escape(texts.article_open)}">{_isolated(sentence.text)}{badges}</button></li>'
        )
    titles = {sentence.path: sentence.title for sentence in reversed(evidence)}
    articles = []
    for path, items in groups.items():
        document = documents.get(path)
        byline = _byline(document.metadata, texts) if document else ""
        language = escape(document.metadata.language) if document else "de"
        articles.append(
            f'<section class="q-source" lang="{language}"><h3>{_isolated(titles[path] or path)}</h3>'
            f'<p class="q-byline">{byline}</p><ul>{"".join(items)}</ul></section>'
        )
    title = texts.nearest_title if nearest else texts.evidence_title
    return (
        f'<section class="q-list" data-turn="{turn}"><h2>{escape(title)}</h2>'
        f'<p class="q-about">{escape(texts.evidence_of)} {_isolated(question)}</p>'
        f"{''.join(articles)}</section>"
    )
