"""
Where a command prints in this thread: to the process's own streams, or to those of a resident process's client.

A command of a client runs in a thread of its own, so that what is set here affects no other.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Client:
    """
    The client that a command runs for.

    Parameters
    ----------
    out, err
        Its standard output and standard error.
    size
        Columns and lines of its terminal; None if there is none.
    environ
        Environment variables that say what the terminal can do.
    folder
        Its current folder.
    open_rag
        Returns the resident `rag.RAG` for an index and a corpus as they were named.

    """

    out: IO[str]
    err: IO[str]
    size: tuple[int, int] | None
    environ: Mapping[str, str]
    folder: Path
    open_rag: Callable[[Path | None, Path | None], Any]


_CURRENT: ContextVar[Client | None] = ContextVar("client", default=None)


def client() -> Client | None:
    """Return the client that this thread's command runs for; None if it runs for the process's own user."""
    return _CURRENT.get()


@contextmanager
def serving(one: Client) -> Iterator[None]:
    """Run the commands of a block for a client."""
    token = _CURRENT.set(one)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def here(path: Path) -> Path:
    """Return a path as whoever runs the command means it, relative to their current folder."""
    one = _CURRENT.get()
    return path if one is None else one.folder / path
