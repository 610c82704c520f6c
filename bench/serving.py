"""Run the app in a process of its own, for benchmarks that use it from outside."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.client import RAG

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
_END_SECONDS = 60


@dataclass(frozen=True)
class Served:
    """
    A running app.

    Parameters
    ----------
    url
        Its address, without a slash at the end.
    process
        The process it runs in.
    place
        Folder of its index and its log, removed when it ends.

    """

    url: str
    process: psutil.Process
    place: Path

    @property
    def log(self) -> str:
        """What the app has written to standard output and error."""
        return (self.place / "log").read_text(encoding="utf-8", errors="replace")


def opened(place: Path, *, real: bool) -> RAG:
    """Open the articles; unless ``real``, with small stand-ins for the models."""
    from rag import RAG, Settings
    from tests.rag.fakes import HashingEmbedder, ScriptedEngine

    class Embedder(HashingEmbedder):
        def embed_passages(self, texts):
            self.passages.clear()  # kept for tests; here it would count as the app's memory
            return super().embed_passages(texts)

    class Engine(ScriptedEngine):
        def read(self, messages):
            self.asked.clear()
            return super().read(messages)

    def says(page: str) -> list[str]:
        return (re.findall(r"[^.\n]*\b(?:Euro|Yuan|Dollar)\b[^.\n]*\.", page) or ["x"])[:1]

    models: dict[str, Any] = {} if real else {"embedder": Embedder(), "engine": Engine(says=says)}
    rag = RAG(Settings(corpus=CORPUS, index=place / "index", uploads=place / "uploads"), **models)
    rag.sync()
    rag.warm_up()
    return rag


@contextmanager
def served(module: str, *options: str) -> Iterator[Served]:
    """
    Run ``python -m MODULE --serve PLACE PORT OPTIONS``, which serves the app, until the block ends.

    Raises
    ------
    SystemExit
        The app does not get ready.

    """
    from tests.ui.conftest import free_port

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # whoever ends this process ends the app too
    with tempfile.TemporaryDirectory() as folder:
        place, port = Path(folder), free_port()
        words = [sys.executable, "-m", module, "--serve", str(place), str(port), *options]
        with (place / "log").open("w") as log:
            process = subprocess.Popen(words, stdout=log, stderr=log, cwd=ROOT)
        app = Served(f"http://127.0.0.1:{port}", psutil.Process(process.pid), place)
        try:
            _wait(app, process)
            yield app
        finally:
            process.terminate()
            process.wait(_END_SECONDS)


def _wait(app: Served, process: subprocess.Popen[bytes], seconds: float = 900) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{app.url}/readyz", trust_env=False, verify=False, timeout=5).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise SystemExit(f"The app does not get ready.\n{app.log[-2000:]}")
