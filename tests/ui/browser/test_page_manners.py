"""Keyboard, screen reader, contrast, motion and layout shifts; checked with axe where a program can check."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect

from tests.ui.browsing import DESKTOP, Watched, answered, texts_of, violations, visit

if TYPE_CHECKING:
    import gradio as gr

    from tests.ui.fakes import FakeRag

pytestmark = pytest.mark.browser


# Two of the four looks are tested here; the other two are tested with the panels, see `test_panels_manners`.
def test_axe_finds_nothing_in_any_state(either: Watched, fake: FakeRag) -> None:
    watched, page = either, either.page
    found = {"empty": violations(watched)}
    fake.may_check.clear()
    watched.ask("Wie viel Geld?")
    expect(page.locator("#q-live .q-draft")).to_be_visible()
    found["draft"] = violations(watched)
    fake.may_check.set()
    watched.expect_answered("Wie viel Geld?")
    page.locator("#q-live .q-cite").first.focus()
    found["answer"] = violations(watched)
    page.locator("#q-live .q-cite").nth(2).press("Enter")  # not a click: the first quote may cover it
    expect(page.locator("#q-opened mark.q-here")).to_be_visible()
    found["article"] = violations(watched)
    page.keyboard.press("Escape")
    expect(page.locator("#q-article")).to_be_hidden()
    answered(watched, "Was ist abwesend?")
    expect(page.locator("#q-instead .q-example").first).to_be_visible()
    found["no answer"] = violations(watched)
    answered(watched, "modelllos")
    found["error"] = violations(watched)
    page.locator(".q-view[data-panel=conversations]").click()
    expect(page.locator(".q-kept")).to_be_visible()
    found["conversations"] = violations(watched)
    assert {state: lines for state, lines in found.items() if lines} == {}


def test_everything_is_done_from_the_keyboard_in_a_sensible_order(watched: Watched) -> None:
    page, texts = watched.page, texts_of(watched)
    answered(watched)
    page.evaluate("document.activeElement.blur(); getSelection().removeAllRanges()")
    page.evaluate("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')")
    order = []
    for _ in range(24):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.innerText.trim() || document.activeElement.tagName"))
        if order[-1] == "TEXTAREA":
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    names = [texts.skip, texts.clear, texts.evidence_title, texts.conversations, texts.library, "1", "2", "3", "4"]
    names += [texts.form_long, texts.form_list]
    names += [texts.copy, texts.retry, texts.edit, texts.link, texts.show_evidence, texts.receipt]
    names += ["TEXTAREA", texts.ask]
    assert order[: len(names)] == names
    assert order[len(names)].startswith("Der chinesische Chiphersteller Cambricon")


def test_every_focused_button_shows_it(watched: Watched) -> None:
    page = watched.page
    answered(watched)
    page.locator(".q-view").first.focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "(() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, s.outlineWidth]; })()"
        )
        assert style == ["solid", "2px"], page.evaluate("document.activeElement.outerHTML")


def test_there_is_one_live_region_and_it_is_polite(watched: Watched) -> None:
    page, texts = watched.page, texts_of(watched)
    answered(watched)
    answered(watched, "besetzt")
    regions = page.locator("#q-shell :is([aria-live], [role=status], [role=alert]), #q-status")
    expect(regions).to_have_count(1)
    expect(regions).to_have_attribute("aria-live", "polite")
    expect(regions).to_contain_text(texts.busy_error)
    assert page.locator("h1:visible").count() == 1
    levels = page.locator(":is(h1, h2, h3):visible").evaluate_all("items => items.map(item => Number(item.tagName[1]))")
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_nothing_jumps_while_the_answer_streams(browser: Browser, app: gr.Blocks, fake: FakeRag) -> None:
    context = browser.new_context(locale="de-DE", viewport=DESKTOP)  # type: ignore[arg-type]
    context.add_init_script(
        """window.shift = 0;
        new PerformanceObserver(list => {
            for (const entry of list.getEntries()) if (window.counting) window.shift += entry.value;
        }).observe({ type: "layout-shift", buffered: true });"""
    )
    watched = visit(context, app.local_url)
    page = watched.page
    answered(watched)
    page.wait_for_timeout(800)
    fake.pause = 0.1
    page.evaluate("window.counting = true")
    watched.ask("Und langsam?")
    expect(page.locator("#q-live .q-draft")).to_be_visible()
    watched.expect_answered("Und langsam?")
    page.wait_for_timeout(300)
    # Google calls 0.1 good; the question box and text that was already read must stay where they are.
    assert page.evaluate("window.shift") < 0.05
    context.close()


def test_who_wants_no_motion_gets_none(watched: Watched, fake: FakeRag) -> None:
    watched.page.emulate_media(reduced_motion="reduce")
    fake.may_write.clear()
    watched.ask("Und?")
    progress = watched.page.locator("#q-live .q-progress")
    expect(progress).to_be_visible()
    assert progress.evaluate("item => getComputedStyle(item, '::before').animationName") == "none"
    assert watched.page.evaluate("window.quellentreu.behavior()") == "auto"
