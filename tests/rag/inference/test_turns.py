from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import BusyError, RagError
from rag.inference.queued import QueuedEngine
from rag.inference.run import Run, StoppedError
from rag.inference.turns import FairQueue, Turn
from tests.rag.fakes import LookedAt, ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def order_of(clients: Sequence[str]) -> list[tuple[str, int]]:
    """Return the order in which clients are served if they arrive in the given order while the only slot is taken."""
    queue = FairQueue(bound=4 * len(clients))
    served: list[tuple[str, int]] = []
    queue.enter("first")

    def wait(client: str, number: int) -> None:
        queue.enter(client)
        served.append((client, number))
        queue.leave()

    threads = []
    for number, client in enumerate(clients):
        threads.append(threading.Thread(target=wait, args=(client, number)))
        threads[-1].start()
        until(lambda: queue.waiting == len(threads))
    queue.leave()
    for thread in threads:
        thread.join()
    return served


def test_one_who_asks_much_does_not_keep_the_others_waiting() -> None:
    assert order_of("aaaabc") == [("a", 0), ("b", 4), ("c", 5), ("a", 1), ("a", 2), ("a", 3)]


@given(st.lists(st.sampled_from("abc"), max_size=9))
def test_all_are_served_once_each_clients_oldest_first_and_no_client_twice_while_another_waits(
    clients: list[str],
) -> None:
    served = order_of(clients)
    assert sorted(number for _, number in served) == list(range(len(clients)))
    for client in set(clients):
        numbers = [number for one, number in served if one == client]
        assert numbers == sorted(numbers)
    for at, (client, _) in enumerate(served[1:], start=1):
        if served[at - 1][0] == client:
            assert {one for one, _ in served[at:]} == {client}


def test_beyond_the_bound_it_is_busy_and_says_how_many_wait() -> None:
    queue = FairQueue(bound=2)
    queue.enter("a")
    threads = [threading.Thread(target=queue.enter, args=(name,)) for name in "bc"]
    for thread in threads:
        thread.start()
    until(lambda: queue.waiting == 2)
    with pytest.raises(BusyError, match=r"2 questions are already waiting\. Try again") as caught:
        queue.enter("d")
    assert isinstance(caught.value, RagError)
    assert caught.value.waiting == 2
    for _ in range(3):
        queue.leave()
    for thread in threads:
        thread.join()
    queue.enter("d")


def test_a_client_may_not_fill_the_queue_alone() -> None:
    queue = FairQueue(bound=8)
    queue.enter("a")
    threads = [threading.Thread(target=queue.enter, args=("greedy",)) for _ in range(2)]
    for thread in threads:
        thread.start()
    until(lambda: queue.waiting == 2)
    with pytest.raises(BusyError):
        queue.enter("greedy")
    other = threading.Thread(target=queue.enter, args=("modest",))
    other.start()
    until(lambda: queue.waiting == 3)
    for _ in range(4):
        queue.leave()
    for thread in (*threads, other):
        thread.join()


def test_who_stops_waiting_gives_up_the_place() -> None:
    queue = FairQueue()
    queue.enter("a")
    stopped = threading.Event()
    raised: list[Exception] = []

    def wait() -> None:
        try:
            with LookedAt(stopped.is_set).current():
                queue.enter("b")
        except StoppedError as error:
            raised.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    until(lambda: queue.waiting == 1)
    stopped.set()
    thread.join(5)
    assert raised
    assert queue.waiting == 0
    queue.leave()
    queue.enter("c")


def test_several_slots_are_filled_before_anybody_waits() -> None:
    queue = FairQueue(slots=3, bound=0)
    for name in "abc":
        queue.enter(name)
    with pytest.raises(BusyError):
        queue.enter("d")
    queue.leave()
    queue.enter("d")


def test_who_has_been_served_once_is_not_refused_in_the_middle() -> None:
    queue = FairQueue(bound=0)
    turn = Turn(queue, "a")
    turn.take()
    turn.take()  # it already has a turn
    turn.end()
    turn.end()
    queue.enter("b")
    again = threading.Thread(target=turn.take)
    again.start()
    until(lambda: queue.waiting == 1)
    queue.leave()
    again.join(5)
    assert not again.is_alive()


def test_a_turn_that_came_to_one_who_was_interrupted_goes_to_the_next() -> None:
    queue = FairQueue(slots=1, bound=4)
    queue.enter("holder")
    asked = threading.Event()

    def interrupted() -> bool:
        if not asked.is_set():  # the turn arrives just before this client checks
            asked.set()
            queue.leave()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), LookedAt(interrupted).current():
        queue.enter("notebook")
    with LookedAt(lambda: True).current():
        queue.enter("next")  # gets it at once, without waiting


def test_who_reads_states_has_a_turn_and_gives_it_back_whatever_happens() -> None:
    queue = FairQueue(slots=1, bound=4)

    class Failing:
        fingerprint = "failing"
        failing = True

        def states(self, parts: list[str]) -> list[int]:
            if self.failing:
                raise StoppedError
            return [len(part) for part in parts]

    engine = Failing()
    queued = QueuedEngine(lambda: engine, queue)  # type: ignore[arg-type, return-value]
    with Run("anna").current():
        for _ in range(3):
            with pytest.raises(StoppedError):
                queued.states(["a"])
        engine.failing = False
        assert queued.states(["a", "bc"]) == [1, 2]  # type: ignore[comparison-overlap]
    assert queue.waiting == 0
    plain = QueuedEngine(lambda: ScriptedEngine("x"), queue)
    assert plain.states(["a"]) is None
