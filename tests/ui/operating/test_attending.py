"""Each question is counted once, with its outcome, however its events are read."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import BusyError, RagError
from tests.ui.fakes import FakeRag
from ui.operating.attending import OUTCOMES, Asked, Attended, StoppingError
from ui.render.failures import explain
from ui.render.texts import DE, EN

if TYPE_CHECKING:
    from collections.abc import Iterator

QUESTION = "Wie viel Geld?"


def attended(pause: float = 0.0) -> tuple[Attended, list[Asked]]:
    ended: list[Asked] = []
    return Attended(FakeRag(pause=pause), [ended.append]), ended


@pytest.mark.parametrize(
    ("question", "outcome"),
    [
        (QUESTION, "answered"),
        ("Was ist abwesend?", "refused"),
        ("besetzt", "busy"),
        ("modelllos", "failed"),
        ("kaputt", "failed"),
    ],
)
def test_how_a_question_ends(question: str, outcome: str) -> None:
    engine, ended = attended()
    with contextlib.suppress(RagError, ZeroDivisionError):
        engine.ask(question)
    [asked] = ended
    assert asked.outcome == outcome
    assert engine.open_questions == 0
    assert ("total" in asked.seconds) == (outcome in {"answered", "refused"})
    assert all(value >= 0 for value in asked.seconds.values())
    assert question not in repr(asked)


@pytest.fixture
def little_to_collect() -> Iterator[None]:
    """Exclude earlier objects from garbage collection, which takes a second each time in a long run of tests."""
    gc.freeze()
    yield
    gc.unfreeze()


ways = st.sampled_from(["whole", "part", "close", "stop", "drop", "async", "async part", "ask", "aask"])


@pytest.mark.usefixtures("little_to_collect")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(ways, st.sampled_from([QUESTION, "abwesend", "kaputt", "besetzt"])), max_size=6))
def test_none_is_lost_and_none_is_counted_twice(asked: list[tuple[str, str]]) -> None:
    engine, ended = attended()
    for way, question in asked:
        with contextlib.suppress(RagError, ZeroDivisionError):
            read(engine, way, question)
    gc.collect()
    assert engine.wait(10)
    assert len(ended) == len(asked)
    assert {one.outcome for one in ended} <= set(OUTCOMES)


def read(engine: Attended, way: str, question: str) -> None:
    if way == "ask":
        engine.ask(question)
    elif way == "aask":
        asyncio.run(engine.aask(question))
    elif way.startswith("async"):
        asyncio.run(batched(engine, question, whole=way == "async"))
    else:
        events = engine.stream(question)
        if way == "whole":
            list(events)
        elif way in {"part", "close", "stop"}:
            next(events)
        if way == "close":
            events.close()
        elif way == "stop":
            events.stop()


async def batched(engine: Attended, question: str, *, whole: bool) -> None:
    async with contextlib.aclosing(engine.stream(question).batches()) as batches:
        async for _ in batches:
            if not whole:
                break


def test_what_is_under_way_goes_on_until_it_is_handed_back() -> None:
    engine, ended = attended()
    fake: Any = engine._engine
    fake.may_check.clear()
    first = engine.stream(QUESTION)
    next(first)
    engine.refuse()
    assert engine.is_stopping
    assert not engine.wait(0.01)
    second = engine.stream(QUESTION)  # it was accepted before
    next(second)
    engine.hand_back()
    for events in (first, second):
        with pytest.raises(StoppingError):
            list(events)
    with pytest.raises(StoppingError):
        engine.stream(QUESTION)
    fake.may_check.set()
    assert engine.wait(10)
    assert [one.outcome for one in ended] == ["handed_back"] * 3


def test_an_answer_that_was_finished_is_not_handed_back() -> None:
    engine, ended = attended()
    events = engine.stream(QUESTION)
    seen = [next(events)]
    while not ended and type(seen[-1]).__name__ != "Finished":
        seen.append(next(events))
    engine.hand_back()
    assert list(events) == []
    assert ended[0].outcome == "answered"


def test_the_end_is_told_in_the_page_s_words() -> None:
    for texts in (DE, EN):
        failure = explain(StoppingError(), texts, shared=True)
        assert (failure.state, failure.remedy) == (texts.stopping_error, texts.stopping_remedy)
        assert failure.detail


def test_what_it_does_not_answer_itself_it_passes_on() -> None:
    engine, _ = attended()
    assert [one.path for one in engine.documents()] == ["cambricon.md", "hostile.md", "allianz.md"]
    assert not hasattr(engine, "no_such_thing")
    assert BusyError(waiting=1).waiting == 1
