"""Keep the reading processes for a while after a page was shown, because the next page is often asked for soon."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

from index.reading.extraction.process.limits import PAGES
from index.reading.extraction.process.pool import shared

if TYPE_CHECKING:
    from collections.abc import Callable

    from index.reading.extraction.pages.types import Shown, Wanted
    from index.reading.extraction.process.pool import Pool

KEPT_SECONDS = 30.0


class WarmProcess:
    """
    Shows pages; clients take turns. Safe to share between threads.

    Parameters
    ----------
    pool
        Returns the pool of processes.
    seconds
        How long a process is kept after the last page; starting one takes longer than showing a page.

    """

    def __init__(self, pool: Callable[[], Pool] = shared, seconds: float = KEPT_SECONDS) -> None:
        self._pool = pool
        self._seconds = seconds
        self._held = ExitStack()
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def show(self, data: bytes, wanted: Wanted, client: str) -> Shown:
        """Show a page; see `index.reading.extraction.process.isolation.Reader.show`."""
        with self._pool().open(client, PAGES) as seat:
            try:
                return seat.show(data, wanted)
            finally:
                self._keep()

    def _keep(self) -> None:
        with self._lock:
            if self._timer is None:
                self._held.enter_context(self._pool().open("pages", PAGES))
            else:
                self._timer.cancel()
            timer = self._timer = threading.Timer(self._seconds, lambda: self._release(timer))
            timer.daemon = True
            timer.start()

    def _release(self, timer: threading.Timer) -> None:
        with self._lock:
            if self._timer is timer:  # otherwise a page has been shown since
                self._timer = None
                self._held.close()
