"""A served app and a headless browser for the tests of the app."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from rag.exploring.suggestions import Suggestion
from tests.ui.browsing import DESKTOP, PHONE, Watched, visit
from tests.ui.fakes import FakeRag
from ui import launch
from ui.suggesting import Suggesting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import gradio as gr
    from playwright._impl._api_structures import SetCookieParam
    from playwright.sync_api import BrowserContext

expect.set_options(timeout=30_000)  # for busy machines
OFFERED = (
    ("Wie viele Firmen sind dabei?", "allianz.md"),
    ("Wer will Yuan aufnehmen?", "cambricon.md"),
    ("Wer spricht von einem Meilenstein?", "cambricon.md"),
)
OFFERED_IN_ENGLISH = (
    ("Who is with them?", "allianz.md"),
    ("Who is to raise money?", "cambricon.md"),
)
LOOKS = {"desktop-german": "watched", "phone-english": "phone"}
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def chromium() -> str:
    """Return the browser's path. Without a browser, the test is skipped; on a build server, it fails."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path:
        return path
    reason = "no Chromium: install Debian's chromium or name one in the variable CHROMIUM"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


class Offered(Suggesting):
    """Questions to click that are there from the start, without a search for them."""

    def begin(self) -> None:
        self._found = [Suggestion(question, path, 0, 1) for question, path in OFFERED]
        self._found += [Suggestion(question, path, 0, 1, "en") for question, path in OFFERED_IN_ENGLISH]


@pytest.fixture
def fake() -> FakeRag:
    return FakeRag()


class Stage:
    """Passes everything on to the engine of the current test, so that all tests can share one app."""

    def __init__(self, fake: FakeRag) -> None:
        self.fake = fake

    def __getattr__(self, name: str) -> Any:
        return getattr(self.fake, name)


class Served:
    """The app that all tests share, because starting and ending it takes longer than most tests."""

    def __init__(self) -> None:
        self._stage: Stage | None = None
        self._app: gr.Blocks | None = None

    def with_engine(self, fake: FakeRag) -> gr.Blocks:
        if self._stage is None or self._app is None:
            self._stage = Stage(fake)
            engine: Any = self._stage
            # All tests ask from one address, which would soon reach the limit.
            self._app = launch(
                engine, port=free_port(), block=False, suggesting=Offered(engine), questions_per_minute=0
            )
        self._stage.fake = fake
        return self._app

    def close(self) -> None:
        if self._app is not None:
            self._app.close(verbose=False)


@pytest.fixture(scope="session")
def served_once() -> Iterator[Served]:
    served = Served()
    yield served
    served.close()


@pytest.fixture
def app(fake: FakeRag, served_once: Served) -> Iterator[gr.Blocks]:
    """An app with the test's own engine. A test that ends the app must serve its own instead."""
    yield served_once.with_engine(fake)
    fake.may_write.set()
    fake.may_check.set()
    fake.may_go_on.set()


# One browser for all tests. They run last, because its thread cannot have another event loop while it runs.
@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield running
        running.close()


class Windows:
    """
    Opens pages of the app in a browser that has visited it before, which takes half the time.

    Each look has one context, which keeps the app's scripts, and one page that keeps its process alive. What a test
    leaves behind is removed after it.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: dict[str, BrowserContext] = {}

    @contextlib.contextmanager
    def opened(self, url: str, *, cookies: Sequence[SetCookieParam] = (), **look: Any) -> Iterator[Watched]:
        """Open a page, and check afterwards that it reported no errors and sent no requests elsewhere."""
        name = f"{url} {look}"
        if name not in self._contexts:
            self._contexts[name] = self._browser.new_context(**look)
            self._contexts[name].new_page().goto(f"{url}robots.txt")
        context = self._contexts[name]
        context.add_cookies(cookies)
        visited = visit(context, url)
        try:
            yield visited
        except BaseException:
            self._clear(context)
            raise
        problems, foreign = visited.problems, visited.foreign_requests()
        self._clear(context)
        assert problems == []
        assert foreign == []
        assert visited.requests

    @staticmethod
    def _clear(context: BrowserContext) -> None:
        kept, *pages = context.pages
        for page in pages:
            page.close()
        kept.evaluate("localStorage.clear()")
        context.clear_cookies()
        context.clear_permissions()


@pytest.fixture(scope="session")
def windows(browser: Browser) -> Windows:
    return Windows(browser)


@pytest.fixture
def watched(windows: Windows, app: gr.Blocks) -> Iterator[Watched]:
    """A wide window in German."""
    with windows.opened(app.local_url, locale="de-DE", viewport=DESKTOP) as opened:
        yield opened


@pytest.fixture
def phone(windows: Windows, app: gr.Blocks) -> Iterator[Watched]:
    """A phone in English with dark colours."""
    with windows.opened(app.local_url, locale="en-GB", viewport=PHONE, color_scheme="dark") as opened:
        yield opened


@pytest.fixture(params=LOOKS)
def either(request: pytest.FixtureRequest) -> Watched:
    """A wide window in German, then a phone in English with dark colours, or only the one that a test names."""
    opened: Watched = request.getfixturevalue(LOOKS[request.param])
    return opened
