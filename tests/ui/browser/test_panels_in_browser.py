"""Articles, filter and feedback in a real browser, from the click to the evaluation set."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, expect

from rag.evaluation.datasets.native import load_native
from rag.exploring.overview import Overview, Point, Topic
from rag.settings import Settings
from tests.ui import fakes
from tests.ui.conftest import free_port
from ui import launch
from ui.render.texts import DE, EN, Texts

if TYPE_CHECKING:
    from pathlib import Path

    from index.types import Document
    from tests.ui.browsing import Watched

pytestmark = pytest.mark.browser
QUESTION = "Wie viel Geld will Cambricon aufnehmen?"
SIZES = {"desktop": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}


class Engine(fakes.FakeRag):
    """Has settings and a map, and records the filters."""

    def __init__(self, folder: Path, *, feedback: bool = True) -> None:
        super().__init__()
        self.settings = Settings(index=folder / "index", feedback=feedback)
        self.filters: list[Any] = []

    def overview(self) -> Overview:
        spans = [fakes.find("cambricon.md", fakes.MONEY), fakes.find("allianz.md", fakes.FIRMS)]
        points = [
            Point("cambricon.md", *spans[0], "Cambricon", 0.5, 0.5, 0),
            Point("allianz.md", 0, 5, "Allianz", -0.5, 0.2, 1),
            Point("allianz.md", *spans[1], "Allianz", -0.4, 0.1, 1),
        ]
        return Overview(tuple(points), (Topic(("Geld",), 1), Topic(("Firmen",), 2)), 3)

    def stream(self, question: str, **options: Any) -> Any:
        self.filters.append(options.get("filter"))
        return super().stream(question, **options)


@pytest.mark.parametrize(("size", "locale", "texts"), [("desktop", "de-DE", DE), ("phone", "en-GB", EN)])
def test_from_the_list_to_a_test_case(browser: Browser, tmp_path: Path, size: str, locale: str, texts: Texts) -> None:
    engine = Engine(tmp_path)
    app = launch(engine, port=free_port(), block=False)
    context = browser.new_context(locale=locale, viewport=SIZES[size])  # type: ignore[arg-type]
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    try:
        page.goto(app.local_url)
        page.wait_for_selector("body[data-ready]")
        page.locator('.q-view[data-panel="library"]').click()
        expect(page.locator("#q-lib-list li")).to_have_count(3)
        expect(page.locator("#q-lib-list li").first).to_be_in_viewport()
        expect(page.locator("#q-map .q-dot")).to_have_count(0)
        page.get_by_text(texts.map_title).click()
        expect(page.locator("#q-map .q-dot")).to_have_count(3)
        page.get_by_label(texts.library_words).last.fill("huawei")
        expect(page.locator("#q-lib-list li")).to_have_count(1)
        page.get_by_label(texts.library_words).last.fill("")
        page.get_by_label(texts.library_source).select_option("IT-Markt")
        expect(page.locator("#q-lib-list li")).to_have_count(1)
        expect(page.locator("#q-filter")).to_contain_text("IT-Markt")
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
        # An article opens, and closing it leads back to the list.
        page.locator(".q-lib-open").first.click()
        expect(page.locator("#q-opened h2")).to_have_text("Cambricon will Milliarden aufnehmen")
        page.keyboard.press("Escape")
        expect(page.locator("#q-library")).to_be_visible()

        def ask() -> None:
            page.fill("#q-question textarea", QUESTION)
            page.press("#q-question textarea", "Enter")

        ask()
        expect(page.locator("#q-live .q-facts")).to_be_visible()
        assert engine.filters[-1].source == "IT-Markt"
        page.locator('#q-live .q-thumb[data-thumb="good"]').click()
        expect(page.locator('#q-live .q-thumb[data-thumb="good"]')).to_have_attribute("aria-pressed", "true")
        page.locator('.q-view[data-panel="library"]').click()
        expect(page.locator("#q-map .q-dot-on")).to_have_count(2)
        page.locator(".q-unfilter").click()
        expect(page.locator("#q-filter")).to_be_hidden()
        ask()
        expect(page.locator('.q-turn[data-turn="2"] .q-facts')).to_be_visible()
        assert engine.filters[-1] is None
        page.locator('#q-live .q-thumb[data-thumb="bad"]').focus()
        page.keyboard.press("Enter")
        expect(page.locator("#q-feedback")).to_be_visible()
        page.get_by_label(texts.feedback_expected).fill("<b>fünf</b>")
        page.locator("#q-feedback input[type=checkbox]").first.check()
        page.locator(".q-feedback-send").click()
        expect(page.locator("#q-feedback")).to_have_count(0)
        file = engine.settings.feedback_path
        good, bad = load_native(file).questions
        assert good.gold_quotes[0] == fakes.MONEY
        assert dict(good.filter) == {"source": "IT-Markt"}
        assert (bad.answers, bad.sources) == (("<b>fünf</b>",), ("cambricon.md",))
        assert bad.history[0][0] == QUESTION
        assert json.loads(file.read_text(encoding="utf-8").splitlines()[1])["feedback"]["reason"] == "wrong"
        assert problems == []
    finally:
        context.close()
        app.close(verbose=False)


def test_no_thumbs_where_feedback_is_off(browser: Browser, tmp_path: Path) -> None:
    app = launch(Engine(tmp_path, feedback=False), port=free_port(), block=False)
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    try:
        page.goto(app.local_url)
        page.wait_for_selector("body[data-ready]")
        page.fill("#q-question textarea", QUESTION)
        page.press("#q-question textarea", "Enter")
        expect(page.locator("#q-live .q-facts")).to_be_visible()
        expect(page.locator("#q-live .q-action").first).to_be_visible()
        expect(page.locator("#q-live .q-thumb").first).to_be_hidden()
        refused = page.evaluate("() => window.quellentreu.call('feedback', {})")
        assert refused["error"]
        assert not list(tmp_path.iterdir())
    finally:
        context.close()
        app.close(verbose=False)


class OfOne(fakes.FakeRag):
    """Has one article, with a date and a source or without."""

    def __init__(self, *, dated: bool, sourced: bool) -> None:
        super().__init__()
        self.dated, self.sourced = dated, sourced

    def documents(self) -> list[Document]:
        source, date = "Heise" if self.sourced else "", "2025-01-01" if self.dated else ""
        return [fakes.make_document("a.md", "Text.\n", title="A", source=source, date=date)]


@pytest.fixture
def fake(request: pytest.FixtureRequest) -> OfOne:
    return OfOne(dated=request.param[0], sourced=request.param[1])


@pytest.mark.parametrize("fake", [(False, False), (True, False), (False, True)], indirect=True)
def test_filters_that_no_article_could_pass_are_not_offered(watched: Watched, fake: OfOne) -> None:
    page = watched.page
    page.locator('.q-view[data-panel="library"]').click()
    expect(page.locator("#q-lib-list li")).to_have_count(1)
    expect(page.locator("#q-lib-words")).to_be_visible()
    expect(page.locator("#q-lib-source")).to_be_visible(visible=fake.sourced)
    expect(page.locator("#q-lib-since")).to_be_visible(visible=fake.dated)
    expect(page.locator("#q-lib-until")).to_be_visible(visible=fake.dated)
    about = DE.library_about if fake.dated or fake.sourced else DE.library_about_plain
    expect(page.locator("#q-lib-about")).to_have_text(about)
