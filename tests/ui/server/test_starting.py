"""The first start: the page is there at once, shows the progress of the index, and goes on by itself."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from index.errors import CorpusError, RagError
from index.progress import tell
from rag.runtime import syncing as facade
from rag.runtime.model_pool import Models
from tests.ui import fakes
from tests.ui.browsing import DESKTOP, PHONE, QUESTION, Watched, violations
from tests.ui.conftest import Offered, free_port
from tests.ui.talking import ask_over_http
from ui import launch
from ui.launching import starting
from ui.launching.opening import Opening, Stage, open_early
from ui.render.texts import DE, EN
from ui.server.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import gradio as gr

    from index.progress import Progress


class Work:
    """Something that takes as long as a test wants."""

    def __init__(self) -> None:
        self.told: Progress | None = None
        self.may_end = threading.Event()
        self.error: Exception | None = None
        self.began = threading.Event()

    def __call__(self, told: Progress) -> None:
        self.told = told
        self.began.set()
        assert self.may_end.wait(60)
        if self.error is not None:
            raise self.error

    def tell(self, *stage: object) -> None:
        assert self.began.wait(10)
        assert self.told is not None
        self.told(*stage)  # type: ignore[arg-type]


@pytest.fixture
def work() -> Iterator[Work]:
    made = Work()
    yield made
    made.may_end.set()


@pytest.fixture
def opening(work: Work) -> Opening:
    made = Opening(work)
    made.begin()
    return made


@pytest.fixture
def begun(opening: Opening, work: Work, monkeypatch: pytest.MonkeyPatch) -> Iterator[gr.Blocks]:
    monkeypatch.setattr(starting, "PATIENCE_SECONDS", 0.2)
    fake = fakes.FakeRag()
    served = launch(fake, port=free_port(), block=False, opening=opening, suggesting=Offered(fake))
    yield served
    work.may_end.set()
    served.close(verbose=False)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("locale", "viewport", "scheme", "texts"),
    [("de-DE", DESKTOP, "light", DE), ("en-GB", PHONE, "dark", EN)],
    ids=["desktop", "phone"],
)
def test_the_page_says_how_far_it_is_and_goes_on_by_itself(
    browser: Browser, begun: gr.Blocks, work: Work, locale: str, viewport: object, scheme: str, texts: object
) -> None:
    context = browser.new_context(locale=locale, viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    watched = Watched(page)
    page.on("request", lambda request: watched.requests.append(request.url))
    page.on("pageerror", lambda error: watched.problems.append(str(error)))
    page.on("console", lambda message: watched.problems.append(message.text) if message.type == "error" else None)
    page.goto(f"{begun.local_url}?q=Wie%20viel%3F")
    words, share, bar = (page.locator(f"#q-start-{name}") for name in ("words", "share", "bar"))
    expect(page.locator("h2")).to_have_text(texts.start_title)  # type: ignore[attr-defined]
    expect(words).to_have_text(texts.start_reading)  # type: ignore[attr-defined]
    expect(share).to_have_text("")
    work.tell("Verifying model.bin", 1, 4)
    expect(words).to_have_text(texts.start_models)  # type: ignore[attr-defined]
    work.tell("embedding", 31, 100)
    expect(words).to_have_text(texts.start_embedding)  # type: ignore[attr-defined]
    expect(share).to_have_text("31 %")
    expect(page.locator("#q-start-pace")).to_have_text("")
    expect(bar).to_have_js_property("value", 0.31)
    assert violations(watched) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    work.may_end.set()
    page.wait_for_selector("body[data-ready]")
    # The question from a link is not lost.
    expect(page.locator("#q-question textarea")).to_have_value("Wie viel?")
    watched.ask(QUESTION)
    watched.expect_answered(QUESTION)
    assert watched.problems == []
    assert watched.foreign_requests() == []
    context.close()


@pytest.mark.parametrize(
    ("texts", "words"),
    [(DE, "12 Passagen in der Sekunde, noch etwa 2 min"), (EN, "12 passages a second, about 2 min left")],
)
def test_the_page_says_how_long_it_takes_yet(texts: Any, words: str) -> None:
    opening = Opening(lambda _: None)
    opening._stage = Stage("embedding", 31, 1500, (12.4, 118.0))
    assert starting.state_of(opening, texts)["pace"] == words
    assert words in starting.page_html(opening, texts)
    opening._stage = Stage("Verifying model.bin", 31, 1500, (12.4, 118.0))
    assert starting.state_of(opening, texts)["pace"] == ""


def test_a_program_that_asks_too_early_waits_for_its_answer(begun: gr.Blocks, work: Work) -> None:
    with ThreadPoolExecutor(1) as pool:
        record = pool.submit(ask_over_http, begun.local_url, QUESTION)
        time.sleep(1.0)
        assert not record.done()
        work.may_end.set()
        assert record.result(60)["answer"]["answer"].startswith(fakes.MONEY)


def test_questions_to_click_are_looked_for_once_the_index_is_there(begun: gr.Blocks, work: Work) -> None:
    body = httpx.get(f"{begun.local_url}starting", trust_env=False, headers={"accept-language": "en"}).json()
    assert body == {"ready": False, "words": EN.start_reading, "share": None, "pace": ""}
    work.may_end.set()
    for _ in range(100):
        body = httpx.get(f"{begun.local_url}starting", trust_env=False).json()
        if body["ready"]:
            break
        time.sleep(0.05)
    assert body["ready"]
    assert b"gradio" in httpx.get(begun.local_url, trust_env=False).content


def test_what_goes_wrong_ends_the_program_and_says_why(
    opening: Opening, work: Work, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    work.error = CorpusError("There is no folder x.", hint="Name another.")

    def fail() -> None:
        for _ in range(200):
            if f":{port}/" in capsys.readouterr().err:  # the address comes first
                break
            time.sleep(0.05)
        work.may_end.set()

    threading.Thread(target=fail).start()
    with pytest.raises(CorpusError, match="no folder x"):
        launch(fakes.FakeRag(), port=port, opening=opening)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)


def test_the_password_is_asked_for_from_the_first_moment(opening: Opening, work: Work) -> None:
    credentials = Credentials.of("leser", "lang genug, hoffe ich")
    served = launch(fakes.FakeRag(), port=free_port(), block=False, opening=opening, credentials=credentials)
    try:
        for path in ("", "starting", "config"):
            assert httpx.get(f"{served.local_url}{path}", trust_env=False).status_code == 401
    finally:
        work.may_end.set()
        served.close(verbose=False)


def test_only_this_machine_is_told_where_there_is_no_password(begun: gr.Blocks) -> None:
    for path in ("", "starting"):
        answer = httpx.get(f"{begun.local_url}{path}", headers={"host": "evil.example"}, trust_env=False)
        assert answer.status_code == 403


def test_what_is_cancelled_ends_at_its_next_step() -> None:
    steps = []

    def endless(told: Progress) -> None:
        for step in range(10_000):
            told("embedding", step, 10_000)
            steps.append(step)
            time.sleep(0.01)

    opening = Opening(endless)
    opening.begin()
    time.sleep(0.1)
    opening.cancel()
    assert opening.is_over
    assert not opening.is_ready
    assert len(steps) < 1000


class _Slow:
    """`index.syncing.sync.sync`, as slow as a test wants."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.error: RagError | None = None

    def __call__(self, *_: object, **__: object) -> str:
        tell("embedding", 1, 2)
        assert self.may_end.wait(30)
        if self.error is not None:
            raise self.error
        return "report"


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> _Slow:
    made = _Slow()
    monkeypatch.setattr(facade, "sync", made)
    monkeypatch.setattr(Models, "embedder", lambda *_: None)
    monkeypatch.setattr(Models, "load_in_background", lambda *_, **__: None)
    return made


def test_the_engine_is_there_before_its_index(slow: _Slow, tmp_path: Path) -> None:
    rag, opening = open_early(tmp_path, index=tmp_path / "index")
    assert rag.settings.corpus == tmp_path
    assert not opening.is_over
    slow.may_end.set()
    opening.wait()
    assert opening.is_ready
    assert opening.stage.description == "embedding"


def test_an_index_that_cannot_be_made_is_said_where_it_is_waited_for(slow: _Slow, tmp_path: Path) -> None:
    slow.error = CorpusError("There are no articles.")
    slow.may_end.set()
    _, opening = open_early(tmp_path, index=tmp_path / "index")
    with pytest.raises(CorpusError, match="no articles"):
        opening.wait()


def test_settings_that_cannot_be_used_are_said_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RAG_MAX_QUESTION_CHARS", "viele")
    with pytest.raises(RagError):
        open_early(tmp_path)
