"""Notice from the very start when the process is told to end; imports nothing that takes time."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Termination:
    """Whether the process was told to end, and how often."""

    def __init__(self) -> None:
        self.times = 0
        self._told = threading.Event()

    def tell(self, *_: object) -> None:
        """Record that the process was told to end; interrupts nothing."""
        self.times += 1
        self._told.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the process was told to end; return whether it was."""
        return self._told.wait(seconds)


@contextlib.contextmanager
def terminable() -> Iterator[Termination]:
    """
    Record SIGTERM in a block of the main thread; in other threads it ends the process as usual.

    Once told to end, the process will end: further signals change nothing, even after the block.
    """
    termination = Termination()
    if threading.current_thread() is not threading.main_thread():
        yield termination
        return
    before = signal.signal(signal.SIGTERM, termination.tell)
    try:
        yield termination
    finally:
        if not termination.times:
            signal.signal(signal.SIGTERM, before)
