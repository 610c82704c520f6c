"""The button that saves an answer, live and after a reload, and the saved page, which works offline by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, expect

from rag import Settings
from rag.receipts import Files, check, read
from tests.rag.building import synced
from tests.ui import fakes
from tests.ui.browsing import PHONE, Watched, texts_of, violations

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from index.types import Document

pytestmark = pytest.mark.browser
QUESTION = "Wie viel Geld will Cambricon aufnehmen?"


class Engine(fakes.FakeRag):
    """Answers from real articles."""

    def __init__(self, corpus: Path, index: Path) -> None:
        super().__init__()
        self.real = synced(corpus, index, "4 Milliarden Yuan")

    def stream(self, question: str, **options: Any) -> Any:
        return self.real.stream(question, filter=options.get("filter"))

    def receipt(self, answer: Any, *, language: str = "", **options: Any) -> str:
        return self.real.receipt(answer, language=language, **options)

    def document(self, path: str) -> Document:
        return self.real.document(path)

    def documents(self) -> Sequence[Document]:  # type: ignore[override]
        return self.real.documents()


@pytest.fixture
def fake(corpus: Path, index_dir: Path) -> Engine:
    return Engine(corpus, index_dir)


def saved(watched: Watched, place: str, folder: Path) -> Path:
    with watched.page.expect_download() as download:
        watched.page.locator(f"{place} [data-action=receipt]").last.click()
    assert download.value.suggested_filename == "beleg-Wie-viel-Geld-will-Cambricon-aufnehmen.html"
    file = folder / f"{place.strip('#')}.html"
    download.value.save_as(file)
    return file


def test_an_answer_is_saved_and_the_file_holds(
    watched: Watched, browser: Browser, corpus: Path, index_dir: Path, tmp_path: Path
) -> None:
    page, texts = watched.page, texts_of(watched)
    watched.ask(QUESTION)
    watched.expect_answered(QUESTION)
    files = [saved(watched, "#q-live", tmp_path)]
    expect(page.locator("#q-live [data-action=receipt]")).to_have_text(texts.receipt_saved)
    page.reload()
    page.wait_for_selector("#q-turns .q-turn")
    files.append(saved(watched, "#q-turns", tmp_path))
    for file in files:
        report = check(read(file.read_bytes()), Files(Settings(corpus=corpus, index=index_dir)))
        assert (report.verdict, report.standing > 0) == ("holds", True), report.findings
    context = browser.new_context(java_script_enabled=True, offline=True, viewport=PHONE, color_scheme="dark")  # type: ignore[arg-type]
    alone = Watched(context.new_page())
    alone.page.on("request", lambda request: alone.requests.append(request.url))
    alone.page.on("console", lambda message: alone.problems.append(message.text))
    alone.page.goto(files[0].as_uri())
    expect(alone.page.locator("mark").first).to_be_visible()
    assert alone.requests == [files[0].as_uri()]
    assert alone.problems == []
    assert alone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not violations(alone), "\n".join(violations(alone))
    context.close()


def test_an_article_that_changed_since_is_said(watched: Watched, fake: Engine, corpus: Path) -> None:
    page, texts = watched.page, texts_of(watched)
    watched.ask(QUESTION)
    watched.expect_answered(QUESTION)
    for file in corpus.glob("*.md"):
        file.write_text(file.read_text("utf-8") + "\nNeu.\n", encoding="utf-8")
    fake.real.sync()
    page.locator("#q-live [data-action=receipt]").click()
    expect(page.locator("#q-notice")).to_have_text(texts.receipt_failed)
