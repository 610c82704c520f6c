"""The app in a real browser: what a reader sees and clicks, and that nothing is loaded from elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect

from tests.ui import fakes
from tests.ui.browsing import QUESTION, Watched, visit
from tests.ui.conftest import OFFERED, free_port
from ui import launch
from ui.render.texts import DE, EN, Texts

if TYPE_CHECKING:
    import gradio as gr

    from rag import RAG

pytestmark = pytest.mark.browser


def test_a_question_from_evidence_to_highlight(watched: Watched, fake: fakes.FakeRag) -> None:
    page = watched.page
    fake.may_write.clear()
    fake.may_check.clear()
    watched.ask(QUESTION)
    # The evidence is shown before the first word of the answer.
    expect(page.locator("#q-evidence .q-evidence")).to_have_count(3)
    expect(page.locator("#q-evidence")).to_contain_text("IT-Markt · 22. Juli 2025")
    expect(page.locator("#q-live .q-progress")).to_have_text(DE.choosing)
    expect(page.locator("#q-live .q-draft")).to_have_count(0)
    fake.may_write.set()
    expect(page.locator("#q-live .q-draft")).to_contain_text(fakes.OPEN)
    colour = "element => getComputedStyle(element).color"
    assert page.locator(".q-draft").evaluate(colour) != page.locator(".q-question").evaluate(colour)
    expect(page.locator("#q-live .q-cite")).to_have_count(0)
    fake.may_check.set()
    expect(page.locator("#q-live .q-facts")).to_contain_text("Antwort nach 12,3 s")
    answer = page.locator("#q-live .q-body")
    expect(answer).to_contain_text(fakes.MONEY)
    expect(answer).not_to_contain_text("bleibt offen")
    expect(page.locator("#q-live .q-draft")).to_have_count(0)
    expect(page.locator("#q-live .q-flag")).to_have_text(DE.partly)
    expect(page.locator("#q-live .q-cite")).to_have_text(["1", "2", "3", "4"])

    for number, quote in enumerate((fakes.MONEY, fakes.USE, fakes.STONE, fakes.FIRMS)):
        page.locator("#q-live .q-cite").nth(number).click()
        watched.expect_highlighted(quote)
    expect(page.locator("#q-opened h2")).to_have_text("Huawei und Co. schmieden KI-Block")

    page.locator("#q-live .q-cite").nth(0).click()
    watched.expect_highlighted(fakes.MONEY)
    expect(page.locator("#q-evidence")).to_be_hidden()
    assert page.locator("#q-opened mark.q-faint").all_text_contents() == [fakes.USE, fakes.STONE]
    body = fakes.CAMBRICON[fakes.CAMBRICON.index("# Cambricon") :]
    assert page.locator("#q-opened .q-text").text_content() == body
    page.locator(".q-back").click()
    expect(page.locator("#q-evidence")).to_be_visible()
    expect(page.locator("#q-article")).to_be_hidden()


def test_citations_work_from_the_keyboard(watched: Watched) -> None:
    page = watched.page
    watched.ask(QUESTION)
    cite = page.locator("#q-live .q-facts")
    expect(cite).to_be_visible()
    page.locator("#q-live .q-cite").first.focus()
    page.keyboard.press("Enter")
    watched.expect_highlighted(fakes.MONEY)
    expect(page.locator(".q-back")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#q-live .q-cite").first).to_be_focused()


def test_old_citations_survive_follow_up_questions(watched: Watched, fake: fakes.FakeRag) -> None:
    page = watched.page
    for count, question in enumerate((QUESTION, "Und hostile?", "Und sonst?", "Wer ist dabei?", "Noch etwas?")):
        watched.ask(question)
        expect(page.locator(".q-turn")).to_have_count(count + 1)
        expect(page.locator("#q-live .q-facts")).to_be_visible()
        expect(page.locator("#q-live .q-question")).to_have_text(question)
    assert [len(history) for history in fake.histories] == [0, 1, 2, 3, 3]
    assert fake.histories[1][0][0] == QUESTION
    assert fake.histories[-1][0][0] == "Und hostile?"
    expect(page.locator("#q-live")).to_contain_text("Verstanden als: Noch etwas? (Cambricon)")
    expect(page.locator(".q-list:visible .q-about")).to_contain_text("Noch etwas?")

    page.locator("#q-past .q-turn").first.locator(".q-cite").nth(2).click()
    watched.expect_highlighted(fakes.STONE)
    page.locator(".q-back").click()
    expect(page.locator(".q-list:visible .q-about")).to_contain_text(QUESTION)
    page.locator("#q-past .q-turn").nth(1).locator("[data-action=evidence]").click()
    expect(page.locator(".q-list:visible .q-about")).to_contain_text("Und hostile?")

    page.locator("#q-clear").click()
    expect(page.locator(".q-turn")).to_have_count(0)
    expect(page.locator(".q-example").first).to_be_visible()
    watched.ask("Von vorn?")
    expect(page.locator("#q-live .q-facts")).to_be_visible()
    assert fake.histories[-1] == []


def test_nothing_from_a_document_or_a_question_is_interpreted(watched: Watched) -> None:
    page = watched.page
    question = (
        'hostile <img src=x onerror="window.hacked=1"> **fett** [x](javascript:window.hacked=1) $x^2$ '
        "${window.hacked=1} {{constructor}} <script>window.hacked=1</script>"
    )
    watched.ask(question)
    expect(page.locator("#q-live .q-facts")).to_be_visible()
    assert page.locator("#q-live .q-question").text_content() == question
    assert page.locator("#q-live .q-sentence > bdi").first.text_content() == fakes.ATTACK
    page.locator("#q-live .q-cite").first.click()
    watched.expect_highlighted(fakes.ATTACK)
    assert page.locator("#q-opened h2").text_content() == fakes.DOCUMENTS["hostile.md"].metadata.title
    assert page.evaluate("window.hacked") is None
    dangerous = "#q-shell :is(script, img, a, strong, em, code, .katex, [onclick], [onerror])"
    expect(page.locator(dangerous)).to_have_count(0)


def test_stop_closes_the_generator(watched: Watched, fake: fakes.FakeRag) -> None:
    page = watched.page
    fake.may_check.clear()
    watched.ask(QUESTION)
    expect(page.locator("#q-live .q-draft")).to_contain_text("bleibt offen")
    page.locator("#q-stop").click()
    expect(page.locator("#q-live")).to_contain_text(DE.stopped)
    expect(page.locator("#q-live")).not_to_contain_text("bleibt offen")
    expect(page.locator("#q-ask")).to_be_visible()
    expect(page.locator("#q-stop")).to_be_hidden()
    fake.may_check.set()
    assert fake.closed.wait(10)
    assert not fake.finished.is_set()
    watched.ask("Und jetzt?")
    expect(page.locator("#q-live .q-facts")).to_be_visible()
    assert fake.histories[-1] == []
    expect(page.locator(".q-turn")).to_have_count(2)


def test_escape_stops_the_answer_after_all_else_it_closes(watched: Watched, fake: fakes.FakeRag) -> None:
    page = watched.page
    fake.may_check.clear()
    watched.ask(QUESTION)
    expect(page.locator("#q-live .q-draft")).to_contain_text("bleibt offen")
    page.locator("#q-evidence .q-evidence").first.click()
    expect(page.locator("#q-opened article")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#q-article")).to_be_hidden()
    expect(page.locator("#q-stop")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#q-live")).to_contain_text(DE.stopped)
    expect(page.locator("#q-ask")).to_be_visible()
    fake.may_check.set()
    assert fake.closed.wait(10)
    # Escape in the question box stops the answer, too.
    fake.may_check.clear()
    watched.ask("Und jetzt?")
    expect(page.locator("#q-live .q-draft")).to_be_visible()
    page.locator("#q-question textarea").press("Escape")
    expect(page.locator("#q-live")).to_contain_text(DE.stopped)
    fake.may_check.set()


def test_an_answer_that_the_server_does_not_stop_is_stopped_by_the_page(watched: Watched, fake: fakes.FakeRag) -> None:
    page = watched.page
    fake.may_check.clear()
    watched.ask(QUESTION)
    expect(page.locator("#q-live .q-draft")).to_contain_text("bleibt offen")
    page.route("**/run/predict*", lambda _: None)
    page.locator("#q-stop").click()
    expect(page.locator("#q-turns .q-turn[data-state=stopped]")).to_contain_text(DE.stopped)
    expect(page.locator("#q-ask")).to_be_visible()
    expect(page.locator(".q-error")).to_have_count(0)
    fake.may_check.set()
    page.unroute("**/run/predict*")
    watched.ask("Und jetzt?")
    watched.expect_answered("Und jetzt?")
    expect(page.locator(".q-turn .q-question")).to_have_text([QUESTION, "Und jetzt?"])


def test_clear_ends_the_answer_for_good(watched: Watched, fake: fakes.FakeRag) -> None:
    fake.may_check.clear()
    watched.ask(QUESTION)
    expect(watched.page.locator("#q-live .q-draft")).to_contain_text("bleibt offen")
    watched.page.locator("#q-clear").click()
    expect(watched.page.locator(".q-turn")).to_have_count(0)
    fake.may_check.set()
    assert fake.closed.wait(10) or fake.finished.is_set()
    watched.page.wait_for_timeout(500)
    expect(watched.page.locator(".q-turn")).to_have_count(0)
    watched.ask("Von vorn?")
    expect(watched.page.locator("#q-live .q-facts")).to_be_visible()
    assert fake.histories[-1] == []


def test_leaving_the_page_closes_the_generator(watched: Watched, fake: fakes.FakeRag) -> None:
    fake.may_check.clear()
    watched.ask(QUESTION)
    expect(watched.page.locator("#q-live .q-draft")).to_contain_text("bleibt offen")
    watched.page.close()
    # Gradio checks every ten seconds whether the reader is still there.
    fake.pause = 0.2
    fake.may_check.set()
    assert fake.closed.wait(30) or fake.finished.is_set()


def test_no_answer_is_a_state_of_its_own(watched: Watched) -> None:
    watched.ask("Was ist abwesend?")
    expect(watched.page.locator("#q-live .q-abstained")).to_contain_text(DE.abstained)
    expect(watched.page.locator("#q-evidence h2")).to_have_text(DE.nearest_title)
    expect(watched.page.locator("#q-live .q-cite")).to_have_count(0)
    watched.page.locator("#q-evidence .q-evidence").nth(1).click()
    watched.expect_highlighted(fakes.USE)


def test_an_extract_says_so(watched: Watched) -> None:
    watched.ask("Bitte wörtlich")
    expect(watched.page.locator("#q-live")).to_contain_text(DE.extract)


def test_errors_are_said_in_words(watched: Watched, fake: fakes.FakeRag) -> None:
    page = watched.page
    watched.ask("   ")
    page.wait_for_timeout(300)
    assert fake.questions == []
    expect(page.locator(".q-turn")).to_have_count(0)
    expect(page.locator("#q-ask")).to_be_visible()
    watched.ask("x" * 3000)
    expect(page.locator("#q-live .q-error")).to_contain_text(DE.question_error)
    expect(page.locator("#q-live .q-error")).to_contain_text("more than 2000 characters")
    watched.ask("kaputt")
    expect(page.locator("#q-live .q-error")).to_contain_text(DE.unexpected)
    expect(page.locator("body")).not_to_contain_text("secret detail")
    watched.ask(QUESTION)
    expect(page.locator("#q-live .q-facts")).to_be_visible()
    assert fake.histories[-1] == []


def test_an_example_is_asked_by_a_click(watched: Watched, fake: fakes.FakeRag) -> None:
    watched.page.locator("#q-suggestions .q-example").first.click()
    expect(watched.page.locator("#q-live .q-facts")).to_be_visible()
    assert fake.questions == [OFFERED[0][0]]
    expect(watched.page.locator("#q-suggestions .q-example").first).to_be_hidden()


@pytest.mark.parametrize(("locale", "language", "texts"), [("de-AT", "de", DE), ("fr-FR", "en", EN)])
def test_the_page_speaks_the_browsers_language(
    browser: Browser, app: gr.Blocks, locale: str, language: str, texts: Texts
) -> None:
    context = browser.new_context(locale=locale)
    visited = visit(context, app.local_url)
    page = visited.page
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("#q-ask")).to_have_text(texts.ask)
    expect(page.locator("#q-question textarea")).to_have_attribute("placeholder", texts.question_placeholder)
    expect(page.locator("#q-intro h2 span:visible")).to_have_text(texts.intro_title)
    visited.ask(QUESTION)
    expect(page.locator("#q-live .q-facts")).to_contain_text(texts.took)
    expect(page.locator("html")).to_have_attribute("lang", language)
    context.close()


def test_on_a_narrow_window_the_evidence_stands_below(phone: Watched) -> None:
    page = phone.page
    phone.ask(QUESTION)
    expect(page.locator("#q-live .q-facts")).to_be_visible()
    answer, side = page.locator("#q-live").bounding_box(), page.locator("#q-side").bounding_box()
    assert answer is not None
    assert side is not None
    assert side["y"] >= answer["y"] + answer["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#q-live .q-cite").nth(2).click()
    phone.expect_highlighted(fakes.STONE)
    page.locator(".q-back").click()
    expect(page.locator("#q-live .q-cite").nth(2)).to_be_in_viewport()


@pytest.mark.models
def test_the_real_thing(browser: Browser, articles: RAG) -> None:
    app = launch(articles, port=free_port(), block=False)
    context = browser.new_context(locale="de-DE")
    try:
        visited = visit(context, app.local_url)
        page = visited.page
        visited.ask(QUESTION)
        expect(page.locator("#q-evidence .q-evidence").first).to_be_visible(timeout=120_000)
        expect(page.locator("#q-live .q-facts")).to_be_visible(timeout=300_000)
        expect(page.locator("#q-live .q-body")).to_contain_text(re.compile(r"560|4 Milliarden|vier Milliarden"))
        cite = page.locator("#q-live .q-cite").first
        cite.click()
        expect(page.locator("#q-opened mark.q-here").first).to_be_visible(timeout=60_000)
        quote = visited.highlighted()
        path = page.locator("#q-opened article").get_attribute("data-path")
        assert path is not None
        assert quote
        assert quote in (articles.settings.corpus / path).read_text(encoding="utf-8")
        assert visited.problems == []
        assert visited.foreign_requests() == []
    finally:
        context.close()
        app.close(verbose=False)
