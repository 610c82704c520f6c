"""Ctrl-C during embedding ends the command with one line, and the next run continues from there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.rag.inference.embedding_server import Embedding, embedding_server

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
WINDOW = 128
RAG = f"""
import signal
from index.syncing import preparation
from rag.cli.entry import main
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background is started deaf to it
preparation.WINDOW = {WINDOW}
main()
"""
SENTENCES = 20
ARTICLES = 3 * WINDOW // (SENTENCES + 2)


class Slow(Embedding):
    """Answers slowly after more than `quick` texts, so that the command can be interrupted."""

    def embed(self) -> None:
        texts = self.asked()["input"]
        self.server.texts += len(texts)
        if self.server.texts > self.server.quick:
            time.sleep(0.2)
        rows = [{"index": i, "embedding": [float(len(text)), float(ord(text[-2:][0]))]} for i, text in enumerate(texts)]
        self.send(200, {"data": rows})


@pytest.fixture
def server() -> Iterator[Any]:
    with embedding_server(Slow, texts=0, quick=WINDOW + 40) as served:
        yield served


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
def test_ctrl_c_while_embedding_is_one_line_and_the_next_run_goes_on(server: Any, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    for number in range(ARTICLES):
        lines = " ".join(f"Der Dachs {number} hat Satz {line}." for line in range(SENTENCES))
        (folder / f"{number:03}.txt").write_text(f"Artikel {number}\n\n{lines}\n", encoding="utf-8")
    command = [sys.executable, "-c", RAG, "index", str(folder), "--index", str(tmp_path / "index")]
    named = {"RAG_EMBEDDING_MODEL": f"http://127.0.0.1:{server.server_port}/v1", "RAG_LLM": ""}
    options: dict[str, Any] = {"cwd": ROOT, "env": os.environ | named, "text": True}
    options |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **options) as running:
        until = time.monotonic() + 60
        while server.texts <= server.quick and running.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        out, error = running.communicate(timeout=60)
    assert running.returncode == 130, error
    assert out == ""
    lines = error.splitlines()
    assert lines[-1] == "error: Stopped. What has been embedded is kept; run the same command to continue."
    assert all(line.startswith("embedding") for line in lines[:-1])
    assert not (tmp_path / "index" / "manifest.json").exists()
    before, server.texts, server.quick = server.texts, 0, 10**9
    again = subprocess.run(command, check=True, timeout=120, **options)
    assert f"{ARTICLES} articles" in again.stdout
    assert server.texts < ARTICLES * (SENTENCES + 3) - WINDOW / 2 < before + server.texts
