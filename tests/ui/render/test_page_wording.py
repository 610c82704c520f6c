"""The answer in the source's words has the same form everywhere, and is clean text when it is selected and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.ui import fakes
from tests.ui.browsing import QUESTION, Watched, answered, texts_of, violations

if TYPE_CHECKING:
    from ui.render.texts import Texts

pytestmark = pytest.mark.browser


@pytest.fixture
def copying(watched: Watched) -> Watched:
    watched.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return watched


def select(watched: Watched, selector: str) -> None:
    watched.page.locator(selector).first.evaluate("element => getSelection().selectAllChildren(element)")


def pasted(watched: Watched) -> dict[str, str]:
    """Press the keys for copying, and return what the clipboard then holds."""
    watched.page.keyboard.press("ControlOrMeta+c")
    read: Any = watched.page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read();
            const found = {};
            for (const type of item.types) found[type] = await (await item.getType(type)).text();
            return found;
        }"""
    )
    return {"text": read["text/plain"].replace("\r\n", "\n"), "html": read.get("text/html", "")}


def body(watched: Watched, place: str) -> str:
    return str(watched.page.locator(f"{place} .q-body").first.evaluate("element => element.outerHTML"))


def test_selected_text_is_copied_without_numbers_labels_and_flags(copying: Watched) -> None:
    page, texts = copying.page, texts_of(copying)
    answered(copying)
    select(copying, "#q-live .q-body")
    assert pasted(copying)["text"].split() == f"{fakes.MONEY} {fakes.USE} {fakes.STONE} {fakes.FIRMS}".split()
    # The browser's own text of the selection is clean, too.
    selected = page.evaluate("getSelection().toString()")
    assert texts.partly not in selected
    assert f"{fakes.FIRMS}4" not in selected
    select(copying, "#q-live .q-turn")
    whole = pasted(copying)
    assert whole["text"].startswith(f"{QUESTION}\n")
    for word in (texts.partly, texts.copy, texts.retry, "belegt"):
        assert word not in whole["text"]
        assert word not in whole["html"]
    assert "<strong>bis zu 4 Milliarden Yuan</strong>" in whole["html"]
    for sign in ("<button", "data-", "class="):
        assert sign not in whole["html"].replace("<!--StartFragment-->", "")


def test_all_of_the_page_is_copied_without_them_either(copying: Watched) -> None:
    answered(copying)
    copying.page.evaluate("document.activeElement.blur(); getSelection().selectAllChildren(document.body)")
    whole = pasted(copying)
    assert f"{fakes.MONEY}\n" in whole["text"]
    assert texts_of(copying).partly not in whole["text"]
    assert "window.quellentreu" not in whole["html"]
    # Copying leaves nothing behind in the page.
    expect(copying.page.locator(".q-copying")).to_have_count(0)
    expect(copying.page.locator(".q-turn")).to_have_count(1)


def test_what_is_typed_is_copied_as_ever(copying: Watched) -> None:
    page = copying.page
    answered(copying)
    page.fill("#q-question textarea", "1 (belegt)")
    page.locator("#q-question textarea").select_text()
    assert pasted(copying)["text"] == "1 (belegt)"


def test_the_button_copies_bold_words_too(copying: Watched) -> None:
    page, texts = copying.page, texts_of(copying)
    answered(copying, "Please, in English?")
    page.locator("[data-action=copy]").click()
    expect(page.locator("[data-action=copy]")).to_have_text(texts.copied)
    page.evaluate("getSelection().removeAllRanges()")
    copied = page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read();
            return [await (await item.getType("text/plain")).text(), await (await item.getType("text/html")).text()];
        }"""
    )
    start, end = fakes.find("cambricon.md", fakes.USE)
    assert copied[0] == (
        f"{fakes.USE}\n— Cambricon will Milliarden aufnehmen (cambricon.md, {start}–{end})\n\n"
        f"{texts.translation}:\n{fakes.IN_ENGLISH}"
    )
    assert "<strong>KI-Chips</strong> fließen." in copied[1]


@pytest.mark.parametrize("question", [QUESTION, "Als Liste?", "Ein Auszug?", "Please, in English?"])
def test_live_and_after_a_reload_it_is_the_same(either: Watched, question: str) -> None:
    page, texts = either.page, texts_of(either)
    answered(either, question)
    before = body(either, "#q-live")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    expect(page.locator("#q-turns .q-facts")).to_be_visible()
    assert body(either, "#q-turns") == before
    assert violations(either) == []
    if "English" in question:
        expect(page.locator("#q-turns .q-translation")).to_have_text(f"{texts.translation}{fakes.IN_ENGLISH}")
        expect(page.locator("#q-turns .q-translation .q-cite")).to_have_count(0)


def test_a_clause_shows_what_was_left_out_and_opens_at_its_very_characters(watched: Watched) -> None:
    page = watched.page
    answered(watched, "Ein Auszug?")
    expect(page.locator("#q-live .q-sentence:not(.q-struck) > bdi")).to_have_text(f"… {fakes.CLAUSE} …")
    expect(page.locator("#q-live .q-sentence strong")).to_have_text("4 Milliarden Yuan")
    page.locator("#q-live .q-cite").click()
    watched.expect_highlighted(fakes.CLAUSE)


def test_items_of_a_list_are_a_list_on_the_page_and_in_markdown(watched: Watched) -> None:
    page = watched.page
    answered(watched, "Als Liste?")
    items = page.locator("#q-live ul.q-body > li.q-item")
    expect(items).to_have_count(2)
    assert items.first.evaluate("item => getComputedStyle(item).listStyleType") == "disc"
    page.locator(".q-view[data-panel=conversations]").click()
    with page.expect_download() as download:
        page.locator("[data-keep=export]").click()
    markdown = download.value.path().read_text(encoding="utf-8")
    assert "\n- Die erste Allianz baut Chips\\. [1]\n" in markdown
    assert "\n- Die zweite Allianz schreibt Software\\. [2]\n" in markdown


def test_markdown_holds_bold_words_and_a_labelled_translation(watched: Watched) -> None:
    page = watched.page
    texts: Texts = texts_of(watched)
    answered(watched, "Please, in English?")
    page.locator(".q-view[data-panel=conversations]").click()
    with page.expect_download() as download:
        page.locator("[data-keep=export]").click()
    markdown = download.value.path().read_text(encoding="utf-8")
    assert "Entwicklung von **KI\\-Chips** fließen\\. [1]\n" in markdown
    assert f"> _{texts.translation}:_ The money is to go into the development of AI chips\\.\n" in markdown
