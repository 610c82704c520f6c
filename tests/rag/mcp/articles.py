"""Articles for the tests of the tools, and clients of the protocol's own library."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.rag.building import synced
from tests.rag.fakes import ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from rag import RAG

ROOT = Path(__file__).parents[3]
HARBOUR = "Der Hafen von Talheim kostet zwölf Millionen Euro."
ARTICLES = {
    "hafen.md": f"---\ntitle: Der Hafen\nsource: Bote\ndate: 2024-05-02\n---\n\n{HARBOUR}\n\nEr ist 🐉 tief.\n",
    "turm.md": "---\ntitle: Der Turm\nsource: Blatt\ndate: 2023-01-02\n---\n\nDer Turm von Auheim ist neunzig Meter hoch.\n",
    "ordner/über uns.md": "---\ntitle: Über uns\n---\n\nWir sind ein Verein und zählen 30 Mitglieder.\n",
}


def articles(folder: Path, engine: ScriptedEngine | None = None) -> RAG:
    for name, text in ARTICLES.items():
        (folder / "corpus" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "corpus" / name).write_text(text, encoding="utf-8")
    engine = engine or ScriptedEngine(
        says=lambda page: ["neunzig Meter" if "Wie hoch" in page else "zwölf Millionen Euro"]
    )
    return synced(folder / "corpus", folder / ".rag", engine)


def command(folder: Path, **variables: str) -> StdioServerParameters:
    """Return the parameters with which an assistant starts the server."""
    return StdioServerParameters(
        command=sys.executable,
        args=[
            "-m",
            "tests.rag.mcp.process",
            "mcp",
            "--corpus",
            str(folder / "corpus"),
            "--index",
            str(folder / ".rag"),
        ],
        env={**os.environ, "MODELS_ARE_HERE": "1", **variables},
        cwd=str(ROOT),
    )


@asynccontextmanager
async def talking(folder: Path, log: Path, *, mode: Any = "auto", **variables: str) -> AsyncIterator[Client]:
    with log.open("w") as errors:
        async with Client(stdio_client(command(folder, **variables), errlog=errors), mode=mode) as client:
            yield client


def run(work: Callable[[], Awaitable[None]], seconds: float = 90) -> None:
    """Run an asynchronous function with a time limit."""

    async def bounded() -> None:
        await asyncio.wait_for(work(), seconds)

    asyncio.run(bounded())
