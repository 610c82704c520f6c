"""A thread that waits for others waits less if they take turns more often."""

from __future__ import annotations

import sys
import threading
import time

from ui.operating.turns import quick_turns


def handed_over(times: int = 8) -> float:
    """Return the seconds that it takes to hand over to another thread and back, ``times`` times."""
    there, back = threading.Event(), threading.Event()

    def answer() -> None:
        for _ in range(times):
            there.wait(30)
            there.clear()
            back.set()

    other = threading.Thread(target=answer)
    other.start()
    began = time.perf_counter()
    for _ in range(times):
        there.set()
        back.wait(30)
        back.clear()
    other.join()
    return time.perf_counter() - began


def test_a_request_waits_less_for_threads_that_compute() -> None:
    ended = threading.Event()

    def compute() -> None:
        while not ended.is_set():
            sum(range(1000))

    busy = [threading.Thread(target=compute) for _ in range(4)]
    for thread in busy:
        thread.start()
    before = sys.getswitchinterval()
    try:
        usual = min(handed_over() for _ in range(2))
        with quick_turns():
            quick = min(handed_over() for _ in range(2))
    finally:
        ended.set()
        for thread in busy:
            thread.join()
    assert sys.getswitchinterval() == before
    assert quick < 0.6 * usual
