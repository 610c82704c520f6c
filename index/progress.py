"""
Report the progress of long work.

As with stopping (see `rag.inference.run`), the functions in between need not pass the callback on: the waiting caller
sets it for a block, and long-running code inside that block calls it.
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Progress(Protocol):
    """A callback that is told the progress of a long step, several times a second."""

    def __call__(self, description: str, done: int, total: int, /) -> None:
        """Note that ``done`` of ``total`` is done; a ``total`` of 0 means that the total is unknown."""


@contextmanager
def told(progress: Progress | None) -> Iterator[None]:
    """Report the progress made inside a block to a callback; None keeps the current callback."""
    if progress is None:
        yield
        return
    token = _CURRENT.set(progress)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def tell(description: str, done: int, total: int) -> None:
    """Report the progress of a step; raises whatever the callback raises, which is how it ends the work."""
    _CURRENT.get()(description, done, total)


@contextmanager
def counted(count: Callable[[int, int], tuple[int, int]]) -> Iterator[None]:
    """Convert the ``done`` and ``total`` reported inside a block, for example from a part to the whole."""
    whole = _CURRENT.get()
    with told(lambda description, done, total: whole(description, *count(done, total))):
        yield


class Pace:
    """
    The speed of a step, measured over the last minute.

    Parameters
    ----------
    clock
        Returns the time in seconds.

    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._past: deque[tuple[float, int]] = deque()

    def after(self, done: int, total: int) -> tuple[float, float] | None:
        """Return the items done per second and the seconds left until all are done; None if that is not known yet."""
        now = self._clock()
        if self._past and done < self._past[-1][1]:
            self._past.clear()  # another step of the same name
        if not self._past or now - self._past[-1][0] >= _SAMPLED_SECONDS:
            self._past.append((now, done))
        while now - self._past[0][0] > _PAST_SECONDS and len(self._past) > 1:
            self._past.popleft()
        began, before = self._past[0]
        if now - began < _LEAST_SECONDS or done <= before or done >= total:
            return None
        rate = (done - before) / (now - began)
        return rate, (total - done) / rate


def duration(seconds: float) -> str:
    """Return a remaining time for people, such as ``2 h 10 min``; the same in German and in English."""
    if seconds < _MINUTE:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / _MINUTE)
    return f"{minutes} min" if minutes < _MINUTE else f"{minutes // _MINUTE} h {minutes % _MINUTE} min"


def _nobody(_description: str, _done: int, _total: int, /) -> None:
    return None


EMBEDDING = "embedding"
"""Description that embedders report; progress is counted in passages while an index is made."""
_SAMPLED_SECONDS = 0.5
_PAST_SECONDS = 60.0
_LEAST_SECONDS = 2.0
_MINUTE = 60

_CURRENT: ContextVar[Progress] = ContextVar("progress", default=_nobody)
