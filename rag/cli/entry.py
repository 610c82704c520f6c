"""Entry point of the `rag` command: what a resident process can do needs none of the program's libraries."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from typing import NoReturn

from rag.cli.resident.client import BrokenOffError, attempt

# Commands that end without teardown: a model that still works in the background, such as on questions to click, would
# abort a process that tears it down meanwhile.
_LEFT = (["ask"], ["search"], ["mcp"], ["ui"], ["serve"])


def main() -> None:
    """Run the command in a resident process if a suitable one is running, else in this one."""
    try:
        code = attempt(sys.argv[1:])
    except KeyboardInterrupt:  # the connection is closed, which stops the answer
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone, `rag search ... | head`
        sys.exit(0)
    except BrokenOffError:
        from rag.cli.console import error  # noqa: PLC0415 - the libraries are wanted in few cases only

        error("The resident process ended before the answer was complete. Ask again.")
        sys.exit(1)
    if code is not None:
        sys.exit(code)
    from rag.cli.main import main as run  # noqa: PLC0415

    run()


def command() -> NoReturn:
    """Run the command as a process of its own, of which nothing but the output is needed."""
    try:
        main()
    except SystemExit as end:
        if sys.argv[1:2] in _LEFT and (end.code is None or isinstance(end.code, int)):
            _leave(end.code or 0)
        raise
    sys.exit(0)


def _leave(code: int) -> None:
    """
    End the process without tearing its models down piece by piece, which takes longer than half a second.

    Exit handlers are run, and threads that keep a program from ending, such as those that load weights, are waited for.
    """
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except (OSError, ValueError):
        return  # the reader has gone: Python itself knows how to end then
    # As Python itself does at exit: thread pools are told to close, and all threads but daemons are waited for.
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 - as for processes of `multiprocessing`
    atexit._run_exitfuncs()  # noqa: SLF001 - there is no other way to run them and not the rest
    os._exit(code)


if __name__ == "__main__":
    command()
