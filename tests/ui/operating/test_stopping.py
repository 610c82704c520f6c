"""Told to end, the process finishes or hands back questions in progress, refuses new ones, and exits with code 0."""

from __future__ import annotations

import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.ui.operating.running import HARBOUR, running

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def refused_from_now_on(url: str) -> tuple[int, str]:
    for _ in range(100):
        answer = httpx.post(f"{url}/gradio_api/call/chat", json={"data": ["Was kostet der Turm?"]}, timeout=30)
        if answer.status_code == 503:
            return answer.status_code, answer.text
        time.sleep(0.02)
    raise AssertionError(answer.status_code)


def test_a_question_under_way_is_finished_and_a_new_one_refused(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with running(tmp_path, "--stop-seconds", "60", HELD_UNTIL=str(gate)) as app, ThreadPoolExecutor() as pool:
        app.until_ready()
        answer = pool.submit(app.answer, app.ask())
        app.process.send_signal(signal.SIGTERM)
        status, words = refused_from_now_on(app.url)
        assert (status, words) == (503, "The server is being stopped. Ask again in a few minutes.\n")
        ready = app.get("/readyz")
        assert (ready.status_code, ready.text) == (503, "The server is being stopped.\n")
        assert app.get("/healthz").status_code == 200
        for path in ("/v1/chat/completions", "/api/ask", "/mcp"):
            program = httpx.post(f"{app.url}{path}", json={}, timeout=30)
            assert (program.status_code, int(program.headers["retry-after"])) == (503, 60)
            assert path == "/mcp" or program.json()["error"]["type"] == "server_error"
        gate.touch()
        assert HARBOUR in answer.result(60)
        assert app.ended() == 0
        assert "Traceback" not in "".join(app.said)


def test_what_takes_longer_than_it_may_is_handed_back_in_a_line(tmp_path: Path) -> None:
    with (
        running(tmp_path, "--stop-seconds", "1", HELD_UNTIL=str(tmp_path / "never")) as app,
        ThreadPoolExecutor() as pool,
    ):
        app.until_ready()
        answer = pool.submit(app.answer, app.ask())
        app.process.send_signal(signal.SIGTERM)
        assert "The server is being stopped. Ask again in a few minutes." in answer.result(60)
        assert app.ended() == 0
        assert "Traceback" not in "".join(app.said)


def test_told_to_end_twice_it_does_not_wait(tmp_path: Path) -> None:
    with (
        running(tmp_path, "--stop-seconds", "500", HELD_UNTIL=str(tmp_path / "never")) as app,
        ThreadPoolExecutor() as pool,
    ):
        app.until_ready()
        answer = pool.submit(app.answer, app.ask())
        app.process.send_signal(signal.SIGTERM)
        refused_from_now_on(app.url)
        app.process.send_signal(signal.SIGTERM)
        assert "The server is being stopped." in answer.result(60)
        app.process.send_signal(signal.SIGTERM)  # a third time changes nothing
        assert app.ended() == 0
        assert "Traceback" not in "".join(app.said)


def test_with_nothing_under_way_it_ends_at_once(tmp_path: Path) -> None:
    with running(tmp_path, "--stop-seconds", "500") as app:
        app.until_ready()
        app.process.send_signal(signal.SIGTERM)
        assert app.ended() == 0


def test_it_ends_while_the_articles_are_being_opened(tmp_path: Path) -> None:
    with running(tmp_path, "--stop-seconds", "500", SLOW_INDEX="3") as app:
        app.until_alive()
        ready = app.get("/readyz")
        assert (ready.status_code, ready.text) == (503, "The articles are being opened.\n")
        app.process.send_signal(signal.SIGTERM)
        assert app.ended() == 0
        assert "Traceback" not in "".join(app.said)
    with running(tmp_path) as again:
        again.until_ready()
        assert HARBOUR in again.answer(again.ask())


def test_a_port_in_use_is_said_in_a_line(tmp_path: Path) -> None:
    with running(tmp_path) as app:
        app.until_ready()
        with running(tmp_path, "--port", str(app.port)) as other:
            assert other.ended() == 2
            [line] = [line for line in other.said if line.startswith("error: ")]
            assert f"Port {app.port}" in line
            assert "Traceback" not in "".join(other.said)
