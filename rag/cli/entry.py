"""The `rag` command, from its first moment: what a resident process can do needs none of the program's libraries."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from typing import NoReturn

from rag.cli.resident.client import BrokenOffError, attempt

# A model that still works in the background, as it looks for questions to click, would abort a process that takes it
# apart meanwhile.
_LEFT = (["ask"], ["search"], ["mcp"], ["ui"], ["serve"])


def main() -> None:
    """Run the command, in a resident process where one runs and fits, else in this one."""
    try:
        code = attempt(sys.argv[1:])
    except KeyboardInterrupt:  # the connection is closed, which stops the answer
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone, `rag search ... | head`
        sys.exit(0)
    except BrokenOffError:
        from rag.cli.console import error  # noqa: PLC0415 - the libraries are wanted in few cases only

        error("The resident process ended before the answer was whole. Ask again.")
        sys.exit(1)
    if code is not None:
        sys.exit(code)
    from rag.cli.main import main as run  # noqa: PLC0415

    run()


def command() -> NoReturn:
    """Run the command as a process of its own: what it has printed is all that is wanted of it."""
    try:
        main()
    except SystemExit as end:
        if sys.argv[1:2] in _LEFT and (end.code is None or isinstance(end.code, int)):
            _leave(end.code or 0)
        raise
    sys.exit(0)


def _leave(code: int) -> None:
    """
    End the process without taking its models apart piece by piece, which takes longer than half a second.

    What runs at the end of a program is run, and threads that hold it up, as they load weights, are waited for.
    """
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except (OSError, ValueError):
        return  # the reader has gone: Python itself knows how to end then
    # As Python itself does at its end: pools of threads are told to close, and all that are no daemons waited for.
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 - as for processes of `multiprocessing`
    atexit._run_exitfuncs()  # noqa: SLF001 - there is no other way to run them and not the rest
    os._exit(code)


if __name__ == "__main__":
    command()
