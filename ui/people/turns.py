"""
Compare passwords one at a time, starting with the senders who had the fewest wrong ones before.

A comparison takes a processor and much memory, so only one is made at a time, and a crowd of guesses forms a queue.
A guesser has been wrong before; somebody who has not need not wait behind a guesser, even if the queue is full: then
the one with the most wrong guesses is told to come back later.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field

from ui.limits import HELD_PER_ADDRESS, MOST_COMPARED


@dataclass(slots=True, eq=False)
class _Turn:
    weight: float
    number: int
    address: str
    called: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def place(self) -> tuple[float, int]:
        return self.weight, self.number


class Turns:
    """The queue; used within one event loop."""

    def __init__(self) -> None:
        self._is_taken = False
        self._waiting: list[_Turn] = []
        self._numbers = itertools.count()

    async def take(self, address: str, weight: float) -> bool:
        """
        Wait for a turn; whoever gets one must end it with `leave`.

        Parameters
        ----------
        address
            Address of the sender.
        weight
            Number of wrong passwords held against the sender; the lowest goes first, and of equals the earliest.

        Returns
        -------
        bool
            False if there is no room to wait.

        """
        if not self._is_taken:
            self._is_taken = True
            return True
        if not self._make_room(address, weight):
            return False
        turn = _Turn(weight, next(self._numbers), address)
        self._waiting.append(turn)
        try:
            return await turn.called
        except asyncio.CancelledError:
            if turn in self._waiting:
                self._waiting.remove(turn)
            elif turn.called.done() and not turn.called.cancelled() and turn.called.result():
                self.leave()
            raise

    def leave(self) -> None:
        """End a turn, and let the next one begin."""
        self._forget_gone()
        if not self._waiting:
            self._is_taken = False
            return
        following = min(self._waiting, key=lambda one: one.place)
        self._waiting.remove(following)
        following.called.set_result(True)

    def _forget_gone(self) -> None:
        """Drop those whose requests were given up but that have not yet left the queue themselves."""
        self._waiting = [one for one in self._waiting if not one.called.done()]

    def _make_room(self, address: str, weight: float) -> bool:
        """Tell whether there is room, if need be by sending away somebody with a higher weight."""
        self._forget_gone()
        same = [one for one in self._waiting if one.address == address]
        crowd = same if len(same) >= HELD_PER_ADDRESS else self._waiting if len(self._waiting) >= MOST_COMPARED else []
        if not crowd:
            return True
        last = max(crowd, key=lambda one: one.place)
        if last.weight <= weight:
            return False
        self._waiting.remove(last)
        last.called.set_result(False)
        return True
