"""
One answer on its way: who asks, and whether the answer is still wanted.

A run is the current one of the thread that makes the answer. Whatever takes long there looks at it, so that none of
the functions between has to hand it on. A thread that is started on the way gets it by `contextvars.copy_context`.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

_T = TypeVar("_T")


class StoppedError(Exception):
    """Whoever asked does not want the answer any more. Never leaves `rag`: the stream just ends."""


class Run:
    """
    One answer in the making. Safe to share between threads.

    Parameters
    ----------
    client
        Who asks; None counts as somebody of whom nothing else comes.

    """

    def __init__(self, client: Hashable | None = None) -> None:
        self.client: Hashable = object() if client is None else client
        self._stopped = threading.Event()
        self._kept: dict[Hashable, Any] = {}

    def stop(self) -> None:
        """Let whoever looks at the run end."""
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        """Whether the answer is not wanted any more."""
        return self._stopped.is_set()

    def check(self) -> None:
        """Raise `StoppedError` where the answer is not wanted any more."""
        if self.stopped:
            raise StoppedError

    def kept(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """Return what a part of the program keeps for this run under a key of its own; made at first use."""
        found: _T = self._kept.setdefault(key, make())
        return found

    @contextmanager
    def current(self) -> Iterator[Run]:
        """Make this the current run of a block."""
        token = _CURRENT.set(self)
        try:
            yield self
        finally:
            _CURRENT.reset(token)


def current() -> Run:
    """Return the run of this thread; outside of one, a run that nobody stops."""
    return _CURRENT.get()


NOBODY = Run()
"""The run of a thread that makes no answer; nobody stops it."""

_CURRENT: ContextVar[Run] = ContextVar("run", default=NOBODY)
