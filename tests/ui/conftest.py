"""A served app and a headless browser for the tests of the app."""

from __future__ import annotations

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
    from collections.abc import Iterator

    import gradio as gr

expect.set_options(timeout=20_000)  # for machines that do other work
OFFERED = (
    ("Wie viele Firmen sind dabei?", "allianz.md"),
    ("Wer will Yuan aufnehmen?", "cambricon.md"),
    ("Wer spricht von einem Meilenstein?", "cambricon.md"),
)
OFFERED_IN_ENGLISH = (
    ("Who is with them?", "allianz.md"),
    ("Who is to raise money?", "cambricon.md"),
)
LOOKS: dict[str, tuple[str, dict[str, int], str]] = {
    "desktop-german": ("de-DE", DESKTOP, "light"),
    "phone-english": ("en-GB", PHONE, "dark"),
}
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
    """The browser's path; without one the test is skipped, but on a build server that is a failure."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path:
        return path
    reason = "no Chromium: install Debian's chromium or name one in the variable CHROMIUM"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


class Offered(Suggesting):
    """Questions to click that need not be found first."""

    def begin(self) -> None:
        self._found = [Suggestion(question, path, 0, 1) for question, path in OFFERED]
        self._found += [Suggestion(question, path, 0, 1, "en") for question, path in OFFERED_IN_ENGLISH]


@pytest.fixture
def fake() -> FakeRag:
    return FakeRag()


class Stage:
    """Is the engine that a test puts on it: the app behind it stays, and keeps nothing of a test but this."""

    def __init__(self, fake: FakeRag) -> None:
        self.fake = fake

    def __getattr__(self, name: str) -> Any:
        return getattr(self.fake, name)


class Served:
    """The app of the tests of a module, served once: to build and to end it takes longer than most tests."""

    def __init__(self) -> None:
        self._stage: Stage | None = None
        self._app: gr.Blocks | None = None

    def with_engine(self, fake: FakeRag) -> gr.Blocks:
        if self._stage is None or self._app is None:
            self._stage = Stage(fake)
            engine: Any = self._stage
            # All tests ask from one address, which would soon have to wait.
            self._app = launch(
                engine, port=free_port(), block=False, suggesting=Offered(engine), questions_per_minute=0
            )
        self._stage.fake = fake
        return self._app

    def close(self) -> None:
        if self._app is not None:
            self._app.close(verbose=False)


@pytest.fixture(scope="module")
def served_once() -> Iterator[Served]:
    served = Served()
    yield served
    served.close()


@pytest.fixture
def app(fake: FakeRag, served_once: Served) -> Iterator[gr.Blocks]:
    """An app whose engine is the test's own; who ends it must serve one himself."""
    yield served_once.with_engine(fake)
    fake.may_write.set()
    fake.may_check.set()


# One for all tests of a module, and no longer: while it runs, its thread can have no other event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield running
        running.close()


def watch(browser: Browser, url: str, **options: Any) -> Iterator[Watched]:
    """Open a page, and see afterwards that it complained of nothing and asked nobody else."""
    context = browser.new_context(**options)
    visited = visit(context, url)
    yield visited
    problems, foreign = visited.problems, visited.foreign_requests()
    context.close()
    assert problems == []
    assert foreign == []
    assert visited.requests


@pytest.fixture
def watched(browser: Browser, app: gr.Blocks) -> Iterator[Watched]:
    """A wide window in German."""
    yield from watch(browser, app.local_url, locale="de-DE", viewport=DESKTOP)


@pytest.fixture
def phone(browser: Browser, app: gr.Blocks) -> Iterator[Watched]:
    """A phone in English and in the dark."""
    yield from watch(browser, app.local_url, locale="en-GB", viewport=PHONE, color_scheme="dark")


@pytest.fixture(params=LOOKS)
def either(request: pytest.FixtureRequest, browser: Browser, app: gr.Blocks) -> Iterator[Watched]:
    """A wide window in German, then a phone in English and in the dark; or the one that a test names."""
    locale, viewport, scheme = LOOKS[request.param]
    yield from watch(browser, app.local_url, locale=locale, viewport=viewport, color_scheme=scheme)
