"""One thread makes the events of an answer, and one queue holds them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.inference.run import Run, current
from rag.runtime import streaming
from rag.runtime.streaming import AnswerStream
from rag.types import Delta, Event

if TYPE_CHECKING:
    from collections.abc import Iterator


def deltas(count: int) -> list[Event]:
    return [Delta(str(number)) for number in range(count)]


@given(st.integers(0, 40), st.booleans())
def test_events_come_in_order_and_an_error_after_all_of_them(count: int, fails: bool) -> None:
    def make() -> Iterator[Event]:
        yield from deltas(count)
        if fails:
            raise ValueError("broken")

    taken: list[Event] = []
    with pytest.raises(ValueError, match="broken") if fails else contextlib.nullcontext():
        taken.extend(AnswerStream(make)) if not fails else [taken.append(one) for one in AnswerStream(make)]
    assert taken == deltas(count)

    async def collect() -> None:
        async for events in AnswerStream(make).batches():
            assert events
            taken.extend(events)

    taken.clear()
    with pytest.raises(ValueError, match="broken") if fails else contextlib.nullcontext():
        asyncio.run(collect())
    assert taken == deltas(count)


def test_nothing_is_made_before_somebody_asks() -> None:
    made = threading.Event()

    def make() -> Iterator[Event]:
        made.set()
        yield Delta("1")

    stream = AnswerStream(make)
    assert not made.wait(0.05)
    assert next(stream) == Delta("1")


def test_the_maker_has_the_run_and_a_thread_of_its_own() -> None:
    run = Run("client")
    seen: list[tuple[object, str]] = []

    def make() -> Iterator[Event]:
        seen.append((current(), threading.current_thread().name))
        yield Delta("1")

    assert list(AnswerStream(make, run)) == [Delta("1")]
    assert seen == [(run, "answer")]
    assert current() is not run


def test_who_takes_nothing_stops_the_maker_at_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "_MOST_WAITING", 5)
    made: list[int] = []
    closed = threading.Event()

    def make() -> Iterator[Event]:
        try:
            for number in range(1000):
                made.append(number)
                yield Delta(str(number))
        finally:
            closed.set()

    stream = AnswerStream(make)
    next(stream)
    assert not closed.wait(0.1)
    assert len(made) <= 7
    stream.close()
    assert closed.is_set()
    assert list(stream) == []


def test_a_stream_that_nobody_holds_any_more_is_stopped() -> None:
    closed = threading.Event()
    go = threading.Event()

    def make() -> Iterator[Event]:
        try:
            while True:
                go.wait(0.01)
                current().check()
                yield Delta("x")
        finally:
            closed.set()

    stream = AnswerStream(make)
    next(stream)
    del stream
    gc.collect()
    assert closed.wait(5)


def test_who_waits_is_let_go_when_another_thread_stops_the_stream() -> None:
    held = threading.Event()

    def make() -> Iterator[Event]:
        yield Delta("1")
        held.wait(10)  # a model that does not check whether it is stopped

    stream = AnswerStream(make)
    next(stream)
    rest: list[list[Event]] = []
    reader = threading.Thread(target=lambda: rest.append(list(stream)))
    reader.start()
    stream.stop()
    reader.join(5)
    held.set()
    assert rest == [[]]


def test_leaving_the_batches_stops_the_stream() -> None:
    closed = threading.Event()

    def make() -> Iterator[Event]:
        try:
            while True:
                yield Delta("x")
        finally:
            closed.set()

    async def first() -> None:
        async with contextlib.aclosing(AnswerStream(make).batches()) as batches:
            async for _ in batches:
                return

    asyncio.run(first())
    assert closed.wait(5)
