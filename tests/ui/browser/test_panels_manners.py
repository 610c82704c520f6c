"""The panels and the feedback form: axe finds nothing in any of their states, and nothing is loaded from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect

from tests.files import needs_files
from tests.rag.building import build
from tests.ui.browsing import DESKTOP, PHONE, Watched, answered, texts_of, violations, visit
from tests.ui.conftest import free_port
from ui import launch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import gradio as gr

pytestmark = [pytest.mark.browser, needs_files]
SENTENCE = "Der Chiphersteller Cambricon will 4 Milliarden Yuan aufnehmen."
QUESTION = "Wie viel will der Chiphersteller Cambricon aufnehmen?"
LOOKS = [("en-GB", DESKTOP, "dark"), ("de-DE", PHONE, "light")]  # see `test_page_manners` for the others


@pytest.fixture
def served(corpus: Path, tmp_path: Path) -> Iterator[gr.Blocks]:
    engine = build(corpus, tmp_path / "index", SENTENCE)
    app = launch(engine, port=free_port(), block=False)
    yield app
    app.close(verbose=False)


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]['width']}-{look[2]}")
def watched(request: pytest.FixtureRequest, browser: Browser, served: gr.Blocks) -> Iterator[Watched]:
    locale, viewport, scheme = request.param
    context = browser.new_context(locale=locale, viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    made = visit(context, served.local_url)
    yield made
    context.close()


def show(watched: Watched, panel: str) -> None:
    watched.page.locator(f".q-view[data-panel={panel}]").click()
    expect(watched.page.locator(f"#q-panel-{panel}")).to_be_visible()


def files_states(watched: Watched) -> dict[str, list[str]]:
    """Return violations for the user's own files: none, one added and one refused, asked alone, about to be removed."""
    page, texts = watched.page, texts_of(watched)
    show(watched, "uploads")
    expect(page.locator("#q-own .q-drop")).to_be_visible()
    found = {"no files": violations(watched)}
    note = b"Der Kuchenbasar brachte 412 Euro ein."
    files = [("notiz.md", note), ("leer.txt", b" ")]
    page.set_input_files(
        "#q-own-input", [{"name": name, "mimeType": "text/plain", "buffer": data} for name, data in files]
    )
    expect(page.locator("#q-own .q-jobs li[data-state]")).to_have_count(2, timeout=60_000)
    expect(page.locator("#q-own .q-own-list li")).to_have_count(1)
    page.locator("#q-own label", has_text=texts.own_ask_uploads).click()
    expect(page.locator("#q-scope")).to_be_visible()
    found["files"] = violations(watched)
    page.locator("#q-own [data-own=clear]").click()
    expect(page.locator("#q-own [data-own=clear]")).to_have_text(texts.own_clear_really)
    found["about to be removed"] = violations(watched)
    page.locator("#q-own label", has_text=texts.own_ask_all).click()
    return found


def library_states(watched: Watched) -> dict[str, list[str]]:
    """Return violations for the list, the map with a topic opened, a filter, an article, and a search in vain."""
    page, texts = watched.page, texts_of(watched)
    show(watched, "library")
    expect(page.locator("#q-lib-list li")).to_have_count(3)
    found = {"list": violations(watched)}
    page.get_by_text(texts.map_title).click()
    expect(page.locator("#q-map .q-dot").first).to_be_visible()
    page.locator("#q-map .q-topics summary").first.click()
    found["map"] = violations(watched)
    page.get_by_text(texts.map_title).click()
    page.locator("#q-lib-source").select_option("Heise")
    page.fill("#q-lib-since", "2025-01-01")
    expect(page.locator("#q-lib-list li")).to_have_count(1)
    expect(page.locator("#q-filter")).to_contain_text(texts.filter_undated_own)
    found["filter"] = violations(watched)
    page.locator(".q-lib-open").first.click()
    expect(page.locator("#q-opened h2")).to_be_visible()
    found["article"] = violations(watched)
    page.keyboard.press("Escape")
    page.fill("#q-lib-words", "kommt nicht vor")
    expect(page.locator("#q-lib-count")).to_have_text(texts.library_none)
    found["nothing in the list"] = violations(watched)
    page.locator(".q-unfilter").click()
    return found


def feedback_states(watched: Watched) -> dict[str, list[str]]:
    """Return violations for the form below an answer: empty, refused and sent."""
    page, texts = watched.page, texts_of(watched)
    show(watched, "uploads")  # answers from own files cannot become test cases
    page.locator("#q-own label", has_text=texts.own_ask_articles).click()
    answered(watched, QUESTION)
    page.locator("#q-live .q-thumb[data-thumb=bad]").click()
    expect(page.locator("#q-feedback")).to_be_visible()
    found = {"feedback": violations(watched)}
    page.get_by_label(texts.feedback_citation).check()
    page.locator(".q-feedback-send").click()
    expect(page.locator("#q-feedback [role=alert]")).to_be_visible()
    found["feedback refused"] = violations(watched)
    page.get_by_label(texts.feedback_expected).fill("4 Milliarden Yuan")
    page.locator(".q-feedback-send").click()
    expect(page.locator("#q-feedback")).to_have_count(0)
    page.locator("#q-live .q-thumb[data-thumb=good]").click()
    expect(page.locator("#q-live .q-thumb[data-thumb=good]")).to_have_attribute("aria-pressed", "true")
    found["thanks"] = violations(watched)
    return found


def test_axe_finds_nothing_in_the_panels_and_nobody_else_is_asked(watched: Watched) -> None:
    found = files_states(watched) | library_states(watched) | feedback_states(watched)
    assert {state: lines for state, lines in found.items() if lines} == {}
    assert len(watched.requests) > 10
    assert watched.foreign_requests() == []
    assert watched.problems == []
