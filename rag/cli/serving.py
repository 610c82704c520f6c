"""`rag serve`: a process that stays running, so that `rag ask` and `rag search` need not load the models."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from index.errors import RagError
from rag.cli import console
from rag.cli.resident.client import connect
from rag.cli.resident.place import Place, UnsafeError, place_of
from rag.cli.resident.protocol import LONGEST_PIECE, VERSION, ProtocolError, Reader, send
from rag.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.client import RAG

_ANSWER_SECONDS = 10.0
_STEP_SECONDS = 0.1


def register(app: typer.Typer, run: Callable[[list[str]], int]) -> None:
    """
    Add the command to the shell.

    Parameters
    ----------
    app
        The shell.
    run
        Runs the commands of clients; see `rag.cli.resident.server.Resident`.

    """

    @app.command("serve")
    def serve(
        corpus: Annotated[
            Path | None, typer.Option(help="Folder of articles.", envvar="RAG_CORPUS", show_default="corpus")
        ] = None,
        index: Annotated[Path | None, typer.Option("--index", help="Folder of the index.", envvar="RAG_INDEX")] = None,
        stop: Annotated[
            bool, typer.Option("--stop", help="Stop the running process; exit code 1 if there is none.")
        ] = False,
        status: Annotated[
            bool, typer.Option("--status", help="Describe the running process; exit code 1 if there is none.")
        ] = False,
    ) -> None:
        """
        Keep the models loaded for `rag ask` and `rag search` until nobody has asked for a while.

        Both use it automatically if it runs with the same index, settings and folder. `RAG_SERVE=auto` or `rag ask
        --warm` starts it.
        """
        try:
            place = place_of(index, corpus)
        except UnsafeError as error:
            raise RagError(str(error), hint="Set XDG_RUNTIME_DIR to a folder of your own.") from error
        if stop or status:
            said = _asked(place, "stop" if stop else "status")
            if said is None:
                console.say("No resident process answers for this index and these settings.")
                raise typer.Exit(1)
            if stop:
                _wait_until_ended(place)
            console.say(_described(said, ended=stop))
            return
        _serve(place, corpus, index, run)


def _serve(place: Place, corpus: Path | None, index: Path | None, run: Callable[[list[str]], int]) -> None:
    from rag.cli.resident.server import Resident, said_warnings, stopped_by_signals  # noqa: PLC0415 - only here
    from rag.client import RAG  # noqa: PLC0415

    with said_warnings() as warnings:
        settings = load_settings(corpus=corpus, index=index)
    rag = RAG(settings)
    minutes = settings.serving.serve_idle_minutes
    resident = Resident(rag, place, run, idle_seconds=minutes * 60, warnings=tuple(warnings))

    def listening() -> None:
        console.note(
            f"Process {os.getpid()} answers `rag ask` and `rag search` for {settings.index}. It ends after "
            f"{minutes:g} minutes without a question, with Ctrl-C or `rag serve --stop`."
        )
        if (settings.index / "manifest.json").exists():  # a missing index is made by the first question
            threading.Thread(target=_warm, args=(rag,), name="warm-up").start()

    with stopped_by_signals(resident.stop):
        resident.serve(listening)


def _warm(rag: RAG) -> None:
    with suppress(RagError):  # whoever asks is told
        rag.warm_up()


def _asked(place: Place, what: str) -> dict[str, Any] | None:
    """Return what the resident process says about itself; None if there is none."""
    connection = connect(place)
    if connection is None:
        return None
    with connection:
        connection.settimeout(_ANSWER_SECONDS)
        try:
            send(connection, {"v": VERSION, "do": what})
            message = Reader(connection, LONGEST_PIECE).next()
        except (OSError, ProtocolError) as error:
            raise RagError(
                f"The resident process does not answer ({error}).", hint="End it by its process number."
            ) from error
    said = (message or {}).get("said")
    return said if isinstance(said, dict) else None


def _wait_until_ended(place: Place) -> None:
    """Wait until answers under way are finished, so that the next command finds the place free."""
    from rag.cli.resident.server import FINISH_SECONDS, is_held  # noqa: PLC0415 - only here

    until = time.monotonic() + FINISH_SECONDS + _ANSWER_SECONDS
    while is_held(place):
        if time.monotonic() > until:
            raise RagError(
                "The resident process does not end.", hint="End it by its process number, see `rag serve --status`."
            )
        time.sleep(_STEP_SECONDS)


def _described(said: dict[str, Any], *, ended: bool) -> str:
    told = f"process {said.get('process')} for {said.get('index')}, since {said.get('since')}"
    if ended:
        return f"Ended: {told}."
    return f"Runs: {told}; {said.get('commands')} commands so far, {said.get('running')} under way."
