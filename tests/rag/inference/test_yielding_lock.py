"""A lock that lets others through between two pieces of work."""

from __future__ import annotations

import threading

import pytest

from rag.inference.yielding_lock import YieldingLock


def test_whoever_waits_comes_between_two_pieces() -> None:
    lock = YieldingLock()
    order: list[str] = []
    first, waits = threading.Event(), threading.Event()

    def long_work() -> None:
        for piece in range(200):
            with lock:
                order.append("piece")
                if piece == 0:
                    first.set()
                    assert waits.wait(10)
            lock.give_way()

    def short_work() -> None:
        assert first.wait(10)
        waits.set()
        with lock:
            order.append("question")

    threads = [threading.Thread(target=work) for work in (long_work, short_work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(order) == 201
    assert order.index("question") < 200


def test_it_is_free_after_an_error_and_gives_way_to_nobody_at_once() -> None:
    lock = YieldingLock()
    for _ in range(2):
        with pytest.raises(ValueError, match="broke off"), lock:
            raise ValueError("broke off")
        lock.give_way()
    entered = threading.Event()
    with lock:
        entered.set()
    assert entered.is_set()
