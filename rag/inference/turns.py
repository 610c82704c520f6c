"""Turns of several users with one model: a fair, bounded queue."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

from index.errors import BusyError
from rag.inference.run import NOBODY, current

if TYPE_CHECKING:
    from collections.abc import Hashable

# One client may take at most the bound divided by this of the waiting places.
_SHARE = 4
# Interval at which a waiting run checks whether it has been stopped.
_LOOK_SECONDS = 0.1


class FairQueue:
    """
    Admits a limited number at a time and the others in turn: client by client, each client's oldest first.

    Parameters
    ----------
    slots
        How many may be admitted at a time.
    bound
        How many may wait.

    """

    def __init__(self, *, slots: int = 1, bound: int = 32) -> None:
        self._free = slots
        self._bound = bound
        self._changed = threading.Condition()
        # The first client is the next to be served.
        self._waiting: OrderedDict[Hashable, deque[object]] = OrderedDict()
        self._admitted: set[object] = set()

    @property
    def waiting(self) -> int:
        """How many are waiting."""
        with self._changed:
            return self._length()

    def enter(self, client: Hashable, *, bounded: bool = True) -> None:
        """
        Wait for a turn; it ends with `leave`.

        Parameters
        ----------
        client
            Who wants the turn: however many turns one client is waiting for, another has to wait for at most one of
            them.
        bounded
            Whether the request may be refused; False if it continues an answer that has had a turn before.

        Raises
        ------
        BusyError
            All waiting places are taken, or the client's share of them.
        StoppedError
            The current run was stopped meanwhile.

        """
        with self._changed:
            if self._free and not self._waiting:
                self._free -= 1
                return
            if bounded:
                self._check(client)
            ticket = object()
            self._waiting.setdefault(client, deque()).append(ticket)
            try:
                self._wait(ticket)
            except BaseException:  # also Ctrl-C in a notebook: a turn that nobody takes would be lost for good
                self._withdraw(client, ticket)
                raise
            self._admitted.remove(ticket)

    def _wait(self, ticket: object) -> None:
        run = current()
        while ticket not in self._admitted:
            run.check()
            self._changed.wait(_LOOK_SECONDS)

    def leave(self) -> None:
        """End a turn."""
        with self._changed:
            self._free += 1
            self._admit()

    def _check(self, client: Hashable) -> None:
        length, own = self._length(), len(self._waiting.get(client, ()))
        if length >= self._bound or own >= max(1, self._bound // _SHARE):
            raise BusyError(waiting=length)

    def _length(self) -> int:
        return sum(len(tickets) for tickets in self._waiting.values())

    def _admit(self) -> None:
        while self._free and self._waiting:
            client, tickets = next(iter(self._waiting.items()))
            self._admitted.add(tickets.popleft())
            self._free -= 1
            if tickets:
                self._waiting.move_to_end(client)
            else:
                del self._waiting[client]
        self._changed.notify_all()

    def _withdraw(self, client: Hashable, ticket: object) -> None:
        if ticket in self._admitted:
            self._admitted.remove(ticket)
            self.leave()
            return
        tickets = self._waiting[client]
        tickets.remove(ticket)
        if not tickets:
            del self._waiting[client]


class Turn:
    """
    The turns of one answer: it may need several, and has at most one at a time.

    Parameters
    ----------
    queue
        The queue for the turns.
    client
        See `FairQueue.enter`.

    """

    def __init__(self, queue: FairQueue, client: Hashable) -> None:
        self._queue = queue
        self._client = client
        self._lock = threading.Lock()
        self._held = False
        self._served = False

    @classmethod
    def of_run(cls, queue: FairQueue) -> Turn:
        """Return the turns of the current run in a queue."""
        run = current()
        return cls(queue, object()) if run is NOBODY else run.kept((cls, queue), lambda: cls(queue, run.client))

    def take(self) -> None:
        """Wait for a turn, if none is held already."""
        with self._lock:
            if not self._held:
                # A run that has been served once is in the middle of an answer, which must not be lost.
                self._queue.enter(self._client, bounded=not self._served)
                self._held = self._served = True

    def end(self) -> None:
        """End the turn and admit the next one, if that has not been done already."""
        with self._lock:
            if self._held:
                self._held = False
                self._queue.leave()
