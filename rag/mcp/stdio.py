"""`rag mcp`: the protocol over standard input and output, which then carry nothing else."""

from __future__ import annotations

import io
import logging
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

import anyio
from mcp.server.stdio import stdio_server

from index.errors import IndexMissingError
from index.storage.manifest import MANIFEST
from rag.inference.choosing.runtimes import language_model
from rag.inference.weights import resolve_embedding
from rag.mcp.server import build
from rag.mcp.tools import Library

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

    from rag.client import RAG


@dataclass(frozen=True, slots=True)
class Wire:
    """The input and output that only the protocol uses."""

    reads: TextIO
    writes: TextIO

    @classmethod
    def claim(cls) -> Wire:
        """
        Take standard input and output away from the rest of the process.

        From then on, what a library prints, through Python or not, goes to standard error, and standard input is at
        its end for all who read from it.
        """
        sys.stdout.flush()
        reads, writes = os.dup(0), os.dup(1)
        os.dup2(2, 1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        sys.stdout = sys.stderr
        # The protocol's library reads and writes lines of UTF-8, whatever the machine's locale.
        return cls(
            io.TextIOWrapper(os.fdopen(reads, "rb"), encoding="utf-8", errors="replace"),
            io.TextIOWrapper(os.fdopen(writes, "wb"), encoding="utf-8", newline="\n"),
        )


def check(rag: RAG) -> None:
    """
    Check that questions can be answered before one is asked; nothing is fetched or built.

    Raises
    ------
    RagError
        The index or a model is missing, or cannot be used.

    """
    settings = rag.settings
    if not (settings.index / MANIFEST).is_file():
        raise IndexMissingError(f"There is no index in {settings.index}.", hint="Run `rag index` first.")
    resolve_embedding(settings.embedding.model, download=False)
    language_model(settings.generation.model, settings.machine, download=False)
    _ = rag.retrieval_fingerprints  # opens the index


def library_of(rag: RAG) -> Library:
    """Return the articles of an index that another process may update."""
    manifest = rag.settings.index / MANIFEST

    def refresh() -> None:
        # A question would build a missing index. Nothing may be written here, so the open index stays in use.
        if manifest.is_file():
            rag.refresh()

    return Library(rag, refresh)


def serve(rag: RAG, wire: Wire, *, version: str = "") -> None:
    """Answer the assistant at the other end until it closes standard input, or a signal ends the process."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s: %(message)s")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    try:
        anyio.run(_serve, build(library_of(rag), version=version), wire)
    except* (BrokenPipeError, anyio.ClosedResourceError, anyio.BrokenResourceError):
        pass  # the assistant has gone


async def _serve(server: Server[Any], wire: Wire) -> None:
    async with stdio_server(anyio.wrap_file(wire.reads), anyio.wrap_file(wire.writes)) as (reads, writes):
        await server.run(reads, writes, server.create_initialization_options())


def _leave(number: int, _: object) -> None:
    """End at once: the thread that waits for the next line of standard input cannot be interrupted."""
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(0 if number == signal.SIGTERM else 130)
