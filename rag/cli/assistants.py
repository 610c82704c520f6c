"""`rag mcp`: serve the articles to assistants that speak the Model Context Protocol."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Annotated

import typer

from index.extras import require
from rag.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command to the shell."""

    @app.command("mcp")
    def mcp(
        corpus: Annotated[
            Path | None, typer.Option(help="Folder of articles.", envvar="RAG_CORPUS", show_default="corpus")
        ] = None,
        index: Annotated[Path | None, typer.Option("--index", help="Folder of the index.", envvar="RAG_INDEX")] = None,
    ) -> None:
        """
        Serve the articles to an assistant over standard input and output (Model Context Protocol).

        The assistant starts this command; see docs/mcp.md. Tools: ask, search, read, list_articles. They only read.
        """
        require("mcp", extra="mcp", purpose="`rag mcp`")
        from rag.client import RAG  # noqa: PLC0415 - `rag --help` needs none of this
        from rag.mcp.stdio import Wire, check, serve  # noqa: PLC0415

        wire = Wire.claim()
        rag = RAG(load_settings(corpus=corpus, index=index))
        check(rag)
        serve(rag, wire, version=own_version())


def own_version() -> str:
    """Return the version of this program, empty if it is not installed."""
    try:
        return version_of("quellentreu")
    except PackageNotFoundError:
        return ""
