"""Answers in the form of their kind: as HTML, while they are being made, and as the browser keeps them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.kinds import KINDS
from rag.types import AnswerSentence, Citation, Finished, SentenceChecked
from rag.types.arrangement import parts, units, without_doubles
from tests.ui import fakes, forms
from tests.ui.render.test_panels import EVIL, Reader
from ui.conversation.draft import Draft
from ui.conversation.records import Context, Record, read, record_of
from ui.conversation.session import Step
from ui.render import panels
from ui.render.failures import RequestError
from ui.render.forms import form_html
from ui.render.sentences import Struck
from ui.render.texts import DE, EN, Texts, format_date

if TYPE_CHECKING:
    from rag.kinds import Kind

_TEXTS = st.text(st.sampled_from("ab .…\n"), max_size=6)
_SENTENCES = st.lists(
    st.builds(
        AnswerSentence,
        _TEXTS,
        st.just(1.0),
        st.just("kept"),
        st.tuples(st.integers(0, 3)),
        group=st.sampled_from(["", "A", "B", "C"]),
        role=st.sampled_from(["answer", "answer", "context"]),
    ),
    max_size=12,
)


def drawn(kind: Kind, texts: Texts = DE, **changes: Any) -> str:
    html = panels.answer_html(forms.answer(kind, **changes), texts, documents=fakes.DOCUMENTS)
    Reader(html)  # checks that it is balanced and has only known elements and attributes
    return html


def plain(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html)


# ---- grouping ----


@given(_SENTENCES, st.sampled_from(KINDS))
def test_no_sentence_is_lost_or_comes_twice_and_no_group_is_torn(sentences: list[AnswerSentence], kind: Kind) -> None:
    found = parts(sentences, kind)
    groups = [part.group for part in found if part.group]
    assert len(groups) == len(set(groups))
    shown = [sentence for part in found for unit in part.units for sentence in unit]
    if kind in ("fact", "explanation"):
        assert sorted(map(repr, shown)) == sorted(map(repr, sentences))
    else:
        assert {number for one in shown if one.role == "answer" for number in one.citations} == {
            number for one in sentences if one.role == "answer" for number in one.citations
        }


@given(_SENTENCES)
def test_while_sentences_arrive_every_part_keeps_its_place(sentences: list[AnswerSentence]) -> None:
    answering = [replace(sentence, role="answer") for sentence in sentences]
    before: list[str] = []
    for count in range(len(answering) + 1):
        now = [part.group for part in parts(answering[:count], "comparison")]
        assert now[: len(before)] == before
        before = now


def test_a_double_gives_its_citations_to_the_first() -> None:
    first, other = AnswerSentence("Die  Ascend 910D.", 1.0, "kept", (0,)), AnswerSentence("Kunlun", 1.0, "kept", (1,))
    again = AnswerSentence("… die Ascend 910D …", 1.0, "kept", (2, 0))
    kept = without_doubles(units([first, other, again]))
    assert kept == [(replace(first, citations=(0, 2)),), (other,)]
    # Sentences without words and withdrawn sentences are never duplicates.
    empty = AnswerSentence("…", 1.0, "kept")
    struck = replace(first, status="withdrawn")
    assert len(without_doubles(units([empty, empty, struck, first]))) == 4


# ---- as HTML ----


def test_a_list_is_one_without_doubles_and_each_item_has_its_numbers() -> None:
    html = drawn("list")
    items = re.findall(r"<li>(.*?)</li>", html.split("q-note")[0], re.DOTALL)
    assert [plain(item) for item in items] == [
        f"{forms.ITEMS[0]}14",
        f"{forms.ITEMS[1].replace(chr(10), ' ')}2",
        f"{forms.FIRMS}3",
    ]
    assert html.count('<ul class="q-points" role="list">') == 1
    assert "<strong>erste Allianz</strong>" in html
    assert DE.searched.format(looked=3, there=3) in html
    # A single item is already a list, so that its look does not change when the second one arrives.
    alone = form_html("list", [forms.PLANS["list"][0][0]], [fakes.cite("allianz.md", forms.ITEMS[0])], DE)
    assert alone.startswith('<div class="q-body q-form-list"><ul')


@pytest.mark.parametrize("texts", [DE, EN])
def test_how_much_was_searched_is_said(texts: Texts) -> None:
    assert texts.searched.format(looked=2, there=5) in drawn("fact", texts, searched=(2, 5))
    assert texts.searched_one in drawn("fact", texts, searched=(1, 1))
    assert "q-searched" not in drawn("fact", texts)
    assert texts.searched.format(looked=5, there=5) in drawn("list", texts, abstained=True, searched=(5, 5))


@pytest.mark.parametrize(("language", "texts"), [("en", EN), ("en", DE), ("de", DE)])
def test_that_the_sources_are_in_another_language_than_the_question_is_said(language: str, texts: Texts) -> None:
    assert (texts.quoted_as_written in drawn("explanation", texts, language=language)) == (language == "en")


def test_the_sides_of_a_comparison_are_labelled_and_what_has_no_side_stands_below() -> None:
    html = drawn("comparison")
    sides = html[html.index('<div class="q-sides">') :]
    for side in forms.SIDES:
        assert f'<div class="q-part" role="group" aria-label="{side}"><h3><bdi>{side}</bdi></h3>' in sides
    first, second = sides.index(forms.SIDES[0]), sides.index(f'aria-label="{forms.SIDES[1]}"')
    assert first < sides.index("baut <strong>Chips") < sides.index("<strong>60 Firmen") < second
    assert second < sides.index("Software") < sides.index(fakes.OPEN)
    assert html.count("q-sides") == 1
    three = [*forms.PLANS["comparison"][:3], forms.grouped("Dritte", fakes.USE)]
    assert drawn("comparison", plan=three).count("q-part") == 3


@pytest.mark.parametrize("texts", [DE, EN])
def test_a_timeline_has_its_dates_first_and_each_once(texts: Texts) -> None:
    html = drawn("timeline", texts)
    dates = [format_date(date, texts.language) for date in forms.DATES]
    assert re.findall(r'<span class="q-date"><bdi>(.*?)</bdi>', html) == dates
    assert dates[1:] == ["August 2025", "nach 2026"]
    assert html.count("<li>") - html.count("<li><button") == 3
    words = plain(html)
    assert words.index(dates[0]) < words.index("Milliarden Yuan") < words.index(fakes.STONE) < words.index(dates[1])
    undated = drawn("timeline", plan=[*forms.PLANS["timeline"], forms.grouped("", fakes.USE)])
    assert undated.count("q-date") - undated.count("q-dates") == 3


def test_a_summary_is_points_under_the_title_of_each_article() -> None:
    html = drawn("summary")
    assert re.findall(r"<h3><bdi>(.*?)</bdi></h3>", html) == list(forms.TITLES)
    assert [part.count("<li>") for part in html.split("q-following")[0].split("<h3>")[1:]] == [2, 1]


def test_an_explanation_is_paragraphs_of_what_stands_together_in_its_article() -> None:
    html = drawn("explanation")
    paragraphs = re.findall(r"<p>(.*?)</p>", html)
    assert [plain(one) for one in paragraphs] == [
        f"{fakes.MONEY}1 {fakes.USE}2",
        f"{fakes.FIRMS}3",
        f"{fakes.OPEN}4",  # far from the others in its article
    ]


@pytest.mark.parametrize("kind", ["talk", "other"])
@pytest.mark.parametrize("abstained", [True, False])
def test_a_talk_is_a_paragraph_and_nothing_else(kind: Kind, abstained: bool) -> None:
    html = drawn(kind, EN, abstained=abstained, standalone_question="Danke (Cambricon)")
    said = forms.SAID if kind == "talk" else forms.CANNOT
    assert html.startswith('<p class="q-body q-talk" lang="de"><bdi>')
    assert Reader(html).text.startswith(" ".join(said))
    for sign in ("q-cite", "q-abstained", "q-facts", "q-understood", "q-note", EN.abstained, EN.bare):
        assert sign not in html
    # Words of the kind "other" may be a question after all, so other forms are offered.
    assert ("data-kind=" in html) is (kind == "other")
    # The words may also be only in the answer's text.
    bare = drawn(kind, plan=(), text="Hallo & willkommen!")
    assert bare.startswith('<p class="q-body q-talk"><bdi>Hallo &amp; willkommen!</bdi></p>')


def test_what_was_taken_for_another_thing_but_is_quoted_is_an_answer() -> None:
    html = drawn("other", plan=forms.PLANS["fact"])
    assert "q-cite" in html
    assert "q-facts" in html


@pytest.mark.parametrize(("kind", "offered"), [("fact", 2), ("yes_no", 3), ("list", 2), ("summary", 3)])
def test_other_forms_are_offered_but_not_the_one_there_is(kind: Kind, offered: int) -> None:
    html = drawn(kind, plan=forms.PLANS["fact"])
    found = re.findall(r'data-action="form" data-kind="(\w+)"', html)
    assert len(found) == offered
    assert kind not in found
    assert "data-kind" not in drawn(kind, abstained=True, plan=())


def test_questions_to_go_on_with_are_buttons_below_the_last_line() -> None:
    whole = forms.answer("fact", following=(*forms.FOLLOWING, " ", forms.FOLLOWING[0]))
    turn = panels.turn_html("Frage?", "x", 1, DE, state="done", answer=whole)
    assert turn.count("q-follow ") + turn.count('q-follow"') == 2
    assert turn.index("q-actions") < turn.index('class="q-following"')
    assert "<b>" not in turn
    assert Reader(turn).text.count("<b>Fertigung</b>") == 1
    assert "q-following" not in panels.turn_html("Frage?", "x", 1, DE, state="busy", answer=whole)


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_gets_through_in_any_form(kind: Kind, evil: str) -> None:
    citation = Citation("a.md", 0, 4, evil, evil, "0" * 64)
    plan = [
        (AnswerSentence(evil, 1.0, "kept", (0,), group=evil), citation),
        (AnswerSentence(f"{evil} zwei", 1.0, "kept", (0,)), citation),
        (AnswerSentence(evil, 1.0, "kept", (), "app"), None),
        (AnswerSentence(evil, 1.0, "marked", (), "model"), None),
        (Struck.of(AnswerSentence(f"{evil} drei", 1.0, "kept", (0,))), None),
    ]
    whole = forms.answer(kind, plan, question=evil, following=(evil,), language="de")
    for texts in (DE, EN):
        body = panels.answer_html(whole, texts, documents=fakes.DOCUMENTS)
        turn = panels.turn_html(evil, body, 1, texts, state="done", answer=whole)
        assert Reader(body).text.strip()
        assert Reader(turn).text.strip()


# ---- while an answer is being made ----


def draft(*events: SentenceChecked | Finished, kind: Kind | None = "summary") -> Draft:
    made = Draft(1, "Frage?", DE, kind=kind)
    for event in events:
        made.apply(Step(event, tuple(fakes.DOCUMENTS.values())))
    return made


def checked(pair: forms.Pair, status: str = "kept") -> SentenceChecked:
    sentence, cited = pair
    return SentenceChecked(replace(sentence, status=status), status, (cited,) if cited else ())  # type: ignore[arg-type]


EARLY = forms.grouped(forms.TITLES[0], fakes.STONE)


def test_what_was_shown_and_is_withdrawn_is_struck_where_it_stood() -> None:
    plan = forms.PLANS["summary"]
    events = [checked(plan[0]), checked(EARLY), checked(plan[2])]
    before = draft(*events).chat()
    assert "q-struck" not in before
    made = draft(*events, checked(EARLY, "withdrawn"))
    after = made.chat()
    assert after.count('<del class="q-sentence q-struck">') == 1
    place = after.index("q-struck")
    assert after.index("4 Milliarden Yuan</strong>") < place < after.index(f"<h3><bdi>{forms.TITLES[1]}")
    assert f"{DE.withdrawn}: " in after
    assert after.count("<li>") == before.count("<li>")
    # It is still shown when the answer is done, but it is not kept.
    made.apply(Step(Finished(forms.answer("summary")), ()))
    done = made.chat(over=True)
    assert done.count("q-struck") == 1
    record = json.loads(unescape(re.findall(r'data-record="([^"]*)"', done)[0]))
    assert fakes.STONE not in [item["text"] for item in record["answer"]["sentences"]]


def test_what_the_finished_answer_leaves_out_is_struck_too() -> None:
    made = draft(*map(checked, (*forms.PLANS["summary"], EARLY)), Finished(forms.answer("summary")))
    done = made.chat(over=True)
    assert done.count("q-struck") == 1
    assert "q-struck" not in draft(*map(checked, forms.PLANS["summary"]), Finished(forms.answer("summary"))).chat()


def test_what_is_confirmed_keeps_its_place_and_comes_once() -> None:
    first, second = forms.PLANS["summary"][:2]
    confirmed = (replace(second[0], emphasis=((0, 3),)), second[1])
    made = draft(checked(second), checked(first), checked(confirmed))
    assert [sentence.text for sentence in made.sentences] == [fakes.USE, fakes.MONEY]
    assert "<strong>Das</strong>" in made.chat()


def test_the_same_words_of_two_articles_are_two_sentences() -> None:
    sentence, citation = forms.PLANS["fact"][0]
    other = (sentence, replace(citation, path="kopie.md"))  # type: ignore[type-var]
    assert len(draft(checked((sentence, citation)), checked(other)).sentences) == 2


def test_a_sentence_never_shown_is_not_struck() -> None:
    assert "q-struck" not in draft(checked(EARLY, "withdrawn")).chat()


def test_without_a_kind_groups_show_that_there_are_parts() -> None:
    assert "q-form-summary" in draft(*map(checked, forms.PLANS["summary"]), kind=None).chat()
    assert "q-form" not in draft(*map(checked, forms.PLANS["fact"]), kind=None).chat()


# ---- as the browser keeps an answer ----


@pytest.mark.parametrize("kind", forms.PLANS)
def test_a_record_keeps_all_of_it(kind: Kind) -> None:
    whole = forms.answer(kind, searched=(2, 5))
    record = json.dumps(record_of("Frage?", "done", whole, documents=fakes.DOCUMENTS))
    restored = read(Record, record).restored()
    assert restored == whole
    assert read(Record, record).drawn_length() >= len(panels.answer_html(whole, DE)) / 4


def test_a_record_from_before_kinds_is_a_fact_and_an_unknown_kind_too() -> None:
    record = record_of("Frage?", "done", forms.answer("summary"))
    record["answer"]["kind"] = "poem"
    restored = read(Record, record).restored()
    assert restored is not None
    assert restored.kind == "fact"
    for name in ("kind", "searched", "following"):
        del record["answer"][name]
    for item in record["answer"]["sentences"]:
        del item["group"]
    restored = read(Record, record).restored()
    assert restored is not None
    assert (restored.kind, restored.searched, restored.following) == ("fact", None, ())
    assert {item.group for item in restored.sentences} == {""}


def test_a_kept_talk_cannot_claim_a_citation() -> None:
    record = record_of("Danke!", "done", forms.answer("talk"))
    record["answer"]["sentences"][0]["citations"] = [0]
    restored = read(Record, record).restored()
    assert restored is not None
    assert restored.sentences[0].citations == ()


@pytest.mark.parametrize("searched", [[1], [-1, 2], [1, 2, 3], ["a", 2]])
def test_nonsense_in_a_record_is_refused(searched: list[object]) -> None:
    record = record_of("Frage?", "done", forms.answer("list"))
    record["answer"]["searched"] = searched
    with pytest.raises(RequestError):
        read(Record, record)


def test_a_chosen_form_is_one_of_the_kinds() -> None:
    assert read(Context, '{"kind": "list"}').kind == "list"
    assert read(Context, "{}").kind is None
    with pytest.raises(RequestError):
        read(Context, '{"kind": "poem"}')
