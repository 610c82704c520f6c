"""
Where a command prints, in this thread: the process's own streams, or those of a client of a resident process.

A command of a client runs in a thread of its own, so that what is set here reaches no other.
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
    Whoever a command is run for.

    Parameters
    ----------
    out, err
        Their standard output and standard error.
    size
        Columns and lines of their terminal, None where there is none.
    environ
        Variables that say what it can.
    folder
        Their current folder.
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
    """Return whoever this thread's command is run for; None where that is the process's own user."""
    return _CURRENT.get()


@contextmanager
def serving(one: Client) -> Iterator[None]:
    """Let the commands of a block be run for somebody else."""
    token = _CURRENT.set(one)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def here(path: Path) -> Path:
    """Return a file as whoever runs the command means it."""
    one = _CURRENT.get()
    return path if one is None else one.folder / path
