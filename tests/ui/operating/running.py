"""The app as a process of its own, and its output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from tests.ui.conftest import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
QUESTION = "Was kostet der Hafen von Talheim?"
HARBOUR = "Der Hafen von Talheim kostet 12 Millionen Euro."


class Running:
    """A process that serves the app."""

    def __init__(self, folder: Path, *options: str, **variables: str) -> None:
        (folder / "corpus").mkdir(exist_ok=True)
        (folder / "corpus" / "hafen.md").write_text(f"# Der Hafen\n\n{HARBOUR}\n", encoding="utf-8")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        places = ["--port", str(self.port), "--corpus", str(folder / "corpus"), "--index", str(folder / ".rag")]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.ui.operating.process", "ui", *places, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **variables},
            cwd=ROOT,
            text=True,
        )
        self.said: list[str] = []
        self._listening = threading.Thread(target=self._listen)
        self._listening.start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        self.said.extend(self.process.stderr)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", timeout=30)

    def until_alive(self) -> None:
        self._until("/healthz")

    def until_ready(self) -> None:
        self._until("/readyz")

    def _until(self, path: str) -> None:
        for _ in range(600):
            assert self.process.poll() is None, self.said
            try:
                if self.get(path).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise AssertionError("it does not get ready")

    def ask(self, question: str = QUESTION) -> str:
        """Ask at the named endpoint, and return the id of the event."""
        body = {"data": [question]}
        event = httpx.post(f"{self.url}/gradio_api/call/chat", json=body, timeout=30).json()["event_id"]
        return str(event)

    def answer(self, event: str) -> str:
        return httpx.get(f"{self.url}/gradio_api/call/chat/{event}", timeout=60).text

    def ended(self) -> int:
        code = self.process.wait(60)
        self._listening.join(20)
        return code

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.said]


@contextmanager
def running(folder: Path, *options: str, **variables: str) -> Iterator[Running]:
    made = Running(folder, *options, **variables)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.wait()
        made._listening.join(20)
        for pipe in (made.process.stdout, made.process.stderr):
            pipe.close()  # type: ignore[union-attr]
