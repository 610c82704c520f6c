"""Share a few reading processes among all clients that have files to read."""

from __future__ import annotations

import os
import threading
from collections import deque
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from index.reading.extraction.process.isolation import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from index.reading.extraction.pages.types import Shown, Wanted
    from index.reading.extraction.process.limits import Limits
    from index.reading.extraction.types import Extract

WORKERS = min(4, os.cpu_count() or 1)
"""Most files that are read at once."""


class Pool:
    """
    Reading processes that several clients share.

    The client with the fewest files being read comes next; among equals, the one who was served longest ago. The files
    of one client are read in the order in which they came. So a client with many files, or with slow ones, delays
    others by no more than the file that is being read. Safe to share between threads.

    Parameters
    ----------
    workers
        Most files that are read at once.
    start
        Makes a reader, which starts its process with the first file.

    """

    def __init__(self, workers: int = WORKERS, start: Callable[[], Reader] = Reader) -> None:
        self._start = start
        self._free = workers
        self._idle: list[Reader] = []
        self._users = 0
        self._waiting: dict[str, deque[object]] = {}
        self._reading: dict[str, int] = {}
        self._served: dict[str, int] = {}
        self._turns = 0
        self._changed = threading.Condition()

    @contextmanager
    def open(self, client: str, limits: Limits) -> Iterator[Seat]:
        """Give a client access to the readers. When the last client has left, their processes are ended."""
        with self._changed:
            self._users += 1
        try:
            yield Seat(self, client, limits)
        finally:
            with self._changed:
                self._users -= 1
                left = [] if self._users else self._idle
                if left:
                    self._idle = []
            for reader in left:
                reader.close()

    def extract(self, data: bytes, kind: str, client: str, limits: Limits) -> Extract:
        """Read a file when it is its client's turn; see `Reader.extract`."""
        reader = self._take(client)
        try:
            return reader.extract(data, kind, limits)
        finally:
            self._give(client, reader)

    def show(self, data: bytes, wanted: Wanted, client: str, limits: Limits) -> Shown:
        """Show a page of a PDF when it is its client's turn; see `Reader.show`."""
        reader = self._take(client)
        try:
            return reader.show(data, wanted, limits)
        finally:
            self._give(client, reader)

    def _take(self, client: str) -> Reader:
        mine = object()
        with self._changed:
            line = self._waiting.setdefault(client, deque())
            line.append(mine)
            try:
                self._changed.wait_for(lambda: self._free > 0 and line[0] is mine and self._next() == client)
            finally:
                line.remove(mine)
                if not line:
                    del self._waiting[client]
                self._changed.notify_all()
            self._free -= 1
            self._turns += 1
            self._served[client] = self._turns
            self._reading[client] = self._reading.get(client, 0) + 1
            return self._idle.pop() if self._idle else self._start()

    def _next(self) -> str:
        return min(self._waiting, key=lambda client: (self._reading.get(client, 0), self._served.get(client, 0)))

    def _give(self, client: str, reader: Reader) -> None:
        with self._changed:
            self._free += 1
            self._idle.append(reader)
            self._reading[client] -= 1
            if not self._reading[client]:
                del self._reading[client]
                if client not in self._waiting and len(self._served) > 10_000:  # no client is remembered for ever
                    self._served.clear()
            self._changed.notify_all()


class Seat:
    """
    A client's access to the readers of a `Pool`.

    Parameters
    ----------
    pool
        The pool of readers.
    client
        Name of the client, who takes turns with others.
    limits
        Limits for each of the client's files.

    """

    def __init__(self, pool: Pool, client: str, limits: Limits) -> None:
        self._pool = pool
        self._client = client
        self._limits = limits

    def extract(self, data: bytes, kind: str) -> Extract:
        """Read a file's text; see `Reader.extract`."""
        return self._pool.extract(data, kind, self._client, self._limits)

    def show(self, data: bytes, wanted: Wanted) -> Shown:
        """Show a page of a PDF; see `Reader.show`."""
        return self._pool.show(data, wanted, self._client, self._limits)


@cache
def shared() -> Pool:
    """Return the pool that all of this process share."""
    return Pool()
