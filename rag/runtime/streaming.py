"""The events of one answer: a thread makes them and puts them into a bounded queue, from which readers take them."""

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

# An answer has some dozen events. A reader that does not take them blocks the maker only after this many.
_MOST_WAITING = 1024
# A model that reads or writes stops within half a second.
_LONGEST_WAIT_SECONDS = 2.0


class AnswerStream(Generator[Event, None, None]):
    """
    The events of an answer that is being made.

    A separate thread makes them; it starts when the first event is requested. The stream may be closed from another
    thread while a reader waits for the next event: the wait then ends at once, and the language model stops within a
    fraction of a second, whether it is reading or writing.

    Parameters
    ----------
    make
        Makes the events. Inside it, `rag.inference.run.current` returns ``run``.
    run
        The run that the answer belongs to.

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
        """Stop the stream, and raise an exception."""
        self.close()
        return super().throw(kind, value, traceback)

    def stop(self) -> None:
        """End the stream without waiting for the model: whoever requests the next event finds the stream ended."""
        self._producer.stop()

    def close(self) -> None:
        """End the stream, and wait until the model has stopped."""
        self._producer.stop()
        self._producer.join()

    def __del__(self) -> None:
        self._producer.stop()

    async def batches(self) -> AsyncGenerator[list[Event]]:
        """
        Yield the events for asyncio, each time all that have arrived since the last time.

        Exceptions of the stream are raised here; closing this iterator stops the stream.
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
    """Runs the maker of the events; holds no reference to the stream, so that an abandoned stream is stopped."""

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
        """Start the thread if it was not started yet; ``told`` is called after each event and at the end."""
        with self._changed:
            if told is not None:
                self._told = told
            if self._thread is None and not self._ended:
                self._thread = threading.Thread(target=self._work, name="answer", daemon=True)
                self._thread.start()
        self._told()

    def get(self) -> Event | None:
        """Return the next event, None at the end; raise the maker's exception."""
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
        """Return the waiting events, and whether they were the last."""
        with self._changed:
            events = [] if self._run.stopped else list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
            return events, self._ended

    def stop(self) -> None:
        """Stop the maker; whoever waits for an event finds the stream ended."""
        self._run.stop()
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._told()

    def join(self) -> None:
        """Wait for the maker to stop, but not as long as fetching a model may take."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(_LONGEST_WAIT_SECONDS)

    def check(self) -> None:
        """Raise the maker's exception, only once."""
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
                    # Iterators need not have `close`; generators do, and only this ends the language model's reading.
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
    """Yield the events of a stream one by one for asyncio; see `AnswerStream.batches`."""
    async with contextlib.aclosing(stream.batches()) as batches:
        async for events in batches:
            for event in events:
                yield event
