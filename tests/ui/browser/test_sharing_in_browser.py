"""The page behind a password in a real browser, and what it tells others about its machine."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from gradio_client import Client
from playwright.sync_api import Browser, Error, expect

from index.errors import BusyError, CorpusError, IndexDamagedError, ModelError, QuestionError, RagError
from rag.evaluation.feedback import FeedbackError
from tests.ui import fakes
from tests.ui.browsing import DESKTOP, QUESTION, texts_of, visit
from tests.ui.conftest import free_port
from ui import launch
from ui.features.feedback import ReaderFeedback
from ui.features.library import Library
from ui.render.failures import RequestError, explain
from ui.render.texts import DE, EN
from ui.server.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    import gradio as gr

USER, PASSWORD = "leser", "Nur für Leser 🐉"
HEADERS = {"Authorization": "Basic bGVzZXI6TnVyIGbDvHIgTGVzZXIg8J+QiQ=="}
PLACE = "/srv/geheim/index"


class Engine(fakes.FakeRag):
    """Names the path of its files when something is wrong with them."""

    def stream(self, question: str, **options: object) -> object:  # type: ignore[override]
        if "indexlos" in question:
            raise IndexDamagedError(f"The index in {PLACE} is damaged.", hint=f"Remove {PLACE}.")
        return super().stream(question, **options)  # type: ignore[arg-type]


@pytest.fixture(params=["0.0.0.0", "127.0.0.1"])
def shared(request: pytest.FixtureRequest) -> Iterator[gr.Blocks]:
    credentials = Credentials.of(USER, PASSWORD)
    served = launch(Engine(), host=request.param, port=free_port(), block=False, credentials=credentials)
    yield served
    served.close(verbose=False)


def address(app: gr.Blocks) -> str:
    """Return an address for the browser, which cannot go to 0.0.0.0."""
    return f"http://127.0.0.1:{app.server_port}/"


@pytest.mark.browser
@pytest.mark.parametrize(("shared", "locale"), [("0.0.0.0", "de-DE"), ("127.0.0.1", "en-GB")], indirect=["shared"])
def test_with_name_and_password_the_page_answers(browser: Browser, shared: gr.Blocks, locale: str) -> None:
    url = address(shared)
    wrong = {"username": USER, "password": "falsch, aber lang"}
    for credentials in (None, wrong):
        stranger = browser.new_context(http_credentials=credentials)  # type: ignore[arg-type]
        assert stranger.request.get(url).status == 401
        page = stranger.new_page()
        with contextlib.suppress(Error):  # Chromium shows a page of its own instead of the server's
            page.goto(url)
        assert page.locator("#q-question").count() == 0
        stranger.close()

    known = {"username": USER, "password": PASSWORD}
    context = browser.new_context(http_credentials=known, locale=locale, viewport=DESKTOP)  # type: ignore[arg-type]
    watched = visit(context, url)
    page, texts = watched.page, texts_of(watched)
    watched.ask(QUESTION)
    watched.expect_answered(QUESTION)
    expect(page.locator("#q-live .q-cite")).to_have_count(4)
    page.locator("#q-live .q-cite").first.click()
    watched.expect_highlighted(fakes.MONEY)
    page.keyboard.press("Escape")
    page.locator(".q-view[data-panel=library]").click()
    expect(page.locator("#q-lib-list li")).to_have_count(len(fakes.DOCUMENTS))
    watched.ask("indexlos")
    expect(page.locator("#q-live .q-error")).to_contain_text(texts.index_error)
    assert PLACE not in page.content()
    assert watched.problems == []
    assert watched.foreign_requests() == []
    context.close()


def test_a_program_is_told_no_place_of_a_shared_machine(shared: gr.Blocks, caplog: pytest.LogCaptureFixture) -> None:
    client = Client(address(shared), headers=HEADERS, verbose=False)
    with pytest.raises(Exception, match=DE.index_error) as caught:
        client.predict("indexlos", api_name="/chat")
    assert PLACE not in str(caught.value)
    assert PLACE in caplog.text
    with pytest.raises(Exception, match="2000 characters"):
        client.predict("x" * 3000, api_name="/chat")


def test_who_sits_at_the_machine_is_told_where() -> None:
    served = launch(Engine(), port=free_port(), block=False)
    try:
        with pytest.raises(Exception, match=PLACE):
            Client(served.local_url, verbose=False).predict("indexlos", api_name="/chat")
    finally:
        served.close(verbose=False)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (QuestionError("Too long.", hint="Shorten it."), "Too long. Shorten it."),
        (BusyError(waiting=2), str(BusyError(waiting=2))),
        (RequestError("The page sent nonsense."), "The page sent nonsense."),
        (ModelError(f"No weights in {PLACE}."), ""),
        (CorpusError(f"{PLACE} is no folder."), ""),
        (RagError(f"{PLACE} cannot be read."), ""),
        (OSError(PLACE), ""),
    ],
)
def test_to_others_only_what_speaks_of_their_request_is_quoted(error: Exception, told: str) -> None:
    for texts in (DE, EN):
        failure = explain(error, texts, shared=True)
        assert failure.detail == told
        assert failure.state
        assert PLACE not in f"{failure.state} {failure.remedy} {failure.detail}"
        if isinstance(error, RagError):
            assert explain(error, texts, shared=False).detail == str(error)


def test_the_list_and_feedback_name_no_place(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    class Request:
        headers = {"accept-language": "en"}  # noqa: RUF012 - a fake

    class Damaged(fakes.FakeRag):
        def documents(self) -> list[object]:  # type: ignore[override]
            raise IndexDamagedError(f"The index in {PLACE} is damaged.")

    answer = Library(Damaged()).library_list({}, Request())  # type: ignore[arg-type]
    assert answer["error"] == f"{EN.index_error} {EN.index_remedy}"
    assert PLACE in caplog.text

    def full(*_: object) -> None:
        raise FeedbackError(f"{PLACE} cannot be written.")

    monkeypatch.setattr("ui.features.feedback.read", full)
    failed = ReaderFeedback(fakes.FakeRag()).feedback({}, Request())  # type: ignore[arg-type]
    assert failed["error"] == f"{EN.feedback_error} {EN.feedback_remedy}"
