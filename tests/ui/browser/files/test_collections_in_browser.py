"""Named collections in a real browser: chosen, asked, cited, and kept with the conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect

from tests.rag.building import build
from tests.rag.fakes import ScriptedEngine
from tests.ui.conftest import free_port
from ui import launch
from ui.render.texts import DE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import gradio as gr

pytestmark = pytest.mark.browser
PORT = "Der Hafen von Auheim kostet 12 Millionen Euro."
QUESTION = "Wie viel kostet der Hafen von Auheim?"
CITED = ".collections/news/hafen.md"


@pytest.fixture
def served(corpus: Path, index_dir: Path, tmp_path: Path) -> Iterator[gr.Blocks]:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "hafen.md").write_text(f"# Hafen\n\nVorab etwas. {PORT}\n", encoding="utf-8")
    engine = build(corpus, index_dir, ScriptedEngine(PORT, confirms=lambda page: "12 Mill" in page), strictness=0)
    engine.sync(collection="news", corpus=tmp_path / "news")
    app = launch(engine, port=free_port(), block=False)
    yield app
    app.close(verbose=False)


def test_a_collection_is_ticked_asked_cited_and_kept_with_the_conversation(browser: Browser, served: gr.Blocks) -> None:
    page = browser.new_page(locale="de-DE")
    page.set_default_timeout(60_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(served.local_url)
    page.wait_for_selector("body[data-ready]")
    page.locator(".q-view[data-panel=uploads]").click()
    boxes = page.locator("#q-own .q-choice input[type=checkbox]")
    expect(boxes).to_have_count(2)
    for name in ("articles", "news"):
        assert page.locator(f"#q-own .q-choice input[value={name}]").is_checked()
    page.locator("#q-own .q-choice label", has_text=DE.own_ask_articles).click()
    scope = page.locator("#q-scope")
    expect(scope).to_contain_text(DE.own_some.format(names="news"))

    page.fill("#q-question textarea", QUESTION)
    page.press("#q-question textarea", "Enter")
    cite = page.locator(f".q-turn .q-cite[data-path='{CITED}']").first
    cite.click(timeout=60_000)
    expect(page.locator("#q-opened mark.q-here").first).to_have_text(PORT)
    page.locator(".q-back").click()
    assert page.locator("#q-panel-evidence [data-path]:not([data-path^='.collections/news/'])").count() == 0

    page.locator("#q-clear").click()
    page.locator(".q-widen").click()
    expect(scope).to_be_hidden()
    page.locator(".q-view[data-panel=conversations]").click()
    page.locator(".q-kept .q-reopen", has_text=QUESTION).click()
    expect(scope).to_contain_text("news")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    expect(page.locator(f".q-turn .q-cite[data-path='{CITED}']").first).to_be_visible()
    expect(scope).to_contain_text("news")
    assert problems == []
    page.close()
