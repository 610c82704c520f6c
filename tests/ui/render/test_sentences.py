"""Sentences of the source as HTML, and what the browser keeps of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from rag.types import Answer, AnswerSentence, Timings, UnreadPart
from rag.types.arrangement import units
from tests.ui import fakes
from tests.ui.render.test_panels import Reader
from ui.conversation import handlers
from ui.conversation.records import Record, read, record_of
from ui.render import panels
from ui.render.sentences import sentence_html, sentences_html
from ui.render.texts import DE, EN, Texts

MONEY = fakes.cite("cambricon.md", fakes.MONEY)


def answer(*stated: Any, language: str = "de") -> Answer:
    sentences = [item for item, _ in stated]
    citations = [item for _, item in stated if item is not None]
    text = " ".join(item.text for item in sentences if item.wording == "source")
    return Answer(
        question="Frage?",
        standalone_question="Frage?",
        text=text,
        abstained=False,
        generated=True,
        language=language,
        sentences=tuple(sentences),
        citations=tuple(citations),
        evidence=(),
        timings=Timings(1.0, None, 2.0),
    )


def test_the_words_that_answer_are_bold_also_beyond_the_basic_plane() -> None:
    sentence, citation = fakes.stated(MONEY, bold="🐉 will")
    html = sentence_html(sentence, [citation], DE, fakes.DOCUMENTS)
    assert "Cambricon <strong>🐉 will</strong> über eine" in html
    assert Reader(html).text == f"{fakes.MONEY}1"


@pytest.mark.parametrize("emphasis", [((0, 3), (2, 5)), ((3, 3),), ((4, 99),), ((-2, 2),), ((90, 99),), ((5, 2),)])
def test_ranges_that_do_not_fit_lose_no_character(emphasis: tuple[tuple[int, int], ...]) -> None:
    sentence = AnswerSentence("a<b>cdef", 1.0, "kept", (), "source", emphasis)
    assert Reader(sentence_html(sentence, [], DE)).text == "a<b>cdef"


def test_line_breaks_of_the_source_are_spaces_and_offsets_stay() -> None:
    sentence = AnswerSentence("Die zweite\r\n  Allianz", 1.0, "kept", (), "source", ((14, 21),))
    html = sentence_html(sentence, [], DE)
    assert "\n" not in html
    assert "&#13;" not in html
    assert "<strong>Allianz</strong>" in html


def test_one_sentence_is_a_paragraph_and_several_are_a_list() -> None:
    one, citation = fakes.stated(MONEY)
    assert sentences_html([one], [citation], DE).startswith('<p class="q-body">')
    items = [fakes.cite("allianz.md", item) for item in fakes.ITEMS]
    sentences = [one, *(AnswerSentence(item.quote, 1.0, "kept", (at + 1,)) for at, item in enumerate(items))]
    html = sentences_html(sentences, [citation, *items], DE, fakes.DOCUMENTS)
    assert html.startswith('<ul class="q-body" role="list"><li><span')
    assert html.count("<li class=q-item>") == 2


def test_a_numbered_item_is_an_item() -> None:
    document = fakes.make_document("n.md", "Es gibt:\n\n1. Erstens das.\n2. Zweitens dies.\n", title="N")
    start = document.text.index("2.")
    quote = document.text[start:].strip()
    citation = fakes.Citation("n.md", start, start + len(quote), quote, "N", document.sha256)
    sentence = AnswerSentence(quote, 1.0, "kept", (0,))
    html = sentences_html([sentence, sentence], [citation], DE, {"n.md": document})
    assert html.count("<li class=q-item>") == 2


@pytest.mark.parametrize(("texts", "attribute"), [(DE, ""), (EN, ' lang="de"')])
def test_a_sentence_names_its_language_where_the_page_speaks_another(texts: Texts, attribute: str) -> None:
    sentence, citation = fakes.stated(MONEY)
    html = sentence_html(sentence, [citation], texts, fakes.DOCUMENTS)
    assert html.startswith(f'<span class="q-sentence q-carried"{attribute}><bdi>')


@pytest.mark.parametrize("texts", [DE, EN])
def test_a_translation_stands_below_and_is_never_shown_as_supported(texts: Texts) -> None:
    translation = AnswerSentence(fakes.IN_ENGLISH, 0.9, "marked", (), "model")
    # This also holds for a translation that claims a citation and comes first.
    claims = AnswerSentence("Claimed.", 1.0, "kept", (0,), "model")
    html = panels.answer_html(answer((claims, None), fakes.stated(MONEY), (translation, None), language="en"), texts)
    assert html.index(fakes.MONEY) < html.index(texts.translation) < html.index("Claimed.")
    assert html.index("Claimed.") < html.index(fakes.IN_ENGLISH)
    assert html.count("q-cite ") + html.count('"q-cite"') == 1
    assert html.count("q-carried") == 1
    assert (f'<p lang="en"><bdi>{fakes.IN_ENGLISH}' in html) is (texts is DE)


def test_a_record_keeps_wording_and_emphasis() -> None:
    translation = AnswerSentence(fakes.IN_ENGLISH, 0.0, "marked", (), "model")
    whole = answer(fakes.stated(MONEY, bold="4 Milliarden Yuan", after=" …"), (translation, None))
    record = json.dumps(record_of("Frage?", "done", whole, documents=fakes.DOCUMENTS))
    restored = read(Record, record).restored()
    assert restored == whole
    assert panels.answer_html(restored, DE, documents=fakes.DOCUMENTS) == panels.answer_html(
        whole, DE, documents=fakes.DOCUMENTS
    )
    items = answer(*(fakes.stated(fakes.cite("allianz.md", item)) for item in fakes.ITEMS))
    kept = record_of("Frage?", "done", items, documents=fakes.DOCUMENTS)["answer"]
    assert [item["listed"] for item in kept["sentences"]] == [True, True]


def test_a_record_from_before_wordings_still_loads_and_claims_no_more_than_it_can() -> None:
    old = record_of("Frage?", "done", answer(fakes.stated(MONEY), fakes.stated(MONEY, bold="Yuan", before="… ")))
    for item in old["answer"]["sentences"]:
        for name in ("wording", "emphasis", "listed"):
            del item[name]
    old["answer"]["sentences"][0]["text"] = "Cambricon braucht 4 Milliarden Yuan."
    restored = read(Record, old).restored()
    assert restored is not None
    assert [item.status for item in restored.sentences] == ["marked", "kept"]
    assert [item.wording for item in restored.sentences] == ["source", "source"]
    assert DE.partly in panels.answer_html(restored, DE)


LEAD = fakes.stated(fakes.cite("cambricon.md", fakes.LEAD), after=" …", role="context")
USE = fakes.stated(fakes.cite("cambricon.md", fakes.USE), bold="KI-Chips")
HEADING = fakes.stated(fakes.cite("allianz.md", fakes.HEADING), role="context")
FIRMS = fakes.stated(fakes.cite("allianz.md", fakes.FIRMS))


def stated(*pairs: Any) -> tuple[list[AnswerSentence], list[Any]]:
    """Return sentences with the numbers that an answer gives them, and its citations."""
    return [replace(item, citations=(at,)) for at, (item, _) in enumerate(pairs)], [item for _, item in pairs]


def test_context_stands_quietly_before_its_clause_in_one_paragraph() -> None:
    html = sentences_html(*stated(LEAD, USE), DE, fakes.DOCUMENTS)
    assert html.startswith('<p class="q-body"><span class="q-sentence q-carried q-context">')
    assert html.count("<p") == 1
    assert html.count("q-context") == 1
    assert Reader(html).text == f"{fakes.LEAD} …1 {fakes.USE}2"
    assert 'data-mark="c0"' in html
    assert 'data-mark="c1"' in html


def test_only_sentences_that_answer_are_items() -> None:
    html = sentences_html(*stated(LEAD, USE, HEADING, FIRMS), DE, fakes.DOCUMENTS)
    assert html.count("<li>") == 2
    assert "q-sentence q-carried q-context q-apart" in html.split("<li>")[2]
    assert "q-apart" not in html.split("<li>")[1]
    # Whether it is an item in the source depends on the clause that answers, not on the context before it.
    item = fakes.stated(fakes.cite("allianz.md", fakes.ITEMS[0]))
    html = sentences_html(*stated(USE, HEADING, item), DE, fakes.DOCUMENTS)
    assert html.count("<li") == 2
    assert html.count("<li class=q-item>") == 1


def test_context_whose_clause_has_not_come_yet_or_never_comes_is_shown() -> None:
    sentences, citations = stated(FIRMS, LEAD)
    assert [len(unit) for unit in units(sentences)] == [1, 1]
    assert Reader(sentences_html(sentences, citations, DE)).text == f"{fakes.FIRMS}1{fakes.LEAD} …2"
    assert sentences_html(sentences[1:], citations, DE).count("<p") == 1
    two = [sentences[1], sentences[1], sentences[0]]
    assert units(two) == [tuple(two)]


@pytest.mark.parametrize("text", ["Titel", "Preise 2025", "„Titel“", "Mehr Geld (und mehr Zeit)"])
def test_context_without_an_end_is_a_heading(text: str) -> None:
    assert "q-apart" in sentence_html(AnswerSentence(text, 1.0, "kept", role="context"), [], DE)
    assert "q-apart" not in sentence_html(AnswerSentence(text, 1.0, "kept"), [], DE)
    for end in (".", "!", "?", " …", ":", ".“", ".)"):
        assert "q-apart" not in sentence_html(AnswerSentence(text + end, 1.0, "kept", role="context"), [], DE)


def test_a_record_keeps_which_sentence_is_context() -> None:
    sentences, citations = stated(LEAD, USE)
    whole = answer(*zip(sentences, citations, strict=True))
    record = record_of("Frage?", "done", whole, documents=fakes.DOCUMENTS)
    assert read(Record, json.dumps(record)).restored() == whole
    for item in record["answer"]["sentences"]:
        del item["role"]
    restored = read(Record, record).restored()
    assert restored is not None
    assert [item.role for item in restored.sentences] == ["answer", "answer"]


def test_a_record_keeps_what_was_not_read_and_who_says_the_same() -> None:
    sentence, citation = fakes.stated(MONEY)
    whole = replace(
        answer((sentence, replace(citation, also=("b.md", "c.md")))),
        unread=(UnreadPart("b.pdf", "page 1: without text"),),
    )
    record = record_of("Frage?", "done", whole, documents=fakes.DOCUMENTS)
    assert read(Record, json.dumps(record)).restored() == whole
    del record["answer"]["unread"], record["answer"]["citations"][0]["also_in"]
    restored = read(Record, record).restored()
    assert restored is not None
    assert (restored.unread, restored.citations[0].also) == ((), ())


def test_programs_get_no_object_with_a_path() -> None:
    whole = replace(answer(fakes.stated(MONEY)), unread=(UnreadPart("b.pdf", "x"),))
    found = handlers._without_paths(whole.to_json())
    assert found["unread"] == [{"document": "b.pdf", "what": "x"}]
    assert all("path" not in item for name in ("citations", "evidence", "unread") for item in found[name])
