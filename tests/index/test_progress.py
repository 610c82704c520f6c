"""Progress is reported to the callback of the enclosing block, whatever code is in between."""

from __future__ import annotations

import threading

import pytest

from index.progress import Pace, counted, duration, tell, told


def test_what_is_done_in_a_block_is_told_to_its_callback_and_nobody_else() -> None:
    outer: list[tuple[str, int, int]] = []
    inner: list[tuple[str, int, int]] = []
    tell("nobody hears", 0, 0)
    with told(lambda *step: outer.append(step)):
        tell("a", 1, 2)
        with told(lambda *step: inner.append(step)):
            tell("b", 1, 1)
        with told(None):
            tell("a", 2, 2)
    tell("nobody hears", 1, 1)
    assert (outer, inner) == ([("a", 1, 2), ("a", 2, 2)], [("b", 1, 1)])


def test_a_part_counts_within_the_whole() -> None:
    steps: list[tuple[str, int, int]] = []
    with told(lambda *step: steps.append(step)):
        for before, count in ((0, 3), (3, 5)):
            with counted(lambda done, _, before=before: (before + done, 8)):  # type: ignore[misc]
                tell("embedding", count, count)
    assert steps == [("embedding", 3, 8), ("embedding", 8, 8)]


def test_another_thread_tells_nobody() -> None:
    steps: list[object] = []
    with told(lambda *step: steps.append(step)):
        thread = threading.Thread(target=tell, args=("a", 1, 1))
        thread.start()
        thread.join()
    assert steps == []


def test_a_callback_that_raises_ends_the_work_and_is_told_no_more() -> None:
    def refuse(_description: str, _done: int, _total: int, /) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), told(refuse):
        tell("a", 1, 2)
    tell("a", 2, 2)


def test_the_pace_is_that_of_the_last_minute() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    assert pace.after(0, 1000) is None
    now = 1.0
    assert pace.after(20, 1000) is None  # too early for an estimate
    now = 4.0
    assert pace.after(80, 1000) == (20.0, 46.0)
    for step in range(100):  # slower from here on
        now = 5.0 + step
        pace.after(80 + step, 1000)
    rate, left = pace.after(179, 1000) or (0.0, 0.0)
    assert (round(rate), round(left)) == (1, 821)
    assert pace.after(1000, 1000) is None
    assert pace.after(3, 1000) is None  # the work started again


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (59.4, "59 s"), (61, "1 min"), (3540, "59 min"), (3599, "1 h 0 min"), (7800, "2 h 10 min")],
)
def test_a_time_ahead_is_said_as_people_do(seconds: float, words: str) -> None:
    assert duration(seconds) == words
