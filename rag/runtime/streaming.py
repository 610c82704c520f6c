"""The events of one answer: one thread makes them, one bounded queue holds them, and whoever reads takes them there."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from rag.inference.run import Run, StoppedError
from rag.types import Event

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable
    from types import TracebackType

# An answer has some dozen events. Whoever does not take them keeps nobody waiting before so many.
_MOST_WAITING = 1024
# A model that reads or writes stops within half a second.
_LONGEST_WAIT_SECONDS = 2.0


class AnswerStream(Generator[Event, None, None]):
    """
    The events of an answer in the making.

    They are made in a thread of their own, from the first time that somebody asks for one. It may be closed from
    another thread while one waits for the next event: the wait then ends at once, and the language model stops within a
    fraction of a second, be it reading or writing.

    Parameters
    ----------
    make
        Makes the events. `rag.inference.run.current` is the run there.
    run
        Who asks.

    """

    def __init__(self, make: Callable[[], Iterable[Event]], run: Run | None = None) -> None:
        self._producer = _Producer(make, run or Run())

    def send(self, value: None, /) -> Event:  # noqa: ARG002 - nothing is sent
        """Return the next event."""
        self._producer.start()
        event = self._producer.get()
        if event is None:
            raise StopIteration
        return event

    def throw(
        self, kind: Any, value: BaseException | object = None, traceback: TracebackType | None = None, /
    ) -> Event:
        """Stop, and raise an exception."""
        self.close()
        return super().throw(kind, value, traceback)

    def stop(self) -> None:
        """Let the stream end, without waiting for that: whoever fetches the next event finds it at its end."""
        self._producer.stop()

    def close(self) -> None:
        """Stop, and wait until the model has stopped."""
        self._producer.stop()
        self._producer.join()

    def __del__(self) -> None:
        self._producer.stop()

    async def batches(self) -> AsyncGenerator[list[Event]]:
        """
        Yield the events for asyncio, as many as have come since the last time.

        What the stream raises is raised here; closing this iterator stops it.
        """
        loop, ready = asyncio.get_running_loop(), asyncio.Event()

        def tell() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(ready.set)

        self._producer.start(told=tell)
        try:
            ended = False
            while not ended:
                await ready.wait()
                ready.clear()
                events, ended = self._producer.take()
                if events:
                    yield events
            self._producer.check()
        finally:
            self.stop()


class _Producer:
    """Runs the maker of the events; knows nothing of the stream, so that a stream nobody holds any more is stopped."""

    def __init__(self, make: Callable[[], Iterable[Event]], run: Run) -> None:
        self._make = make
        self._run = run
        self._waiting: deque[Event] = deque()
        self._changed = threading.Condition()
        self._told: Callable[[], None] = lambda: None
        self._thread: threading.Thread | None = None
        self._ended = False
        self._error: BaseException | None = None

    def start(self, told: Callable[[], None] | None = None) -> None:
        """Begin, if that has not been done; ``told`` is called after each event and at the end."""
        with self._changed:
            if told is not None:
                self._told = told
            if self._thread is None and not self._ended:
                self._thread = threading.Thread(target=self._work, name="answer", daemon=True)
                self._thread.start()
        self._told()

    def get(self) -> Event | None:
        """Return the next event, None at the end; raise what the maker raised."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            if self._run.stopped:
                self._waiting.clear()
            if self._waiting:
                self._changed.notify_all()
                return self._waiting.popleft()
        self.check()
        return None

    def take(self) -> tuple[list[Event], bool]:
        """Return the events that wait, and whether they were the last."""
        with self._changed:
            events = [] if self._run.stopped else list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
            return events, self._ended

    def stop(self) -> None:
        """Let the maker end; whoever waits for an event finds the end."""
        self._run.stop()
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._told()

    def join(self) -> None:
        """Wait for the maker, but not for a model that is being fetched."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(_LONGEST_WAIT_SECONDS)

    def check(self) -> None:
        """Raise what the maker raised, once."""
        error, self._error = self._error, None
        if error is not None and not self._run.stopped:
            raise error

    def _work(self) -> None:
        error: BaseException | None = None
        try:
            with self._run.current():
                events = self._make()
                try:
                    for event in events:
                        self._put(event)
                finally:
                    # Iterators need not have it; generators do, and only this ends the language model's reading.
                    getattr(events, "close", lambda: None)()
        except StoppedError:
            pass
        except BaseException as caught:  # noqa: BLE001 - raised again where the events are read
            error = caught
        with self._changed:
            self._error = error
            self._ended = True
            self._changed.notify_all()
        self._told()

    def _put(self, event: Event) -> None:
        with self._changed:
            self._changed.wait_for(lambda: len(self._waiting) < _MOST_WAITING or self._run.stopped)
            self._run.check()
            self._waiting.append(event)
            self._changed.notify_all()
        self._told()


async def iterate(stream: AnswerStream) -> AsyncGenerator[Event]:
    """Turn a stream into one for asyncio, event by event; see `AnswerStream.batches`."""
    async with contextlib.aclosing(stream.batches()) as batches:
        async for events in batches:
            for event in events:
                yield event
