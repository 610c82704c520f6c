"""Who is told how far work has come: the callback of the block around it, whatever stands between."""

from __future__ import annotations

import threading

import pytest

from index.progress import counted, tell, told


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
