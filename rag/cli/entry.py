"""The `rag` command, from its first moment: what a resident process can do needs none of the program's libraries."""

from __future__ import annotations

import sys

from rag.cli.resident.client import BrokenOffError, attempt


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


if __name__ == "__main__":
    main()
