"""`rag ui`: registered as an entry point, so that `rag` need not import this package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def ui(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Port; by default 7860 or the next free one.")] = None,
    corpus: Annotated[Path | None, typer.Option(help="Folder of articles.", envvar="RAG_CORPUS")] = None,
    index: Annotated[Path | None, typer.Option("--index", help="Folder of the index.", envvar="RAG_INDEX")] = None,
) -> None:
    """Open the browser app."""
    from rag import RAG, console  # noqa: PLC0415 - `rag --help` needs none of this
    from ui.serving import launch  # noqa: PLC0415
    from ui.suggesting import Suggesting  # noqa: PLC0415

    with console.progress() as progress:
        rag = RAG.open(corpus, index=index, progress=progress, warm_up=True)
    launch(rag, host=host, port=port, suggesting=Suggesting(rag, rag.settings.index / "suggestions.json"))
