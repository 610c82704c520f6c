"""`rag ui`: registered as an entry point, so that `rag` need not import this package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def ui(
    host: Annotated[
        str, typer.Option(help="Address to listen on; other than this machine's own, a password is needed.")
    ] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Port; by default 7860 or the next free one.")] = None,
    corpus: Annotated[Path | None, typer.Option(help="Folder of articles.", envvar="RAG_CORPUS")] = None,
    index: Annotated[Path | None, typer.Option("--index", help="Folder of the index.", envvar="RAG_INDEX")] = None,
    user: Annotated[str | None, typer.Option(help="Name that goes with the password.", envvar="RAG_UI_USER")] = None,
    ask_password: Annotated[
        bool, typer.Option("--ask-password", help="Ask for a password here, where RAG_UI_PASSWORD has none.")
    ] = False,
    questions_per_minute: Annotated[
        float, typer.Option(min=0, help="Questions a page may ask; 0: no limit.", envvar="RAG_UI_QUESTIONS_PER_MINUTE")
    ] = 30,
    share_uploads: Annotated[
        bool,
        typer.Option("--share-uploads", help="Own files belong to everybody who reaches the app, not to each browser."),
    ] = False,
    forwarded_from: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS[,..]",
            help="Proxies whose X-Forwarded headers count: addresses or networks.",
            envvar="RAG_UI_FORWARDED_FROM",
        ),
    ] = "",
) -> None:
    """Open the browser app."""
    from index.extras import require  # noqa: PLC0415

    require("gradio", extra="ui", purpose="The browser app")
    from ui.server.asking import Proxies  # noqa: PLC0415
    from ui.server.credentials import read_credentials, require_for  # noqa: PLC0415 - `rag --help` needs none of this

    credentials = read_credentials(user, ask=ask_password)
    require_for(host, credentials)
    Proxies.of(forwarded_from)  # what cannot be read is said before anything is opened
    from ui.launching.opening import open_early  # noqa: PLC0415
    from ui.launching.serving import launch  # noqa: PLC0415
    from ui.suggesting import Suggesting  # noqa: PLC0415

    rag, opening = open_early(corpus, index=index)
    try:
        launch(
            rag,
            host=host,
            port=port,
            suggesting=Suggesting(rag, rag.settings.index / "suggestions.json"),
            credentials=credentials,
            questions_per_minute=questions_per_minute,
            opening=opening,
            share_uploads=share_uploads,
            forwarded_from=forwarded_from,
        )
    finally:
        opening.cancel()  # where the address cannot be used
