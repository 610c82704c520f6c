"""`rag ui` in a process of its own, with small models: ``python -m tests.ui.operating.process ui --port ...``."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from rag.cli import entry
from rag.runtime.model_pool import Models
from tests.rag.fakes import HashingEmbedder, ScriptedEngine


def wait_for(gate: Path) -> None:
    """Wait until a test creates a file."""
    until = time.monotonic() + 60
    while not gate.exists() and time.monotonic() < until:
        time.sleep(0.02)


class Native:
    """Like a model that works in its own thread: destroying it meanwhile aborts the process."""

    def __del__(self) -> None:
        os.abort()


if __name__ == "__main__":
    native = Native()
    engine = ScriptedEngine("12 ", "Millionen ", "Euro")
    if gate := os.environ.get("HELD_UNTIL"):
        engine.before_piece = lambda: wait_for(Path(gate))
    embedder = HashingEmbedder()
    if os.environ.get("SLOW_INDEX"):
        embedder.before_embedding = lambda: time.sleep(float(os.environ["SLOW_INDEX"]))
    models: Any = Models
    models.embedder, models.engine = lambda _: embedder, lambda _: engine
    sys.argv[0] = "rag"
    entry.command()
