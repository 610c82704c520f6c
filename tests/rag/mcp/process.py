"""`rag mcp` in a separate process, with small models: ``python -m tests.rag.mcp.process mcp --index ...``."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import rag.client
import rag.mcp.stdio
from rag.cli import entry
from tests.rag.building import build
from tests.rag.fakes import ScriptedEngine

if TYPE_CHECKING:
    from rag import RAG, Settings


def opened(settings: Settings) -> RAG:
    engine = ScriptedEngine(says=lambda page: ["neunzig Meter" if "Wie hoch" in page else "zwölf Millionen Euro"])
    if os.environ.get("SLOW_FOR"):
        engine.before_piece = lambda: time.sleep(float(os.environ["SLOW_FOR"]))
    print("a line that some library prints")  # such lines must not reach the assistant
    return build(settings.corpus, settings.index, engine)


if __name__ == "__main__":
    rag.client.RAG = opened  # type: ignore[assignment, misc]
    if os.environ.get("MODELS_ARE_HERE"):
        for name in ("resolve_embedding", "language_model"):
            setattr(rag.mcp.stdio, name, lambda *_, **__: None)
    sys.argv[0] = "rag"
    entry.command()
