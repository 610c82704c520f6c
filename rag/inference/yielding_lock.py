"""A lock for long work that can be done in pieces, and must not keep short work waiting."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

# A free lock goes to whoever asks first: time in seconds for others to take it.
_WAY = 0.001


class YieldingLock:
    """
    A lock that knows whether another thread waits for it.

    Take it for one piece of work at a time, and call `give_way` between pieces: a waiting thread gets it next.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[bool] = []  # one entry for each waiting thread: append and pop are atomic

    def __enter__(self) -> Self:
        self._waiting.append(True)
        try:
            self._lock.acquire()
        finally:
            self._waiting.pop()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def give_way(self) -> None:
        """Let waiting threads take the lock first; the caller must not hold it."""
        if self._waiting:
            time.sleep(_WAY)
