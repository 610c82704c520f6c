"""
Who is told how far long work has come.

As with stopping (see `rag.inference.run`), none of the functions between has to hand it on: whoever waits names the
callback for a block, and what takes long there tells it.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class Progress(Protocol):
    """Told how far a long step has come, several times a second."""

    def __call__(self, description: str, done: int, total: int, /) -> None:
        """Take note that ``done`` of ``total`` is done; a ``total`` of 0 means that the end cannot be foreseen."""


@contextmanager
def told(progress: Progress | None) -> Iterator[None]:
    """Let what is done in a block be told to a callback; None leaves whoever is told already."""
    if progress is None:
        yield
        return
    token = _CURRENT.set(progress)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def tell(description: str, done: int, total: int) -> None:
    """Say how far a step has come; raises what the callback raises, which is how it ends the work."""
    _CURRENT.get()(description, done, total)


@contextmanager
def part(before: int, total: int) -> Iterator[None]:
    """Let what is done in a block count as a part of something larger: after ``before`` of ``total``."""
    whole = _CURRENT.get()
    with told(lambda description, done, _: whole(description, before + done, total)):
        yield


@contextmanager
def scaled(before: int, size: int, total: int) -> Iterator[None]:
    """Let what is done in a block, whatever it counts in, count as ``size`` of something larger: after ``before``."""
    whole = _CURRENT.get()
    with told(lambda description, done, of: whole(description, before + size * done // max(1, of), total)):
        yield


def _nobody(_description: str, _done: int, _total: int, /) -> None:
    return None


_CURRENT: ContextVar[Progress] = ContextVar("progress", default=_nobody)
