"""
Return free memory to the system while the app is used.

Each answer and each added file has a thread of its own, and the C library of Linux keeps the memory that threads have
freed in per-thread heaps, for later: some 60 MB after half a minute of ten users at once, of which a fifth is reused.
"""

from __future__ import annotations

import ctypes
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 30.0


def trimmer() -> Callable[[], object] | None:
    """Return a function that returns all free memory; None if the C library does so itself, or cannot."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, TypeError, AttributeError):  # not Linux, or a C library other than GNU's
        return None
    trim.argtypes = [ctypes.c_size_t]
    return lambda: trim(0)


class Returning:
    """
    Returns free memory now and then, if something has been answered since the last time.

    Parameters
    ----------
    answered
        Returns how many requests have been answered so far.
    trim
        See `trimmer`.
    seconds
        Seconds from one time to the next.

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
                self._trim()  # some 10 ms, during which other threads wait only if they need memory
                before = now
