"""
Render the sentences of an answer: the source's own words, the answering ones in bold, each sentence with its number.

A sentence that only explains what the next one refers to is shown less prominently before it, in the same paragraph.
A translation, which is not the source's wording, follows below under a heading that says so. Pure functions, as in
`ui.render.panels`.
"""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from rag.types import AnswerSentence
from rag.types.arrangement import units
from ui.render.escaping import escape, file_name, isolated, known_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from index.types import Document
    from rag.types import Citation
    from ui.render.texts import Texts

# One character for one, so that offsets stay the same.
_ONE_LINE = str.maketrans(dict.fromkeys("\t\n\v\f\r\x85\u2028\u2029", " "))
_EMPHASIS = "*_"
# The same expression is in client/50-export.js.
_ENDED = re.compile(r"[.!?…:;][\"'”’“‘»«›‹)\]]*\s*$")


class Struck(AnswerSentence):
    """A sentence that was on the page and was withdrawn: it keeps its place there, struck through."""

    __slots__ = ()

    @classmethod
    def of(cls, sentence: AnswerSentence) -> Struck:
        """Return a sentence marked as withdrawn."""
        withdrawn = replace(sentence, status="withdrawn")
        return cls(**{field.name: getattr(withdrawn, field.name) for field in fields(AnswerSentence)})


def on_page(sentence: AnswerSentence) -> bool:
    """Tell whether a sentence is shown at all."""
    return sentence.status != "withdrawn" or isinstance(sentence, Struck)


def opens(path: str, start: int, end: int, quote: str) -> str:
    """Render the attributes that tell which range of which article a button opens."""
    return f'data-path="{escape(path)}" data-start="{start}" data-end="{end}" data-quote="{escape(quote)}"'


def one_line(text: str) -> str:
    """Return a text with each line break replaced by a space, so that offsets into it stay valid."""
    return text.translate(_ONE_LINE)


def is_listed(citation: Citation, documents: Mapping[str, Document]) -> bool:
    """Tell whether a citation is an item of a list in its document."""
    document = documents.get(citation.path)
    if document is None or document.text[citation.start : citation.end] != citation.quote:
        return False
    block = document.block_at(citation.start)
    if block is None or block.kind != "list_item":
        return False
    return not document.text[block.start : citation.start].strip(_EMPHASIS)  # it is the first sentence of its item


def listed(
    sentence: AnswerSentence, citations: Sequence[Citation], documents: Mapping[str, Document] | None = None
) -> bool:
    """Tell whether a sentence of an answer is an item of a list in the document it was taken from."""
    cited = [citations[number] for number in sentence.citations if 0 <= number < len(citations)]
    return bool(cited) and all(is_listed(citation, documents or {}) for citation in cited)


def _emphasised(text: str, emphasis: Iterable[tuple[int, int]]) -> str:
    """Render a text with the answering words in bold; ranges that do not fit are cut or left out."""
    parts, at = [], 0
    for start, end in sorted(emphasis):
        low, high = max(start, at), min(end, len(text))
        if low < high:
            parts += [escape(text[at:low]), f"<strong>{escape(text[low:high])}</strong>"]
            at = high
    return f"<bdi>{''.join(parts)}{escape(text[at:])}</bdi>"


def _numbers(
    numbers: Iterable[int], citations: Sequence[Citation], documents: Mapping[str, Document], texts: Texts
) -> str:
    """Render citation numbers, counted from 1, as buttons."""
    buttons = []
    for number in numbers:
        if not 0 <= number < len(citations):
            continue
        citation = citations[number]
        document = documents.get(citation.path)
        label = f"{texts.quote_of} {number + 1}: {citation.title}"
        facts = (
            known_facts(
                document.metadata,
                texts,
                page=citation.page,
                label=citation.page_label,
                machine_read=citation.machine_read,
            )
            if document
            else []
        )
        if citation.also:
            facts.append(texts.also_in.format(names=", ".join(map(file_name, citation.also))))
        about = " · ".join(facts)
        page = "" if citation.page is None else f' data-page="{citation.page}"'
        buttons.append(
            f'<button type="button" class="q-cite" data-mark="c{number}" '
            f"{opens(citation.path, citation.start, citation.end, citation.quote)}{page} "
            f'data-title="{escape(citation.title)}" data-about="{escape(about)}" '
            f'lang="{texts.language}" aria-label="{escape(label)}">{number + 1}</button>'
        )
    return f'<span class="q-cites">{"".join(buttons)}</span>' if buttons else ""


def language_of(
    sentence: AnswerSentence, citations: Sequence[Citation], documents: Mapping[str, Document], texts: Texts
) -> str:
    """Render the attribute that names a sentence's language, if it is known and not the page's."""
    for number in sentence.citations:
        document = documents.get(citations[number].path) if 0 <= number < len(citations) else None
        if document is not None and document.metadata.language != texts.language:
            return f' lang="{escape(document.metadata.language)}"'
    return ""


def sentence_html(
    sentence: AnswerSentence,
    citations: Sequence[Citation],
    texts: Texts,
    documents: Mapping[str, Document] | None = None,
) -> str:
    """
    Render a sentence of the source with its number; a withdrawn one is empty, or struck if it was on the page.

    Parameters
    ----------
    sentence
        Its citation indices point into ``citations``.
    citations
        All citations of the answer so far.
    texts
        Language of the page.
    documents
        Articles by path, for source, date and language of a quotation.

    """
    if not on_page(sentence):
        return ""
    known = documents or {}
    if sentence.status == "withdrawn":
        words = _emphasised(one_line(sentence.text), ())
        language = language_of(sentence, citations, known, texts)
        return (
            f'<del class="q-sentence q-struck"{language}>'
            f'<span class="q-unseen">{escape(texts.withdrawn)}: </span>{words}</del>'
        )
    if sentence.wording == "app":
        return f'<span class="q-sentence q-said">{_emphasised(one_line(sentence.text), sentence.emphasis)}</span>'
    buttons = _numbers(sentence.citations, citations, known, texts)
    support, flag = "carried", ""
    if sentence.status == "marked":
        support, mark, hint = (
            ("partly", texts.partly, texts.partly_hint) if buttons else ("bare", texts.bare, texts.bare_hint)
        )
        flag = f' <span class="q-flag" title="{escape(hint)}">{escape(mark)}</span>'
    words = _emphasised(one_line(sentence.text), sentence.emphasis)
    language = language_of(sentence, citations, known, texts)
    role = ""
    if sentence.role == "context":
        # A heading has a line of its own, so that it does not run into the sentence below it.
        role = " q-context" if _ENDED.search(sentence.text) else " q-context q-apart"
    return f'<span class="q-sentence q-{support}{role}"{language}>{words}{buttons}</span>{flag}'


def unit_html(
    unit: Iterable[AnswerSentence],
    citations: Sequence[Citation],
    texts: Texts,
    documents: Mapping[str, Document] | None = None,
) -> str:
    """Render a sentence after its context."""
    return " ".join(sentence_html(sentence, citations, texts, documents) for sentence in unit)


def translation_html(sentences: Sequence[AnswerSentence], language: str, texts: Texts) -> str:
    """Render what the language model worded: below the answer, and labelled as such."""
    if not sentences:
        return ""
    attribute = f' lang="{escape(language)}"' if language and language != texts.language else ""
    paragraphs = "".join(f"<p{attribute}>{isolated(one_line(sentence.text))}</p>" for sentence in sentences)
    return (
        f'<div class="q-translation"><p class="q-translation-label">{escape(texts.translation)}</p>{paragraphs}</div>'
    )


def sentences_html(
    sentences: Iterable[AnswerSentence],
    citations: Sequence[Citation],
    texts: Texts,
    documents: Mapping[str, Document] | None = None,
    *,
    language: str = "",
) -> str:
    """
    Render the sentences of an answer: one as a paragraph, several as a list; a translation follows below.

    Context belongs to the sentence after it, and is not a paragraph or item of its own.

    Parameters
    ----------
    sentences
        The sentences in order; withdrawn ones are left out.
    citations
        What their indices point into.
    texts
        Language of the page.
    documents
        Articles by path.
    language
        Language of the answer, and so of a translation.

    """
    shown = [sentence for sentence in sentences if on_page(sentence)]
    theirs = [sentence for sentence in shown if sentence.wording != "model"]
    translated = translation_html([sentence for sentence in shown if sentence.wording == "model"], language, texts)
    rendered = [(unit[-1], unit_html(unit, citations, texts, documents)) for unit in units(theirs)]
    if len(rendered) <= 1:
        return "".join(f'<p class="q-body">{html}</p>' for _, html in rendered) + translated
    items = "".join(
        f"<li{' class=q-item' if listed(sentence, citations, documents) else ''}>{html}</li>"
        for sentence, html in rendered
    )
    return f'<ul class="q-body" role="list">{items}</ul>{translated}'
