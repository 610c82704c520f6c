"""The client: asks a resident process if a suitable one is running, and starts one on request."""

from __future__ import annotations

import os
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from rag.cli.resident.place import Place, UnsafeError, place_of
from rag.cli.resident.protocol import LONGEST_PIECE, VERSION, ProtocolError, Reader, is_own, send

COMMANDS = ("ask", "search")
START_SECONDS = 20.0  # until a process that was started listens; its models are loaded after that
BEGIN_SECONDS = 10.0  # until a process that listens begins a command; one that hangs never does
_STEP_SECONDS = 0.05
_OPTIONS = ("--index", "--corpus")
_TERMINAL = ("TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS", "LINES")


class BrokenOffError(Exception):
    """The resident process went away after part of the answer had been printed."""


def attempt(words: list[str]) -> int | None:
    """
    Run a command in a resident process.

    Parameters
    ----------
    words
        Words of the command, without the program's name.

    Returns
    -------
    The exit code; None if this process has to run the command itself.

    Raises
    ------
    BrokenOffError
        The resident process went away before the command was finished.

    """
    mode = os.environ.get("RAG_SERVE", "use").strip().lower()
    if not words or words[0] not in COMMANDS or not hasattr(socket, "AF_UNIX"):
        return None
    options = words[: words.index("--")] if "--" in words else words
    if "--warm" in options and mode in {"use", "off"}:  # an option takes precedence over a variable
        mode = "auto"
    if mode not in {"use", "auto"}:  # off, or a value that the settings will reject
        return None
    if "--help" in options or "--no-warm" in options:
        return None
    named = folders_in(options)
    try:
        place = place_of(named.get("--index"), named.get("--corpus"))
    except (UnsafeError, OSError):
        return None
    connection = connect(place)
    if connection is None and mode == "auto":
        connection = _start(place, named)
    if connection is None:
        return None
    with connection:
        return _follow(connection, words)


def folders_in(options: list[str]) -> dict[str, str]:
    """Return what follows ``--index`` and ``--corpus``; the resident process checks again whether it is meant so."""
    found: dict[str, str] = {}
    for place, text in enumerate(options):
        name, sign, value = text.partition("=")
        if name in _OPTIONS:
            found[name] = value if sign else options[place + 1] if place + 1 < len(options) else ""
    return found


def connect(place: Place) -> socket.socket | None:
    """Return a connection to the resident process of a place; None if this user has none there."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(place.socket))
        if is_own(connection):
            return connection
    except OSError:  # none there, one that is gone, or a name too long
        pass
    connection.close()
    return None


def command_of(place: Place, named: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """Return the command that starts a resident process with this program's own files, and its environment."""
    del place
    words = [sys.executable, "-P", "-m", "rag", "serve"]
    words += [part for name, value in named.items() for part in (name, value)]
    home = str(Path(__file__).parents[3])
    known = os.environ.get("PYTHONPATH", "")
    return words, {**os.environ, "PYTHONPATH": f"{home}{os.pathsep}{known}" if known else home}


def _start(place: Place, named: dict[str, str]) -> socket.socket | None:
    """Start a resident process that outlives this one, and wait until it listens."""
    import subprocess  # noqa: PLC0415 - only where one is started

    words, environment = command_of(place, named)
    try:
        handle = os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError:
        return None
    try:
        started = subprocess.Popen(  # noqa: S603 - this program's own command
            words,
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=handle,
            env=environment,
            start_new_session=True,
        )
    except OSError:
        return None
    finally:
        os.close(handle)
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        connection = connect(place)
        if connection is not None:
            return connection
        if started.poll() is not None:  # it could not, or another was quicker
            return connect(place)
        time.sleep(_STEP_SECONDS)
    return None


def _follow(connection: socket.socket, words: list[str]) -> int | None:
    """Send the command and print its output; Ctrl-C closes the connection, which stops the answer."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    printed = False
    try:
        request = {"v": VERSION, "do": "run", "words": words, "cwd": os.getcwd(), "terminal": _terminal()}  # noqa: PTH109
        send(connection, request)
        reader = Reader(connection, LONGEST_PIECE)
        connection.settimeout(BEGIN_SECONDS)
        while (message := reader.next()) is not None:
            connection.settimeout(None)  # it has begun: an answer may take as long as it needs
            if "refused" in message:
                return None
            if isinstance(code := message.get("x"), int):
                sys.stdout.flush()
                return code
            for name, stream in (("o", sys.stdout), ("e", sys.stderr)):
                if isinstance(text := message.get(name), str):
                    printed = True
                    stream.write(text)
                    stream.flush()
    except BrokenPipeError:
        if printed:  # whoever reads this process's output is gone; the resident one did not fail
            raise
    except (OSError, ProtocolError):
        pass
    if printed:
        raise BrokenOffError
    return None


def _terminal() -> dict[str, Any]:
    """Return what decides how a text is printed: whether there are terminals, how wide they are, what they can do."""
    size = None
    for number in (0, 1, 2):
        with suppress(OSError, ValueError):
            size = [*os.get_terminal_size(number)]
            break
    return {
        "out": sys.stdout.isatty(),
        "err": sys.stderr.isatty(),
        "size": size,
        "environ": {name: os.environ[name] for name in _TERMINAL if name in os.environ},
    }
