"""Conversations: what survives, what is copied and saved, and what is asked again."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.ui import fakes
from tests.ui.browsing import QUESTION, Watched, answered, texts_of, violations

pytestmark = pytest.mark.browser


def reload(watched: Watched) -> None:
    watched.page.reload()
    watched.page.wait_for_selector("body[data-ready]")


def test_a_conversation_survives_a_reload_and_goes_on(watched: Watched, fake: fakes.FakeRag) -> None:
    page, texts = watched.page, texts_of(watched)
    answered(watched)
    answered(watched, "Was ist abwesend?")
    reload(watched)
    expect(page.locator("#q-turns .q-question")).to_have_text([QUESTION, "Was ist abwesend?"])
    expect(page.locator("#q-turns .q-abstained")).to_contain_text(texts.abstained)
    expect(page.locator(".q-list:visible h2")).to_have_text(texts.nearest_title)
    cite = page.locator("#q-turns .q-cite").nth(2)
    cite.click()
    watched.expect_highlighted(fakes.STONE)
    page.keyboard.press("Escape")
    answered(watched, "Und danach?")
    assert [question for question, _ in fake.histories[-1]] == [QUESTION, "Was ist abwesend?"]
    expect(page.locator(".q-turn")).to_have_count(3)


def test_earlier_conversations_are_opened_and_deleted(phone: Watched) -> None:
    page, texts = phone.page, texts_of(phone)
    answered(phone)
    page.locator("#q-clear").click()
    answered(phone, "Zweites Gespräch?")
    page.locator(".q-view[data-panel=conversations]").click()
    kept = page.locator(".q-kept li")
    expect(kept.locator(".q-reopen")).to_have_text(["Zweites Gespräch?", QUESTION])
    kept.nth(1).locator(".q-reopen").click()
    expect(page.locator(".q-turn .q-question")).to_have_text([QUESTION])
    page.locator(".q-view[data-panel=conversations]").click()
    kept.nth(0).locator("[data-keep=delete]").click()
    expect(kept.nth(0).locator("[data-keep=delete]")).to_have_text(texts.really)
    expect(kept).to_have_count(2)
    kept.nth(0).locator("[data-keep=delete]").click()
    expect(kept).to_have_count(1)
    expect(page.locator(".q-turn .q-question")).to_have_text([QUESTION])
    page.locator("[data-keep=delete-all]").click()
    page.locator("[data-keep=delete-all]").click()
    expect(page.locator("#q-conversations")).to_have_text(texts.conversations_none)
    expect(page.locator(".q-turn")).to_have_count(0)
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('quellentreu.'))") == []


def test_a_conversation_is_saved_as_markdown_with_its_citations(watched: Watched) -> None:
    page, texts = watched.page, texts_of(watched)
    answered(watched, "Was ist *hostile* <b>?")
    answered(watched)
    page.locator(".q-view[data-panel=conversations]").click()
    with page.expect_download() as download:
        page.locator("[data-keep=export]").click()
    assert download.value.suggested_filename == "Was-ist-hostile-b.md"
    markdown = Path(download.value.path()).read_text(encoding="utf-8")
    assert markdown.startswith("# Was ist \\*hostile\\* \\<b\\>?\n")
    assert "## Wie viel Geld will Cambricon aufnehmen?\n" in markdown
    assert "🐉 will über eine Privatplatzierung **bis zu 4 Milliarden Yuan** aufnehmen\\. [1]\n\n" in markdown
    assert f"Meilenstein 𝔐 für das Unternehmen\\. [3] ({texts.partly})\n\n" in markdown
    # A passage that the answer quotes in full is not quoted again in the list.
    assert "\n2. Cambricon will Milliarden aufnehmen (cambricon\\.md, " in markdown
    assert "<img" not in markdown.replace("\\<img", "")
    assert "](javascript" not in markdown.replace("\\](", "")


def test_an_answer_is_copied_with_its_citations_and_a_link_reopens_a_question(
    watched: Watched, fake: fakes.FakeRag
) -> None:
    page, texts = watched.page, texts_of(watched)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    answered(watched)
    page.locator("[data-action=copy]").click()
    expect(page.locator("[data-action=copy]")).to_have_text(texts.copied)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{fakes.MONEY}\n— Cambricon will Milliarden aufnehmen (cambricon.md, ")
    assert f"\n\n{fakes.FIRMS}\n— Huawei und Co. schmieden KI-Block (allianz.md, " in copied
    page.locator("[data-action=link]").click()
    expect(page.locator("[data-action=link]")).to_have_text(texts.link_copied)
    link = page.evaluate("navigator.clipboard.readText()")
    assert parse_qs(urlsplit(link).query) == {"q": [QUESTION]}
    other = page.context.new_page()
    other.goto(link)
    # The question is filled in, but asked only when a key is pressed.
    expect(other.locator("#q-question textarea")).to_have_value(QUESTION)
    expect(other.locator("#q-notice")).to_have_text(texts.link_filled)
    other.wait_for_timeout(700)
    assert fake.questions == [QUESTION]
    other.locator("#q-question textarea").press("Enter")
    expect(other.locator("#q-live .q-facts")).to_be_visible()
    assert "q=" not in other.url


def test_a_question_is_changed_and_asked_again(phone: Watched, fake: fakes.FakeRag) -> None:
    page, texts = phone.page, texts_of(phone)
    answered(phone)
    answered(phone, "Und dann?")
    page.locator("#q-turns .q-turn").first.locator("[data-action=edit]").click()
    expect(page.locator("#q-question textarea")).to_have_value(QUESTION)
    expect(page.locator("#q-notice")).to_contain_text(texts.editing)
    page.keyboard.press("Escape")
    expect(page.locator("#q-notice")).to_be_hidden()
    expect(page.locator("#q-question textarea")).to_have_value("")
    expect(page.locator(".q-turn")).to_have_count(2)
    page.locator("#q-turns .q-turn").first.locator("[data-action=edit]").click()
    answered(phone, "Anders gefragt?")
    expect(page.locator(".q-turn .q-question")).to_have_text(["Anders gefragt?"])
    assert fake.histories[-1] == []
    answered(phone, "Danach?")
    page.locator("#q-live [data-action=retry]").click()
    phone.expect_answered("Danach?")
    expect(page.locator(".q-turn .q-question")).to_have_text(["Anders gefragt?", "Danach?"])
    assert fake.questions[-2:] == ["Danach?", "Danach?"]
    assert [question for question, _ in fake.histories[-1]] == ["Anders gefragt?"]


def test_an_earlier_question_is_asked_anew_and_nothing_after_it_is_lost(watched: Watched, fake: fakes.FakeRag) -> None:
    page = watched.page
    answered(watched)
    answered(watched, "Und dann?")
    answered(watched, "Und danach?")
    assert fake.fresh == [False] * 3
    page.locator("#q-turns .q-turn").nth(1).locator("[data-action=retry]").click()
    watched.expect_answered("Und dann?")
    questions = [QUESTION, "Und dann?", "Und danach?", "Und dann?"]
    expect(page.locator(".q-turn .q-question")).to_have_text(questions)
    assert fake.fresh == [False, False, False, True]
    # Its context is what came before it when it was first asked.
    assert [question for question, _ in fake.histories[-1]] == [QUESTION]
    reload(watched)
    expect(page.locator("#q-turns .q-question")).to_have_text(questions)
    page.locator("#q-turns .q-turn").last.locator("[data-action=retry]").click()
    watched.expect_answered("Und dann?")
    expect(page.locator(".q-turn .q-question")).to_have_text(questions)
    assert fake.fresh[-1] is True
    answered(watched, "Zuletzt?")
    assert fake.fresh[-1] is False
    assert [question for question, _ in fake.histories[-1]] == questions[1:]


def test_after_a_reload_in_mid_answer_the_question_is_asked_again(watched: Watched, fake: fakes.FakeRag) -> None:
    page, before = watched.page, [QUESTION]
    answered(watched)
    fake.may_check.clear()
    watched.ask("Und weiter?")
    expect(page.locator("#q-live .q-draft")).to_contain_text("bleibt offen")
    reload(watched)
    watched.problems.clear()  # Gradio reports an error for the interrupted answer
    fake.may_check.set()
    watched.expect_answered("Und weiter?")
    expect(page.locator(".q-turn .q-question")).to_have_text([*before, "Und weiter?"])
    assert fake.questions == [*before, "Und weiter?", "Und weiter?"]
    assert [question for question, _ in fake.histories[-1]] == before
    page.locator(".q-view[data-panel=conversations]").click()
    expect(page.locator(".q-kept li")).to_have_count(1)


def test_a_window_that_is_opened_again_says_what_was_under_way(watched: Watched, fake: fakes.FakeRag) -> None:
    page, texts = watched.page, texts_of(watched)
    answered(watched)
    fake.may_check.clear()
    watched.ask("Und weiter?")
    expect(page.locator("#q-live .q-draft")).to_contain_text("bleibt offen")
    page.goto(page.url.partition("?")[0] + "?again")  # not a reload
    page.wait_for_selector("body[data-ready]")
    watched.problems.clear()
    fake.may_check.set()
    expect(page.locator("#q-turns .q-question")).to_have_text([QUESTION, "Und weiter?"])
    expect(page.locator("#q-turns")).to_contain_text(texts.interrupted)
    page.locator("#q-turns .q-turn").nth(1).locator("[data-action=retry]").click()
    watched.expect_answered("Und weiter?")
    assert fake.histories[-1][0][0] == QUESTION


def test_a_conversation_is_renamed_and_found_by_its_words(phone: Watched) -> None:
    page, texts = phone.page, texts_of(phone)
    answered(phone)
    page.locator("#q-clear").click()
    answered(phone, "Was ist hostile?")
    page.locator(".q-view[data-panel=conversations]").click()
    kept = page.locator(".q-kept li")
    kept.nth(1).locator("[data-keep=rename]").click()
    name = page.get_by_label(texts.rename_label)
    expect(name).to_be_focused()
    expect(name).to_have_value(QUESTION)
    assert violations(phone) == []
    name.fill("<b>Kapital</b>")
    name.press("Enter")
    expect(kept.locator(".q-reopen")).to_have_text(["Was ist hostile?", "<b>Kapital</b>"])
    expect(kept.nth(1).locator("[data-keep=rename]")).to_be_focused()
    # Another button can be pressed instead of Enter; it works as usual, and the name is kept.
    kept.nth(1).locator("[data-keep=rename]").click()
    name.fill("Kapital <i>")
    page.locator(".q-view[data-panel=library]").click()
    expect(page.locator("#q-library")).to_be_visible()
    page.locator(".q-view[data-panel=conversations]").click()
    expect(kept.locator(".q-reopen")).to_have_text(["Was ist hostile?", "Kapital <i>"])
    # Leaving by Escape changes nothing, and an empty name restores the question.
    kept.nth(0).locator("[data-keep=rename]").click()
    name.fill("Nicht so")
    name.press("Escape")
    expect(kept.nth(0).locator(".q-reopen")).to_have_text("Was ist hostile?")
    words = page.get_by_label(texts.conversations_search)
    for typed, found in [("KAPITAL", 1), ("privatplatzierung yuan", 1), ("nirgends", 0), ("", 2)]:
        words.fill(typed)
        expect(kept).to_have_count(found)
        expect(words).to_be_focused()
    words.fill("nirgends")
    expect(page.locator("#q-conversations")).to_contain_text(texts.conversations_unfound)
    assert violations(phone) == []
    # A name survives the next answer and a reload.
    words.fill("kapital")
    kept.first.locator(".q-reopen").click()
    answered(phone, "Und dann?")
    reload(phone)
    page.locator(".q-view[data-panel=conversations]").click()
    expect(kept.locator(".q-reopen")).to_have_text(["Kapital <i>", "Was ist hostile?"])
    with page.expect_download() as download:
        kept.nth(0).locator("[data-keep=export]").click()
    assert download.value.suggested_filename == "Kapital-i.md"
    kept.nth(0).locator("[data-keep=rename]").click()
    name.fill(" ")
    name.press("Enter")
    expect(kept.nth(0).locator(".q-reopen")).to_have_text(QUESTION)


def test_what_storage_holds_is_not_trusted(watched: Watched) -> None:
    page = watched.page
    answered(watched)
    page.evaluate(
        """() => {
            const key = Object.keys(localStorage).find(name => name.startsWith("quellentreu.conversation."));
            const kept = JSON.parse(localStorage.getItem(key));
            kept.turns[0].question = "<img src=x onerror=window.hacked=1>";
            kept.turns[0].answer.sentences[0].text = "<script>window.hacked=1</script>";
            kept.turns[0].answer.citations[0].title = '"><img src=x onerror=window.hacked=1>';
            localStorage.setItem(key, JSON.stringify(kept));
            localStorage.setItem("quellentreu.conversation.x", "{nonsense");
            localStorage.setItem("quellentreu.conversation.y", JSON.stringify({turns: [{question: 5}]}));
        }"""
    )
    reload(watched)
    expect(page.locator("#q-turns .q-question")).to_have_text("<img src=x onerror=window.hacked=1>")
    page.locator("#q-turns .q-cite").first.hover()
    expect(page.locator("#q-tip")).to_contain_text('"><img')
    page.locator(".q-view[data-panel=conversations]").click()
    expect(page.locator(".q-kept li")).to_have_count(1)
    assert page.evaluate("window.hacked") is None
    expect(page.locator("#q-shell :is(img, script)")).to_have_count(0)
