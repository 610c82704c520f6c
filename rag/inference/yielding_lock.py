"""A lock for long work that can be done in pieces, and must not keep short work waiting."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

# A free lock goes to whoever asks first: seconds in which others may.
_WAY = 0.001


class YieldingLock:
    """
    A lock that knows whether somebody waits for it.

    Take it for one piece at a time, and call `give_way` between two: whoever waits then has it next.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[bool] = []  # one for each thread that waits: adding and taking away are atomic

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
        """Let others have it first, where somebody waits; it must not be held."""
        if self._waiting:
            time.sleep(_WAY)
