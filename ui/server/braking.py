"""
Delay the answer to a wrong password.

The right one is never delayed: it is checked first, so that nobody can keep its owner out by guessing. The more wrong
passwords came before, from the same address or from all addresses together, the longer a wrong one waits. The number
of waiting answers is bounded, and whoever guesses over many connections at once is told to come back later. Parallel
guesses are therefore bounded by connections and not by time alone; the password must be long enough to resist them.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import TYPE_CHECKING

from ui.limits import (
    FREE_GUESSES,
    FREE_GUESSES_OF_ALL,
    HELD_AT_ONCE,
    HELD_PER_ADDRESS,
    LONGEST_WAIT,
    MOST_KEYS,
    SECONDS_PER_GUESS,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_FIRST_WAIT = 0.5
_DOUBLINGS = 6  # more than needed to reach the longest wait, so that a patient guesser always gets that one


async def _sleep(seconds: float) -> None:
    await asyncio.sleep(seconds)


class Brake:
    """
    Counts wrong passwords, by address, by name and in total, and delays their answers.

    Parameters
    ----------
    clock
        Monotonic clock in seconds.

    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._wrong: dict[str, tuple[float, float]] = {}
        self._names: dict[str, tuple[float, float]] = {}
        self._all = (0.0, clock())
        self._held: Counter[str] = Counter()

    async def wrong(self, address: str, name: str = "") -> int:
        """
        Count a wrong password, and wait.

        Parameters
        ----------
        address
            Address that it comes from.
        name
            Name that it was tried for, from any address; empty if all users share one name.

        Returns
        -------
        int
            0 if the wait is over; else the seconds after which to try again, because too many are waiting already.

        """
        wait = max(self._count(address), self._of_name(name) if name else 0.0)
        if not wait:
            return 0
        if self._held[address] >= HELD_PER_ADDRESS or self._held.total() >= HELD_AT_ONCE:
            return max(1, round(wait))
        self._held[address] += 1
        try:
            await _sleep(wait)
        finally:
            self._held[address] -= 1
            if not self._held[address]:
                del self._held[address]
        return 0

    def weight(self, address: str, name: str) -> float:
        """Return how many wrong passwords from an address and for a name are still remembered, in total."""
        now = self._clock()
        own, of_name = self._wrong.get(address, (0.0, now)), self._names.get(name, (0.0, now))
        return self._left(own, now, FREE_GUESSES) + self._left(of_name, now, FREE_GUESSES)

    def _of_name(self, name: str) -> float:
        """Count a wrong password for a name, known or not; return how many seconds its answer waits."""
        now = self._clock()
        count = self._left(self._names.pop(name, (0.0, now)), now, FREE_GUESSES) + 1
        self._names[name] = (count, now)
        if len(self._names) > MOST_KEYS:
            self._names.pop(next(iter(self._names)))
        return _wait(count, FREE_GUESSES)

    def _count(self, address: str) -> float:
        """Count a wrong password; return how many seconds its answer waits."""
        now = self._clock()
        own = self._left(self._wrong.pop(address, (0.0, now)), now, FREE_GUESSES) + 1
        self._wrong[address] = (own, now)
        if len(self._wrong) > MOST_KEYS:
            self._wrong.pop(next(iter(self._wrong)))
        every = self._left(self._all, now, FREE_GUESSES_OF_ALL) + 1
        self._all = (every, now)
        return max(_wait(own, FREE_GUESSES), _wait(every, FREE_GUESSES_OF_ALL))

    def _left(self, counted: tuple[float, float], now: float, free: int) -> float:
        """Return how many wrong passwords are still remembered; bounded, so that forgetting them does not take long."""
        count, since = counted
        return min(free + _DOUBLINGS, max(0.0, count - (now - since) / SECONDS_PER_GUESS))


def _wait(count: float, free: int) -> float:
    return 0.0 if count <= free else min(float(LONGEST_WAIT), _FIRST_WAIT * 2.0 ** (count - free - 1))
