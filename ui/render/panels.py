"""
Render the values of `rag` as HTML, every character escaped.

Pure functions that do not depend on Gradio. Whatever comes from a document, a model or a user passes through
`escape`; nothing is parsed as Markdown, LaTeX or HTML. A button that opens an article carries its path, the
range and the quote, so that the script in the page needs to know nothing else.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from rag.retrieval.unread import by_document, listed
from rag.types.arrangement import is_in_another_language, is_talk, said
from ui.render.escaping import byline, escape, file_name, isolated
from ui.render.forms import choices_html, following_html, form_html, searched_html, talk_html
from ui.render.sentences import one_line, opens
from ui.render.texts import format_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from index.types import Document
    from rag.kinds.types import Kind
    from rag.types import Answer, AnswerSentence, Citation, EvidenceSentence
    from ui.render.failures import Failure
    from ui.render.texts import Texts

_NAMES_BEHIND = re.compile(r"\s*\([^()]*\)$")


def _facts(answer: Answer, texts: Texts) -> str:
    """Render time and model."""
    facts = [
        f"{escape(texts.took)} {escape(format_seconds(answer.timings.total_ms, texts))}",
        f"{escape(texts.found_after)} {escape(format_seconds(answer.timings.first_evidence_ms, texts))}",
    ]
    # A reader wants the model's name; revision and engine, which follow the @, are in the JSON form.
    model = answer.models.get("llm", "").partition("@")[0]
    if model and answer.generated and not answer.abstained:
        facts.append(isolated(model if len(model) <= 60 else f"{model[:59]}…"))
    return f'<p class="q-facts">{" · ".join(facts)}</p>'


def understood_html(question: str, standalone: str, texts: Texts) -> str:
    """Render the sentence that a follow-up was understood as, or, if there is none, the question it refers to."""
    asked, whole = " ".join(question.split()), standalone.strip()
    if not whole or whole == asked:
        return ""
    said, text = texts.understood_as, whole
    if asked and whole.endswith(f" {asked}"):
        # The names from the answer, in brackets, are only for the search.
        said, text = texts.related_to, _NAMES_BEHIND.sub("", whole.removesuffix(asked).strip())
    return f'<p class="q-note q-understood">{escape(said)}: {isolated(text)}</p>'


def _notes(answer: Answer, texts: Texts) -> str:
    """Render what a reader should know about the answer besides its sentences."""
    extract = "" if answer.generated else f'<p class="q-note">{escape(texts.extract)}</p>'
    foreign = f'<p class="q-note">{escape(texts.quoted_as_written)}</p>' if is_in_another_language(answer) else ""
    return searched_html(answer.searched, texts) + foreign + _silent(answer, texts) + extract


def _silent(answer: Answer, texts: Texts) -> str:
    """Render what the sources do not answer: a question needs an introduction, a sentence is shown as it is."""
    notes = [
        f"{escape(texts.silent_on)}: {isolated(part)}" if part.endswith("?") else isolated(part)
        for part in answer.unanswered
    ]
    return "".join(f'<p class="q-note">{note}</p>' for note in notes)


def _unread(answer: Answer, texts: Texts) -> str:
    """Render what was not read of the documents an answer is or might be based on: one line for each."""
    lines = (
        texts.unread_in.format(name=file_name(path), parts=listed(parts, texts.language))
        for path, parts in by_document(answer.unread).items()
    )
    return "".join(f'<p class="q-note q-unread">{isolated(line)}</p>' for line in lines)


def answer_html(
    answer: Answer,
    texts: Texts,
    *,
    documents: Mapping[str, Document] | None = None,
    drawn: Sequence[AnswerSentence] | None = None,
    withdrawn: Sequence[str] = (),
) -> str:
    """
    Render a finished answer: sentences with citation numbers, notes, time and model, and buttons for other forms.

    Parameters
    ----------
    answer
        The answer.
    texts
        Language of the page.
    documents
        Articles by path, for source, date and language of a quotation.
    drawn
        Its sentences as the page shows them, including those withdrawn in the making; by default the answer's own.
    withdrawn
        Texts that were on the page before they were checked and are not part of the answer.

    """
    if is_talk(answer):
        return talk_html(said(answer), answer.language, texts) + choices_html(answer, texts)
    understood = understood_html(answer.question, answer.standalone_question, texts)
    language = f' lang="{escape(answer.language)}"'
    if answer.abstained:
        hint = f'<p class="q-note">{escape(texts.abstained_hint)}</p>' if answer.evidence else ""
        body = (
            f'<div class="q-abstained"><p class="q-state">{escape(texts.abstained)}</p>'
            f"<p{language}>{isolated(answer.text)}</p>{hint}</div>"
        )
        looked = searched_html(answer.searched, texts) + _silent(answer, texts)
        return understood + _struck(withdrawn, texts) + body + looked + _unread(answer, texts) + _facts(answer, texts)
    sentences = answer.sentences if drawn is None else drawn
    body = form_html(answer.kind, sentences, answer.citations, texts, documents, language=answer.language)
    body = body or f'<p class="q-body"{language}>{isolated(answer.text)}</p>'
    body += _struck(withdrawn, texts)
    notes = _notes(answer, texts) + _unread(answer, texts) + _facts(answer, texts)
    return understood + body + notes + choices_html(answer, texts)


def _draft(provisional: Sequence[str], label: str) -> str:
    """Render the passages found so far, where the sentences will be but visibly different from them."""
    label = f'<span class="q-draft-label">{escape(label)}</span>'
    places = "".join(f"<p>{isolated(one_line(text.strip()))} {label}</p>" for text in provisional if text.strip())
    # A screen reader would stutter, and perhaps read something wrong; the finished answer is announced instead.
    return f'<div class="q-draft" aria-hidden="true">{places}</div>' if places else ""


def _struck(withdrawn: Sequence[str], texts: Texts) -> str:
    """Render provisional texts that were not confirmed: in their place, struck through."""
    label = f'<span class="q-unseen">{escape(texts.withdrawn)}: </span>'
    places = "".join(
        f'<p><del class="q-sentence q-struck">{label}{isolated(one_line(text.strip()))}</del></p>'
        for text in withdrawn
        if text.strip()
    )
    return f'<div class="q-withdrawn">{places}</div>' if places else ""


def provisional_html(
    sentences: Sequence[AnswerSentence],
    citations: Sequence[Citation],
    provisional: Sequence[str],
    *,
    likely: Sequence[str] = (),
    texts: Texts,
    state: str,
    busy: bool,
    documents: Mapping[str, Document] | None = None,
    understood: str = "",
    language: str = "",
    kind: Kind | None = None,
) -> str:
    """
    Render an answer in the making: checked sentences in their final form, the rest visibly provisional.

    Parameters
    ----------
    sentences, citations
        What has been checked so far.
    provisional
        Passages found in the sources and not yet checked.
    likely
        Sentences that probably answer the question, found before the model has read.
    texts
        Language of the page.
    state
        What is happening, in words.
    busy
        False once it has been stopped.
    documents
        Articles by path.
    understood
        HTML from `understood_html`.
    language
        Language of the answer.
    kind
        What is asked for, if known.

    """
    checked = form_html(kind, sentences, citations, texts, documents, language=language)
    guessed = _draft(likely, texts.likely)
    look = "q-progress" if busy else "q-note"
    return (
        f'{understood}{checked}{guessed}{_draft(provisional, texts.provisional)}<p class="{look}">{escape(state)}</p>'
    )


def error_html(failure: Failure, texts: Texts) -> str:
    """Render a failure: what happened, what to do about it, and the error's own message for those who want it."""
    remedy = f"<p>{isolated(failure.remedy)}</p>" if failure.remedy else ""
    detail = ""
    if failure.detail:
        summary = escape(texts.error_detail)
        detail = f'<details><summary>{summary}</summary><p lang="en">{isolated(failure.detail)}</p></details>'
    return f'<div class="q-error"><p class="q-state">{isolated(failure.state)}</p>{remedy}{detail}</div>'


def note_html(text: str) -> str:
    """Render an unobtrusive note."""
    return f'<p class="q-note">{isolated(text)}</p>'


def _actions(state: str, texts: Texts, *, talk: bool = False) -> str:
    """Render what can be done with a question that has been dealt with; a talk has no evidence."""
    names = {"retry": texts.retry, "edit": texts.edit, "link": texts.link}
    if not talk:
        names["evidence"] = texts.show_evidence
    if state == "done":
        names = {"copy": texts.copy, **names}
    if state == "done" and not talk:
        names["receipt"] = texts.receipt
    buttons = "".join(
        f'<button type="button" class="q-action" data-action="{name}">{escape(label)}</button>'
        for name, label in names.items()
    )
    if state == "done":  # shown only if feedback is accepted, see `ui.features.feedback`
        buttons += "".join(
            f'<button type="button" class="q-thumb" data-thumb="{name}" aria-pressed="false">{escape(label)}</button>'
            for name, label in (("good", texts.thumb_good), ("bad", texts.thumb_bad))
        )
    return f'<div class="q-actions" role="group" aria-label="{escape(texts.actions)}">{buttons}</div>'


def turn_html(
    question: str,
    body: str,
    number: int,
    texts: Texts,
    *,
    state: str = "busy",
    token: str = "",
    record: Mapping[str, Any] | None = None,
    answer: Answer | None = None,
) -> str:
    """
    Render a question and what is below it.

    Parameters
    ----------
    question
        As typed.
    body
        HTML from this module.
    number
        Number of the question in its conversation.
    texts
        Language of the page.
    state
        ``busy``, ``done``, ``stopped`` or ``failed``.
    token
        The one that came with the question.
    record
        What the browser is to keep of it.
    answer
        The answer in ``body``: its follow-up questions come last.

    """
    kept = f' data-record="{escape(json.dumps(record, ensure_ascii=False))}"' if record else ""
    actions = "" if state == "busy" else _actions(state, texts, talk=answer is not None and is_talk(answer))
    if answer is not None and state == "done":
        actions += following_html(answer, texts)
    return (
        f'<section class="q-turn" data-turn="{number}" data-state="{escape(state)}" data-token="{escape(token)}"{kept}>'
        f'<h2 class="q-question" dir="auto">{escape(question)}</h2>'
        f'<div class="q-answer">{body}{actions}</div></section>'
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
    Render the evidence of a question, grouped by article in order of first appearance.

    Parameters
    ----------
    question
        What was asked.
    evidence
        The sentences; each becomes a button that opens its article.
    citations
        Citations of the answer so far: their numbers are shown beside the sentences they overlap.
    documents
        The articles by path; a missing one is shown without source and date.
    turn
        Number of the question.
    texts
        Language of the page.
    nearest
        True if the sources contain no answer and these are only the nearest passages.

    """
    groups: dict[str, list[str]] = {}
    for number, sentence in enumerate(evidence):
        cited = [
            index
            for index, citation in enumerate(citations)
            if citation.path == sentence.path and citation.start < sentence.end and sentence.start < citation.end
        ]
        badges = "".join(
            f'<span class="q-number"><span class="q-unseen"> {escape(texts.cited)} </span>{index + 1}</span>'
            for index in cited
        )
        groups.setdefault(sentence.path, []).append(
            f"<li{' class=q-cited' if cited else ''}>"
            f'<button type="button" class="q-evidence" data-mark="e{number}" '
            f"{opens(sentence.path, sentence.start, sentence.end, sentence.text)} "
            f'title="{escape(texts.article_open)}">{isolated(one_line(sentence.text))}{badges}</button></li>'
        )
    titles = {sentence.path: sentence.title for sentence in reversed(evidence)}
    articles = []
    for path, items in groups.items():
        document = documents.get(path)
        about = byline(document.metadata, texts) if document else ""
        language = escape(document.metadata.language) if document else "de"
        articles.append(
            f'<section class="q-source" lang="{language}"><h3>{isolated(titles[path] or path)}</h3>'
            f'<p class="q-byline">{about}</p><ul>{"".join(items)}</ul></section>'
        )
    title = texts.nearest_title if nearest else texts.evidence_title
    return (
        f'<section class="q-list" data-turn="{turn}"><h2>{escape(title)}</h2>'
        f'<p class="q-about">{escape(texts.evidence_of)} {isolated(question)}</p>'
        f"{''.join(articles)}</section>"
    )
