"""The events of one answer, to be stopped from any thread, and the same for asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from rag.inference.turns import StoppedError
from rag.types import Event

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from types import TracebackType


class AnswerStream(Generator[Event, None, None]):
    """
    The events of an answer in the making.

    A generator that may be closed from another thread while one waits for the next event: the wait then ends
    within a fraction of a second, with the stream, and the language model stops, be it reading or writing.

    Parameters
    ----------
    events
        Makes the events, given a function that tells whether to stop.

    """

    def __init__(self, events: Callable[[Callable[[], bool]], Generator[Event]]) -> None:
        self._stopped = threading.Event()
        self._events = events(self._stopped.is_set)

    def send(self, value: None, /) -> Event:
        """Return the next event."""
        event = None
        if not self._stopped.is_set():
            with contextlib.suppress(StoppedError):
                event = self._events.send(value)
        if event is None or self._stopped.is_set():
            self._events.close()
            raise StopIteration
        return event

    def throw(
        self, kind: Any, value: BaseException | object = None, traceback: TracebackType | None = None, /
    ) -> Event:
        """Raise an exception where the last event was made, as generators do."""
        return self._events.throw(kind, value, traceback)

    def stop(self) -> None:
        """Let the stream end, without waiting for that: whoever fetches the next event finds it at its end."""
        self._stopped.set()

    def close(self) -> None:
        """Stop, and wait for it unless another thread is fetching an event."""
        self.stop()
        # Else it is that thread's to close it.
        with contextlib.suppress(ValueError):
            self._events.close()

    def __del__(self) -> None:
        self._stopped.set()


async def iterate(stream: Callable[[], AnswerStream]) -> AsyncGenerator[Event]:
    """
    Turn a stream into one for asyncio: it is made and run in a thread of its own.

    Parameters
    ----------
    stream
        Makes the stream.

    Yields
    ------
    The events. What the stream raises is raised here; closing the iterator stops it.

    """
    loop = asyncio.get_running_loop()
    fetched: asyncio.Queue[Event | BaseException | None] = asyncio.Queue()
    closed = threading.Event()
    made: list[AnswerStream] = []

    def put(item: Event | BaseException | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(fetched.put_nowait, item)

    def run() -> None:
        try:
            made.append(stream())
            if closed.is_set():
                made[0].stop()
            for event in made[0]:
                put(event)
        except BaseException as error:  # noqa: BLE001 - raised again where the events are read
            put(error)
        else:
            put(None)

    threading.Thread(target=run, name="answer", daemon=True).start()
    try:
        while (item := await fetched.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        closed.set()
        for one in made:
            one.stop()
