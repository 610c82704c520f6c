"""Limit how often somebody may ask, with buckets that refill over time."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING

from index.errors import RagError
from ui.limits import MOST_KEYS, PAGES_PER_ADDRESS, QUESTIONS_PER_MINUTE
from ui.people.person import person_of
from ui.server.asking import address_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import gradio as gr


class TooManyQuestionsError(RagError):
    """
    Somebody asks too many questions in too short a time.

    Parameters
    ----------
    message, hint
        As for `RagError`.
    seconds
        Seconds after which the next question is allowed.

    """

    def __init__(self, message: str, *, hint: str = "", seconds: int = 1) -> None:
        super().__init__(message, hint=hint)
        self.seconds = seconds


class Buckets:
    """
    Counts the actions of each client, with room for a burst.

    Parameters
    ----------
    per_minute
        What is allowed in the long run; 0 allows everything.
    burst
        What is allowed at once; by default as much as in two minutes.
    clock
        Monotonic clock in seconds.

    """

    def __init__(
        self, per_minute: float, *, burst: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = per_minute / 60
        self._burst = max(1.0, 2 * per_minute if burst is None else burst)
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def wait(self, key: str) -> float:
        """Return how many seconds a client must wait before its next action, 0 if it need not; counts nothing."""
        if not self._rate:
            return 0.0
        with self._lock:
            return self._wait(self._level(key))

    def take(self, key: str) -> float:
        """Count one action of a client; returns what `wait` returns, and counts only if that is 0."""
        if not self._rate:
            return 0.0
        with self._lock:
            level = self._level(key)
            if level >= 1:
                self._left.pop(key, None)  # so that the oldest come first
                self._left[key] = (level - 1, self._clock())
                if len(self._left) > MOST_KEYS:
                    self._left.pop(next(iter(self._left)))
            return self._wait(level)

    def _level(self, key: str) -> float:
        left, since = self._left.get(key, (self._burst, self._clock()))
        return min(self._burst, left + (self._clock() - since) * self._rate)

    def _wait(self, level: float) -> float:
        return 0.0 if level >= 1 else (1 - level) / self._rate


class QuestionLimit:
    """
    Limits the questions of each page and of each address.

    Parameters
    ----------
    per_minute
        Questions a minute from one page, in the long run; 0 for no limit.
    clock
        Monotonic clock in seconds.

    """

    def __init__(
        self, per_minute: float = QUESTIONS_PER_MINUTE, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pages = Buckets(per_minute, clock=clock)
        self._addresses = Buckets(per_minute * PAGES_PER_ADDRESS, clock=clock)

    def admit(self, request: gr.Request) -> None:
        """
        Count a question.

        Raises
        ------
        TooManyQuestionsError
            The sender has to wait; the error says how long.

        """
        if (person := person_of(request)) is not None:
            _admit(self._pages.take(f"person {person.key}"))
            return
        address = address_of(request)
        # A program may use a new session for each question, but it cannot choose its address.
        _admit(self._pages.take(f"{address} {request.session_hash}") or self._addresses.take(address))

    def admit_sender(self, request: Any) -> None:
        """
        Count a question that comes from a program, by its person if there is one, else by its address.

        Raises
        ------
        TooManyQuestionsError
            As in `admit`.

        """
        if person_of(request) is not None:
            self.admit(request)
        else:
            self.admit_program(address_of(request))

    def admit_program(self, address: str) -> None:
        """
        Count a question that does not come from a page.

        Parameters
        ----------
        address
            Address that the sender is counted by.

        Raises
        ------
        TooManyQuestionsError
            As in `admit`.

        """
        _admit(self._addresses.take(address))


def _admit(wait: float) -> None:
    if wait:
        seconds = math.ceil(wait)
        raise TooManyQuestionsError(
            "Too many questions in a short time.", hint=f"Ask again in {seconds} s.", seconds=seconds
        )
