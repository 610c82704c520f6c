"""A sentence and the context that it refers to are one unit on the page, after a reload, when copied and exported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from tests.ui import fakes
from tests.ui.browsing import Watched, answered, texts_of, violations

if TYPE_CHECKING:
    from playwright.sync_api import Locator

pytestmark = pytest.mark.browser

QUESTION, TWO, ENGLISH = "Der Bezug?", "Zwei Werte mit Bezug?", "Bezug in English?"
LEAD = f"{fakes.LEAD} …"


def place(path: str, quote: str) -> str:
    start, end = fakes.find(path, quote)
    return f"— {fakes.DOCUMENTS[path].metadata.title} ({path}, {start}–{end})"


def colour(words: Locator) -> str:
    return str(words.evaluate("element => getComputedStyle(element).color"))


def copied(page: Page) -> tuple[str, str]:
    """Return what the copy button below an answer writes, as text and as HTML."""
    page.evaluate("window.quellentreu.copy = async (...forms) => ((window.copied = forms), true)")
    page.locator("[data-action=copy]").click()
    forms: Any = page.evaluate("window.copied")
    return forms[0], forms[1]


def exported(page: Page) -> str:
    page.locator(".q-view[data-panel=conversations]").click()
    with page.expect_download() as download:
        page.locator("[data-keep=export]").click()
    return download.value.path().read_text(encoding="utf-8")


def test_both_are_one_paragraph_live_and_after_a_reload(either: Watched) -> None:
    page = either.page
    answered(either, QUESTION)
    body = page.locator("#q-live .q-body")
    expect(body).to_have_count(1)
    expect(body).to_have_text(f"{LEAD}1 {fakes.USE}2")
    quiet, clear = body.locator(".q-context > bdi"), body.locator(".q-sentence:not(.q-context) > bdi")
    assert colour(quiet) != colour(clear)
    before = body.evaluate("element => element.outerHTML")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    expect(page.locator("#q-turns .q-facts")).to_be_visible()
    assert page.locator("#q-turns .q-body").evaluate("element => element.outerHTML") == before
    assert violations(either) == []


def test_each_value_is_an_item_with_what_it_points_back_to(phone: Watched) -> None:
    page = phone.page
    answered(phone, TWO)
    items = page.locator("#q-live ul.q-body > li")
    expect(items).to_have_text([f"{LEAD}1 {fakes.USE}2", f"{fakes.HEADING}3 {fakes.FIRMS}4"])
    # Only the words that answer are bold.
    expect(items.nth(1).locator(".q-context > bdi")).to_have_css("font-weight", "400")
    # A heading is above its sentence; the beginning of another sentence would be beside it.
    heading = items.nth(1).locator(".q-sentence").first.bounding_box()
    sentence = items.nth(1).locator(".q-sentence").last.bounding_box()
    assert heading is not None
    assert sentence is not None
    assert heading["y"] + heading["height"] <= sentence["y"] + 1
    assert violations(phone) == []


def test_the_context_is_there_while_its_sentence_is_on_the_way(watched: Watched, fake: fakes.FakeRag) -> None:
    fake.may_go_on.clear()
    watched.ask(QUESTION)
    expect(watched.page.locator("#q-live .q-turn[data-state=busy] .q-body")).to_have_text(f"{LEAD}1")
    fake.may_go_on.set()
    watched.expect_answered(QUESTION)
    expect(watched.page.locator("#q-live .q-body")).to_have_text(f"{LEAD}1 {fakes.USE}2")


def test_each_opens_its_own_passage_and_shows_its_own_quotation(watched: Watched) -> None:
    page, texts = watched.page, texts_of(watched)
    answered(watched, TWO)
    cites, tip = page.locator("#q-live .q-cite"), page.locator("#q-tip")
    for number, quote in enumerate((fakes.LEAD, fakes.USE, fakes.HEADING, fakes.FIRMS)):
        cites.nth(number).hover()
        expect(tip.locator(".q-tip-quote")).to_have_text(quote)
        cites.nth(number).click()
        watched.expect_highlighted(quote)
        expect(page.locator(".q-place")).to_have_text(texts.mark_of.format(number=number % 2 + 1, count=2))
        page.locator(".q-back").click()
        expect(page.locator("#q-article")).to_be_hidden()


def test_copied_they_are_one_paragraph_with_both_sources_below(watched: Watched) -> None:
    answered(watched, TWO)
    text, html = copied(watched.page)
    first = [f"{LEAD} {fakes.USE}", place("cambricon.md", fakes.LEAD), place("cambricon.md", fakes.USE)]
    second = [fakes.HEADING, fakes.FIRMS, place("allianz.md", fakes.HEADING), place("allianz.md", fakes.FIRMS)]
    assert text == "\n".join(first) + "\n\n" + "\n".join(second)
    assert html.startswith(f"<p>{LEAD} Das Geld soll in die Entwicklung von <strong>KI-Chips</strong> fließen.<br>— ")
    assert f"</p><p>{fakes.HEADING}<br>Rund <strong>60 Firmen</strong> sind dabei.<br>— " in html
    assert html.count("<p>") == 2


def test_selected_and_copied_a_heading_does_not_run_into_its_sentence(watched: Watched) -> None:
    page = watched.page
    answered(watched, TWO)
    page.locator("#q-live .q-body").evaluate("element => getSelection().selectAllChildren(element)")
    text = page.evaluate(
        """() => {
            const event = new ClipboardEvent("copy", { clipboardData: new DataTransfer(), bubbles: true, cancelable: true });
            document.body.dispatchEvent(event);
            return event.clipboardData.getData("text/plain");
        }"""
    )
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    assert lines == [f"{LEAD} {fakes.USE}", fakes.HEADING, fakes.FIRMS]


def test_in_markdown_they_are_one_paragraph_with_both_numbers(watched: Watched) -> None:
    answered(watched, TWO)
    markdown = exported(watched.page)
    lead, heading = LEAD.replace("-", "\\-"), fakes.HEADING.replace(".", "\\.").replace("-", "\\-")
    use = "Das Geld soll in die Entwicklung von **KI\\-Chips** fließen\\."
    assert f"\n\n{lead} [1] {use} [2]\n\n{heading} [3] Rund **60 Firmen** sind dabei\\. [4]\n\n" in markdown
    title = fakes.DOCUMENTS["cambricon.md"].metadata.title
    for number, source in enumerate((title, title, heading, heading), start=1):
        assert f"\n{number}. {source} (" in markdown


def test_a_translation_stands_below_both(phone: Watched) -> None:
    page, texts = phone.page, texts_of(phone)
    answered(phone, ENGLISH)
    expect(page.locator("#q-live .q-body")).to_have_text(f"{LEAD}1 {fakes.USE}2")
    expect(page.locator("#q-live .q-translation")).to_have_text(f"{texts.translation}{fakes.IN_ENGLISH}")
