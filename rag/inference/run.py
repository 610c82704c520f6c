"""
The run of one answer: who asks, and whether the answer is still wanted.

The thread that makes an answer has it as its current run. Slow steps look it up there, so that the functions in
between need not pass it on. A thread that is started for the answer gets it by `contextvars.copy_context`.
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
    """The answer is no longer wanted. Never leaves `rag`: the stream just ends."""


class Run:
    """
    The run of one answer. Safe to share between threads.

    Parameters
    ----------
    client
        Who asks; None counts as a client with no other runs.

    """

    def __init__(self, client: Hashable | None = None) -> None:
        self.client: Hashable = object() if client is None else client
        self._stopped = threading.Event()
        self._kept: dict[Hashable, Any] = {}

    def stop(self) -> None:
        """Make every step that checks the run end."""
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        """Whether the answer is no longer wanted."""
        return self._stopped.is_set()

    def check(self) -> None:
        """Raise `StoppedError` if the answer is no longer wanted."""
        if self.stopped:
            raise StoppedError

    def kept(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """Return the object that a part of the program keeps for this run under its own key; made at first use."""
        found: _T = self._kept.setdefault(key, make())
        return found

    @contextmanager
    def current(self) -> Iterator[Run]:
        """Make this the current run inside a ``with`` block."""
        token = _CURRENT.set(self)
        try:
            yield self
        finally:
            _CURRENT.reset(token)


def current() -> Run:
    """Return the current run of this thread; `NOBODY`, which is never stopped, if there is none."""
    return _CURRENT.get()


NOBODY = Run()
"""The run of a thread that makes no answer; it is never stopped."""

_CURRENT: ContextVar[Run] = ContextVar("run", default=NOBODY)
