"""Memory that threads have freed goes back to the system, but only after something was answered."""

from __future__ import annotations

import threading
import time

import psutil
import pytest

from ui.operating.memory import Returning, trimmer


def test_it_is_given_back_after_requests_alone() -> None:
    times: list[float] = []
    answered = 0
    with Returning(lambda: answered, lambda: times.append(0), seconds=0.01):
        time.sleep(0.1)
        assert times == []
        for number in (1, 2):
            answered = number
            end = time.monotonic() + 20
            while len(times) < number and time.monotonic() < end:
                time.sleep(0.01)
            time.sleep(0.05)
            assert len(times) == number
    answered = 3
    time.sleep(0.05)
    assert len(times) == 2


@pytest.mark.skipif(trimmer() is None, reason="a C library that gives back by itself")
def test_what_many_threads_have_freed_is_given_back() -> None:
    kept: list[bytes] = []
    together = threading.Barrier(8)

    def work() -> None:
        pieces = [b"x" * 20_000 for _ in range(250)]
        together.wait(30)
        kept.extend(pieces[::50])  # the memory between them is then free, but not at the end of a heap

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    process = psutil.Process()
    before = process.memory_info().rss
    with Returning(lambda: 1, seconds=0.01):
        end = time.monotonic() + 20
        while process.memory_info().rss > before - 15_000_000 and time.monotonic() < end:
            time.sleep(0.02)
    assert process.memory_info().rss <= before - 15_000_000
    assert len(kept) == 40
