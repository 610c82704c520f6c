"""A served app and a headless browser for the tests of the app."""

from __future__ import annotations

import os
import shutil
import socket
from typing import TYPE_CHECKING

import pytest

from tests.ui.fakes import FakeRag
from ui import launch

if TYPE_CHECKING:
    from collections.abc import Iterator

    import gradio as gr

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


@pytest.fixture
def fake() -> FakeRag:
    return FakeRag()


@pytest.fixture
def app(fake: FakeRag) -> Iterator[gr.Blocks]:
    served = launch(fake, port=free_port(), block=False)
    yield served
    fake.may_write.set()
    fake.may_check.set()
    served.close(verbose=False)
