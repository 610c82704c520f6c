"""`rag ui`: registered as an entry point, so that `rag` need not import this package."""

from __future__ import annotations

import enum
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import RagError

if TYPE_CHECKING:
    from ui.operating.options import Operation
    from ui.server.asking import Proxies
    from ui.server.signing_in import SignIn

_BOTH = (
    "A users file and a password (RAG_UI_PASSWORD or --ask-password) are both given; the app takes only one of them."
)
_ONE_OF_THEM = "Leave out --users and RAG_USERS, or the password."


class LogFormat(enum.StrEnum):
    """How logs are written."""

    TEXT = "text"
    JSON = "json"


def ui(
    host: Annotated[
        str,
        typer.Option(help="Address to listen on; one that other machines can reach needs a password or --users."),
    ] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Port; by default 7860, or the next free one.")] = None,
    corpus: Annotated[Path | None, typer.Option(help="Folder of articles.", envvar="RAG_CORPUS")] = None,
    index: Annotated[Path | None, typer.Option("--index", help="Folder of the index.", envvar="RAG_INDEX")] = None,
    user: Annotated[
        str | None, typer.Option(help="User name that belongs to the password.", envvar="RAG_UI_USER")
    ] = None,
    ask_password: Annotated[
        bool, typer.Option("--ask-password", help="Ask for a password in the terminal if RAG_UI_PASSWORD is not set.")
    ] = False,
    questions_per_minute: Annotated[
        float,
        typer.Option(
            min=0, help="Questions per minute from one page; 0: no limit.", envvar="RAG_UI_QUESTIONS_PER_MINUTE"
        ),
    ] = 30,
    share_uploads: Annotated[
        bool,
        typer.Option(
            "--share-uploads",
            help="Share added files with everybody who can reach the app, instead of keeping them for each browser.",
        ),
    ] = False,
    forwarded_from: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS[,..]",
            help="Addresses or networks of proxies whose X-Forwarded headers are trusted.",
            envvar="RAG_UI_FORWARDED_FROM",
        ),
    ] = "",
    users: Annotated[
        Path | None,
        typer.Option(
            "--users", metavar="FILE", help="File of users, roles and tokens, see `rag users`.", envvar="RAG_USERS"
        ),
    ] = None,
    user_header: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Header in which a proxy of --forwarded-from names the user; also needs --users.",
            envvar="RAG_UI_USER_HEADER",
        ),
    ] = "",
    root_path: Annotated[
        str, typer.Option(metavar="/PATH", help="Path below which a proxy serves the app.", envvar="RAG_UI_ROOT_PATH")
    ] = "",
    assistants: Annotated[
        bool | None,
        typer.Option(
            "--mcp/--no-mcp",
            help="Serve assistants at /mcp (Model Context Protocol); by default if the extra `mcp` is installed.",
            envvar="RAG_UI_MCP",
            show_default=False,
        ),
    ] = None,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch/--no-watch",
            help="Follow the folder, so that the next answer includes its changes.",
            envvar="RAG_UI_WATCH",
        ),
    ] = True,
    metrics: Annotated[
        bool, typer.Option("--metrics", help="Serve metrics for Prometheus at /metrics.", envvar="RAG_UI_METRICS")
    ] = False,
    log_format: Annotated[
        LogFormat, typer.Option(help="Write logs as text or as lines of JSON.", envvar="RAG_UI_LOG_FORMAT")
    ] = LogFormat.TEXT,
    log_questions: Annotated[
        bool, typer.Option("--log-questions", help="Also write questions to the lines of JSON.")
    ] = False,
    stop_seconds: Annotated[
        float,
        typer.Option(
            min=0,
            max=600,
            help="Seconds that running questions may still take when the process is told to end (SIGTERM).",
            envvar="RAG_UI_STOP_SECONDS",
        ),
    ] = 20,
) -> None:
    """Open the browser app."""
    from index.extras import require  # noqa: PLC0415

    require("gradio", extra="ui", purpose="The browser app")
    from ui.operating.terminating import terminable  # noqa: PLC0415 - `rag --help` needs none of this

    with terminable() as termination:
        from ui.server.asking import Proxies  # noqa: PLC0415
        from ui.server.credentials import read_credentials, require_for  # noqa: PLC0415

        proxies = Proxies.of(forwarded_from)  # raises what cannot be read before anything is opened
        people = _people(users, user_header, proxies)
        if people is not None and ask_password:
            raise RagError(_BOTH, hint=_ONE_OF_THEM)
        password = read_credentials(user, ask=ask_password)
        if people is not None and password is not None:
            raise RagError(_BOTH, hint=_ONE_OF_THEM)
        credentials = people or password
        require_for(host, credentials)
        operation = _operation(root_path, assistants, metrics, log_format, log_questions, stop_seconds)
        from rag.cli import console  # noqa: PLC0415
        from ui.features.news import News  # noqa: PLC0415
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
                operation=replace(operation, termination=termination),
                news=News(rag, console.note) if watch else None,
            )
        finally:
            opening.cancel()  # if the address cannot be used


def _people(users: Path | None, header: str, proxies: Proxies) -> SignIn | None:
    """Return the sign-in of the users; None if no users file is named."""
    from ui.server.signing_in import SignIn  # noqa: PLC0415

    if users is None:
        if header:
            raise RagError("--user-header needs a users file, for roles and tokens.", hint="Name it with --users FILE.")
        return None
    return SignIn(users, header=header, proxies=proxies)


def _operation(
    root_path: str,
    assistants: bool | None,
    metrics: bool,
    log_format: LogFormat,
    log_questions: bool,
    stop_seconds: float,
) -> Operation:
    """Check how the app is to be run; from now on standard error is written in the requested format."""
    from index.extras import require  # noqa: PLC0415
    from ui.operating.assistants import is_installed  # noqa: PLC0415
    from ui.operating.health import TOKEN_VARIABLE, check_token  # noqa: PLC0415
    from ui.operating.logs import JsonLog  # noqa: PLC0415
    from ui.operating.options import Operation  # noqa: PLC0415
    from ui.operating.prefix import read_prefix  # noqa: PLC0415

    prefix = read_prefix(root_path)
    if assistants:
        require("mcp", extra="mcp", purpose="/mcp")
    if metrics:
        require("prometheus_client", extra="ui", purpose="/metrics")
    # Removed from the environment, so that no process started later inherits it.
    token = check_token(os.environ.pop(TOKEN_VARIABLE, ""))
    log = JsonLog(sys.stderr, questions=log_questions) if log_format is LogFormat.JSON else None
    if log is not None:
        log.begin()
    return Operation(
        root_path=prefix,
        assistants=is_installed() if assistants is None else assistants,
        metrics=metrics,
        metrics_token=token,
        stop_seconds=stop_seconds,
        log=log,
    )
