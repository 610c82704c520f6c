"""
Limit how long a connection may take to send a request and to read its answer, and how many connections there may be.

Uvicorn waits for ever for the rest of a request, and for a client that reads nothing. Its protocol is extended here,
whichever implementation it has chosen: if a request does not arrive in time, its connection is closed.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, ClassVar

from ui.limits import CONNECTIONS_PER_ADDRESS, MOST_CONNECTIONS, SECONDS_TO_SEND, SLOWEST_BYTES_PER_SECOND
from ui.server.asking import Proxies, counted

if TYPE_CHECKING:
    from collections.abc import Collection


class _Bounds(asyncio.Protocol):
    """Closes connections that are too slow or too many; mixed into a Uvicorn protocol, which sets the attributes."""

    opened: ClassVar[Counter[str]]
    # Connections that still have to send something, by address, the one that has taken longest first.
    late: ClassVar[defaultdict[str, dict[_Bounds, None]]]
    proxies: ClassVar[Proxies]
    seconds: ClassVar[float]
    client: tuple[str, int] | None
    connections: Collection[object]
    cycle: Any
    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    _address: str | None = None
    _timer: asyncio.TimerHandle | None = None
    _began = 0.0
    _come = 0
    _reading: asyncio.TimerHandle | None = None
    _unread = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        host = self.client[0] if self.client else ""
        address = counted(host)
        many = self.opened[address] >= CONNECTIONS_PER_ADDRESS and host not in self.proxies
        full = len(self.connections) > MOST_CONNECTIONS
        if (many or full) and not self._make_room(address if many else max(self.late, key=self._lateness, default="")):
            self.transport.abort()
            return
        self._address = address
        self.opened[address] += 1
        self._wait()

    def _lateness(self, address: str) -> int:
        return len(self.late[address])

    def _make_room(self, address: str) -> bool:
        """Close the connection of an address that has taken longest to send its request; tell whether there was one."""
        if address not in self.late:
            return False
        slowest = next(iter(self.late[address]))
        slowest._stop_waiting()  # noqa: SLF001 - another of the same kind
        slowest.transport.abort()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._stop_looking()
        if self._address is not None:
            self.opened[self._address] -= 1
            if self.opened[self._address] <= 0:
                del self.opened[self._address]
            self._address = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._timer is None:
            self._wait()
        self._come += len(data)
        super().data_received(data)
        if not self._is_owed_more():
            self._stop_waiting()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look_at_reader(first=True)

    def resume_writing(self) -> None:
        self._stop_looking()
        super().resume_writing()

    def _look_at_reader(self, *, first: bool = False) -> None:
        """Close a connection whose client does not read the answer, which would stay in memory."""
        unread = self.transport.get_write_buffer_size()
        if not first and self._unread - unread < self.seconds * SLOWEST_BYTES_PER_SECOND:
            self.transport.abort()
            return
        self._unread = unread
        self._reading = self.loop.call_later(self.seconds, self._look_at_reader)

    def _stop_looking(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _is_owed_more(self) -> bool:
        """Tell whether the client still has to send something before it gets an answer."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def _wait(self) -> None:
        self._began, self._come = self.loop.time(), 0
        self._timer = self.loop.call_later(self.seconds, self._look)
        if self._address is not None:
            self.late[self._address][self] = None

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        address = self._address or ""
        if address in self.late:
            self.late[address].pop(self, None)
            if not self.late[address]:
                del self.late[address]

    def _look(self) -> None:
        self._timer = None
        left = self._began + self.seconds + self._come / SLOWEST_BYTES_PER_SECOND - self.loop.time()
        if left > 0:
            self._timer = self.loop.call_later(left + 0.01, self._look)
        elif not self.transport.is_closing():
            self.transport.abort()


def bounded(protocol: type[Any], proxies: Proxies, *, seconds: float = SECONDS_TO_SEND) -> type[Any]:
    """
    Return a Uvicorn protocol with limits.

    Parameters
    ----------
    protocol
        The one that the server would use.
    proxies
        Addresses with many users behind them; the total number of connections is bounded all the same.
    seconds
        Seconds in which a request must arrive; the more of it has arrived, the more time is added.

    """
    shared = {"opened": Counter(), "late": defaultdict(dict), "proxies": proxies, "seconds": seconds}
    return type("Bounded", (_Bounds, protocol), shared)
