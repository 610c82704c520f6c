"""Several users, one model: turns, stopping, answers from memory, and asyncio."""

from __future__ import annotations

import asyncio
import threading
from contextlib import aclosing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from index.errors import BusyError, ModelError, RagError
from rag.client import RAG
from rag.inference.run import current
from rag.settings import Settings
from rag.types import Delta, EvidenceReady, Finished, Likely
from tests.rag.building import synced
from tests.rag.fakes import HashingEmbedder, ScriptedEngine
from tests.rag.inference.test_turns import until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rag.inference import Message

QUESTION = "Wie viel will der Chiphersteller Cambricon aufnehmen?"
RIGHT = "Der Chiphersteller Cambricon will 4 Milliarden Yuan aufnehmen."
OTHER = "Welchen Beschleuniger liefert Huawei aus?"


class HeldEngine(ScriptedEngine):
    """Waits for `go` before each piece; with `reading`, reads its prompt until `go` is set or it is stopped."""

    def __init__(self, *pieces: str, reading: bool = False) -> None:
        super().__init__(*pieces)
        self.go = threading.Event()
        self.reading = threading.Event()
        self.reads = reading
        self.busy = 0
        self.most_at_once = 0
        self.before_piece = lambda: self.go.wait(10)

    @contextmanager
    def read(self, messages: Sequence[Message]) -> Iterator[ScriptedEngine]:
        self.reading.set()
        self.busy += 1
        try:
            while self.reads and not self.go.wait(0.01):
                current().check()
        finally:
            self.busy -= 1
        with super().read(messages) as reading:
            yield reading

    def stream(self, ending: str, *, max_tokens: int) -> Iterator[str]:
        self.busy += 1
        self.most_at_once = max(self.most_at_once, self.busy)
        try:
            yield from super().stream(ending, max_tokens=max_tokens)
        finally:
            self.busy -= 1


def test_twenty_who_ask_at_once_all_get_their_answer_one_after_the_other(corpus: Path, index_dir: Path) -> None:
    engine = HeldEngine(RIGHT)
    rag = synced(corpus, index_dir, engine, remembered_answers=0)
    answers: list[str] = []
    evidence = threading.Semaphore(0)

    def ask() -> None:
        for event in rag.stream(QUESTION):
            if isinstance(event, EvidenceReady):
                evidence.release()
            if isinstance(event, Finished):
                answers.append(event.answer.text)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for _ in threads:  # all get their evidence while the first answer is still waiting
        assert evidence.acquire(timeout=10)
    assert answers == []
    assert rag.search("Ascend", k=1)
    engine.go.set()
    for thread in threads:
        thread.join(30)
    assert answers == [RIGHT] * 20
    assert engine.most_at_once == 1


def test_who_comes_when_the_queue_is_full_has_the_evidence_and_is_told(corpus: Path, index_dir: Path) -> None:
    engine = HeldEngine(RIGHT)
    rag = synced(corpus, index_dir, engine, max_waiting=0)
    first = threading.Thread(target=rag.ask, args=(QUESTION,))
    first.start()
    assert engine.reading.wait(10)
    stream = rag.stream(QUESTION)
    assert isinstance(next(stream), EvidenceReady)
    with pytest.raises(BusyError):
        # Likely answers do not need a turn of the model either.
        assert all(isinstance(event, Likely) for event in stream)
    engine.go.set()
    first.join(10)
    assert rag.ask(OTHER, strictness=0.0)  # the queue has room again


def test_a_slow_reader_keeps_nobody_waiting(corpus: Path, index_dir: Path) -> None:
    rag = synced(corpus, index_dir, ScriptedEngine("Cambricon ", RIGHT))
    slow = rag.stream(QUESTION, fresh=True)
    assert any(isinstance(event, Delta) for event in slow)  # the reader then takes no more events
    assert not rag.ask(QUESTION, fresh=True).abstained
    slow.close()


def test_closing_from_another_thread_ends_reading(corpus: Path, index_dir: Path) -> None:
    engine = HeldEngine(RIGHT, reading=True)
    rag = synced(corpus, index_dir, engine)
    stream = rag.stream(QUESTION)
    events: list[object] = []
    thread = threading.Thread(target=lambda: events.extend(stream))
    thread.start()
    assert engine.reading.wait(10)
    stream.close()
    thread.join(5)
    assert not thread.is_alive()
    assert [type(event) for event in events] in (
        [EvidenceReady, Likely],
        [EvidenceReady],
        [],
    )  # events that were not fetched are dropped
    assert next(stream, None) is None
    engine.go.set()
    assert not rag.ask(QUESTION).abstained  # the stopped answer was not remembered, and the model is free


def test_closing_while_it_waits_for_its_turn_gives_up_the_place(corpus: Path, index_dir: Path) -> None:
    engine = HeldEngine(RIGHT)
    rag = synced(corpus, index_dir, engine)
    first = threading.Thread(target=rag.ask, args=(QUESTION,))
    first.start()
    assert engine.reading.wait(10)
    stream = rag.stream(QUESTION)
    second = threading.Thread(target=list, args=(stream,))
    second.start()
    until(lambda: rag._models.queue.waiting == 1)
    stream.close()
    second.join(5)
    assert not second.is_alive()
    assert rag._models.queue.waiting == 0
    engine.go.set()
    first.join(10)
    assert len(engine.asked) == 1


def test_the_same_question_is_answered_from_memory_with_timings_of_its_own(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine("Cambricon will 4 Milliarden ", "Yuan aufnehmen.")
    rag = synced(corpus, index_dir, engine)
    first, again = list(rag.stream(QUESTION)), list(rag.stream(QUESTION))
    assert len(engine.asked) == 1
    assert again[:-1] == first[:-1]
    answers = [events[-1].answer for events in (first, again)]  # type: ignore[union-attr]
    assert replace(answers[0], timings=answers[1].timings) == answers[1]
    times = answers[1].timings
    assert times != answers[0].timings
    assert 0 <= times.first_evidence_ms <= times.first_token_ms <= times.total_ms
    assert not rag.ask(QUESTION, fresh=True).abstained
    assert len(engine.asked) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"history": [("Wer baut Chips?", "Cambricon.")]},
        {"filter": {"source": "IT-Markt"}},
        {"strictness": 0.4},
        {"k": 2},
    ],
)
def test_what_an_answer_depends_on_tells_it_from_another(corpus: Path, index_dir: Path, changed: Any) -> None:
    engine = ScriptedEngine(RIGHT)
    rag = synced(corpus, index_dir, engine)
    rag.ask(QUESTION)
    rag.ask(QUESTION, **changed)
    assert len(engine.asked) == 2


def test_after_a_change_of_the_articles_nothing_comes_from_memory(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine(RIGHT)
    rag = synced(corpus, index_dir, engine)
    rag.ask(QUESTION)
    (corpus / "neu.md").write_text("# Neu\n\nZürich baut.\n", encoding="utf-8")
    rag.sync()
    rag.ask(QUESTION)
    assert len(engine.asked) == 2


def test_what_was_asked_for_longest_ago_is_forgotten(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine(RIGHT)
    rag = synced(corpus, index_dir, engine, remembered_answers=2)
    for strictness in (0.1, 0.2, 0.1, 0.3, 0.1):
        rag.ask(QUESTION, strictness=strictness)
    assert len(engine.asked) == 3
    rag.ask(QUESTION, strictness=0.2)
    assert len(engine.asked) == 4


def test_a_failed_answer_is_not_remembered(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine(RIGHT, error=RuntimeError("broken"))
    rag = synced(corpus, index_dir, engine)
    with pytest.raises(RuntimeError):
        rag.ask(QUESTION)
    engine.error = None
    assert rag.ask(QUESTION).text == RIGHT


def test_the_twins_for_asyncio_give_the_same(corpus: Path, index_dir: Path) -> None:
    rag = synced(corpus, index_dir, ScriptedEngine(RIGHT))

    async def run() -> None:
        assert [type(event) async for event in rag.astream(QUESTION)] == [type(event) for event in rag.stream(QUESTION)]
        assert (await rag.aask(QUESTION)).text == RIGHT
        assert await rag.asearch("Ascend", k=2) == rag.search("Ascend", k=2)
        with pytest.raises(RagError, match="Strictness"):
            await rag.aask(QUESTION, strictness=2)

    asyncio.run(run())


def test_cancelling_a_task_stops_the_model(corpus: Path, index_dir: Path) -> None:
    engine = HeldEngine(RIGHT, reading=True)
    rag = synced(corpus, index_dir, engine)

    async def run() -> None:
        async with aclosing(rag.astream(QUESTION)) as events:
            async for event in events:
                assert isinstance(event, EvidenceReady)
                break
        task = asyncio.create_task(rag.aask(QUESTION))
        await asyncio.to_thread(engine.reading.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    until(lambda: engine.busy == 0)
    assert engine.yielded == 0


def test_opening_with_a_warm_up_loads_both_models_behind_the_callers_back(
    corpus: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, embedder = ScriptedEngine(RIGHT), HashingEmbedder()
    monkeypatch.setattr("rag.runtime.model_pool.language_model", lambda *_, **__: None)
    monkeypatch.setattr("rag.runtime.model_pool.resolve_embedding", lambda *_, **__: None)
    monkeypatch.setattr("rag.runtime.model_pool.create_engine", lambda *_: engine)
    monkeypatch.setattr("rag.runtime.model_pool.create_embedder", lambda *_: embedder)
    rag = RAG.open(corpus, index=index_dir, warm_up=True)
    until(lambda: bool(engine.asked))
    assert rag.ask(QUESTION).text == RIGHT
    rag.warm_up()
    assert len(engine.asked) == 2  # one warm-up and one question


def test_a_model_that_cannot_be_loaded_is_told_to_who_needs_it_and_to_nobody_else(
    corpus: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ModelError("There is no such model.")

    monkeypatch.setattr("rag.runtime.model_pool.language_model", fail)
    rag = RAG(Settings(corpus=corpus, index=index_dir), embedder=HashingEmbedder())
    stream = rag.stream(QUESTION)
    assert isinstance(next(stream), EvidenceReady)
    assert isinstance(next(stream), Likely)
    with pytest.raises(ModelError, match="no such model"):
        next(stream)
    assert rag.search("Ascend", k=1)
