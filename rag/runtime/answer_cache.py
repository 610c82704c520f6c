"""Keep answers in memory, and replay them event by event when the same question is asked again."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.types import Delta, Event, Finished, Likely, SentenceChecked, Timings

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable


class AnswerMemory:
    """
    The most recently used answers; the least recently used one is dropped first.

    Kept in memory only: what an answer depends on besides its key (the code, the runtime's version) cannot change
    while the process runs.

    Parameters
    ----------
    size
        Most answers kept; 0 keeps none. An answer takes some 10 kB.

    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[Event, ...]] = OrderedDict()

    def through(self, key: Callable[[], Hashable | None], make: Callable[[], Generator[Event]]) -> Generator[Event]:
        """
        Yield an answer from memory, or make it and remember it.

        Parameters
        ----------
        key
            Returns what the answer depends on, None if that is not known yet. Called before and after ``make``.
        make
            Makes the events. An answer that fails or is stopped is not kept.

        Yields
        ------
        The events. Those from memory are unchanged, except that the answer has the timings of this replay.

        """
        began = time.perf_counter()
        kept = self._get(key())
        if kept is not None:
            yield from _replayed(kept, began)
            return
        events: list[Event] = []
        for event in make():
            events.append(event)
            if isinstance(event, Finished):
                self._put(key(), tuple(events))
            yield event

    def forget(self, owner: Hashable) -> None:
        """Forget the answers whose keys begin with an owner."""
        with self._lock:
            for key in [key for key in self._kept if isinstance(key, tuple) and key[0] == owner]:
                del self._kept[key]

    def _get(self, key: Hashable | None) -> tuple[Event, ...] | None:
        with self._lock:
            if key is None or key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def _put(self, key: Hashable | None, events: tuple[Event, ...]) -> None:
        with self._lock:
            if key is not None:
                self._kept[key] = events
                self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)


def _replayed(events: tuple[Event, ...], began: float) -> Generator[Event]:
    def elapsed() -> float:
        return (time.perf_counter() - began) * 1000

    evidence_ms = elapsed()
    token_ms: float | None = None
    useful_ms: float | None = None
    for event in events:
        if isinstance(event, Delta) and token_ms is None:
            token_ms = elapsed()
        if isinstance(event, Likely | Delta | SentenceChecked) and useful_ms is None:
            useful_ms = elapsed()
        if isinstance(event, Finished):
            yield Finished(replace(event.answer, timings=Timings(evidence_ms, token_ms, elapsed(), useful_ms)))
        else:
            yield event
