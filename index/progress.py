"""
Who is told how far long work has come.

As with stopping (see `rag.inference.run`), none of the functions between has to hand it on: whoever waits names the
callback for a block, and what takes long there tells it.
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
def counted(count: Callable[[int, int], tuple[int, int]]) -> Iterator[None]:
    """Let what is told in a block as done and total be counted otherwise, such as a part within the whole."""
    whole = _CURRENT.get()
    with told(lambda description, done, total: whole(description, *count(done, total))):
        yield


class Pace:
    """
    How quickly a step goes on, by what was done in the last minute.

    Parameters
    ----------
    clock
        Gives seconds.

    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._past: deque[tuple[float, int]] = deque()

    def after(self, done: int, total: int) -> tuple[float, float] | None:
        """Return how many are done in a second, and in how many seconds all will be; None where nobody knows yet."""
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
    """Return a time ahead as people say it, such as ``2 h 10 min``; in German and in English alike."""
    if seconds < _MINUTE:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / _MINUTE)
    return f"{minutes} min" if minutes < _MINUTE else f"{minutes // _MINUTE} h {minutes % _MINUTE} min"


def _nobody(_description: str, _done: int, _total: int, /) -> None:
    return None


EMBEDDING = "embedding"
"""What embedders say they do; told in passages while an index is made."""
_SAMPLED_SECONDS = 0.5
_PAST_SECONDS = 60.0
_LEAST_SECONDS = 2.0
_MINUTE = 60

_CURRENT: ContextVar[Progress] = ContextVar("progress", default=_nobody)
