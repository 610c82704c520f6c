"""
Gives memory that is free back to the system while the app is used.

Each answer and each file that is added has a thread of its own, and the C library of Linux keeps what threads have freed
in heaps of its own, for later: some 60 MB after half a minute of ten users at once, of which a fifth is used again.
"""

from __future__ import annotations

import ctypes
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 30.0


def trimmer() -> Callable[[], object] | None:
    """Return what gives back all that is free; None where the C library does so by itself, or cannot."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, TypeError, AttributeError):  # not Linux, or another library than GNU's
        return None
    trim.argtypes = [ctypes.c_size_t]
    return lambda: trim(0)


class Returning:
    """
    Gives it back now and then, where something has been answered since.

    Parameters
    ----------
    answered
        Tells how many requests have been answered so far.
    trim
        See `trimmer`.
    seconds
        From one time to the next.

    """

    def __init__(
        self, answered: Callable[[], int], trim: Callable[[], object] | None = None, *, seconds: float = SECONDS
    ) -> None:
        self._answered = answered
        self._trim = trim or trimmer()
        self._seconds = seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="returning-memory", daemon=True)

    def __enter__(self) -> None:
        if self._trim is not None:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        before = 0
        while self._trim is not None and not self._ended.wait(self._seconds):
            now = self._answered()
            if now != before:
                self._trim()  # some 10 ms, in which nobody else waits but for memory
                before = now
