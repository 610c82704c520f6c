"""Answers of several sentences are read a second time with the language model's states, if it provides them."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import RAG, Settings
from rag.composing.bearing import answered_by_both, weighed_again, worth_showing
from rag.composing.pieces import Candidate
from rag.grounding.state_reader import StateReader, StateReading
from rag.pipeline.kind import KindGuesser
from rag.pipeline.stages import NoSecondReader
from rag.types import Delta, EvidenceReady, EvidenceSentence, Finished, SentenceChecked
from tests.rag.composing.made import Reading
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rag.kinds import Kind
    from rag.retrieval.view import View
    from rag.types import Query

QUESTION = "Was wird am Hafen von Talheim erweitert?"


class Second:
    """A second reader that puts only sentences with a given word into the answer."""

    def __init__(self, word: str = "", answers: float = 6.0) -> None:
        self._word = word
        self._answers = answers
        self.read_of: list[EvidenceSentence] = []

    def read(self, question: str, kind: str, sentences: Sequence[EvidenceSentence]) -> StateReading:
        self.read_of = list(sentences)
        return StateReading(tuple(8.0 if self._word in one.text else -8.0 for one in sentences), self._answers)


def asking(made: RAG, first: float, second: Second) -> RAG:
    engine = ScriptedEngine("zwölf Millionen Euro")
    return RAG(made.settings, embedder=HashingEmbedder(), engine=engine, reader=Reading(first), second_reader=second)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["explanation", "comparison", "timeline"])
def test_both_readers_say_whether_the_articles_answer(made: RAG, kind: Any) -> None:
    for first, second, there in ((2.0, 6.0, True), (2.0, -6.0, False), (-1.0, 6.0, True), (-2.0, -6.0, False)):
        answer = asking(made, first, Second("" if second > 0 else "no sentence has this", second)).ask(
            QUESTION, kind=kind
        )
        assert answer.abstained != there
        assert answer.generated == there


def test_what_the_second_reader_finds_is_shown_and_is_among_the_evidence(made: RAG) -> None:
    second = Second()
    asking(made, 0.5, second).ask(QUESTION, kind="explanation")
    last = second.read_of[-1].text
    answer = asking(made, 0.5, Second(last)).ask(QUESTION, kind="explanation")
    assert [one.text for one in answer.sentences if one.role == "answer"] == [last]
    shown = {(one.path, one.start) for one in answer.citations}
    assert shown <= {(one.path, one.start) for one in answer.evidence}


def test_what_the_first_reader_finds_is_on_screen_before(made: RAG) -> None:
    seen = threading.Event()

    class Waiting(Second):
        def read(self, question: str, kind: str, sentences: Sequence[EvidenceSentence]) -> StateReading:
            assert seen.wait(20)
            return super().read(question, kind, sentences)

    events = []
    for event in asking(made, 2.0, Waiting("no sentence has this", answers=-6.0)).stream(QUESTION, kind="explanation"):
        events.append(event)
        if isinstance(event, Delta):
            seen.set()
    assert isinstance(events[0], EvidenceReady)
    assert sum(isinstance(event, EvidenceReady) for event in events) == 1
    assert isinstance(events[-1], Finished)
    assert events[-1].answer.abstained


def test_what_the_first_reader_thinks_is_not_answered_is_not_on_screen_before(made: RAG) -> None:
    events = list(asking(made, -2.0, Second(answers=6.0)).stream(QUESTION, kind="explanation"))
    first = next(number for number, event in enumerate(events) if isinstance(event, SentenceChecked))
    assert not any(isinstance(event, Delta) for event in events[:first])


@pytest.mark.parametrize("kind", ["explanation", "comparison", "timeline", "list"])
def test_long_sentences_that_are_cited_are_among_the_evidence(tmp_path: Path, kind: Any) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for number in range(12):
        words = " ".join(f"Kran{number}{place} hebt Container" for place in range(24))
        text = f"Der Hafen von Talheim wird erweitert, {words}. Der Hafen ruht, {words}."
        (folder / f"{number}.md").write_text(f"# Hafen {number}\n\n{text}\n", encoding="utf-8")
    rag = RAG(
        Settings(corpus=folder, index=tmp_path / "index"),
        embedder=HashingEmbedder(),
        engine=ScriptedEngine("Kran"),
        reader=Reading(3.0),
        second_reader=Second("Der Hafen"),  # type: ignore[arg-type]
    )
    answer = rag.ask(QUESTION, kind=kind)
    assert answer.citations
    assert {(one.path, one.start) for one in answer.citations} <= {(one.path, one.start) for one in answer.evidence}


class InDoubt(KindGuesser):
    """Classifies every question as an explanation, but is not sure."""

    def guess(self, query: Query, view: View) -> tuple[Kind, bool]:
        return "explanation", True


@pytest.mark.parametrize(("first", "asked_twice"), [(2.0, True), (-2.0, False)])
def test_what_may_be_a_fact_is_asked_as_one_where_the_second_reader_says_no(
    made: RAG, first: float, asked_twice: bool
) -> None:
    second = Second("no sentence has this", answers=-6.0)
    rag = asking(made, first, second)
    rag._pipeline = replace(rag._pipeline, kinds=InDoubt())
    events = list(rag.stream(QUESTION))
    answer = events[-1].answer
    assert bool(second.read_of) == asked_twice
    assert answer.kind == "fact"
    assert not answer.abstained
    assert sum(isinstance(event, EvidenceReady) for event in events) == 1
    # No part of the explanation was shown and then withdrawn.
    assert sum(isinstance(event, Delta) for event in events) <= 1
    assert answer.searched is None
    assert {(one.path, one.start) for one in answer.citations} <= {(one.path, one.start) for one in answer.evidence}


def some(chances: Sequence[float]) -> list[Candidate]:
    return [
        Candidate(EvidenceSentence("a.md", 9 * n, 9 * n + 5, "Hallo", "A", 0.5), np.zeros(2, np.float32), chance=chance)
        for n, chance in enumerate(chances)
    ]


def said(bears: Sequence[float]) -> dict[tuple[str, int], float]:
    return {("a.md", 9 * number): value for number, value in enumerate(bears)}


CHANCES = st.lists(st.floats(0.01, 0.99), min_size=1, max_size=12)


@given(CHANCES, st.data())
def test_a_surer_second_reader_makes_a_sentence_likelier(chances: list[float], data: st.DataObject) -> None:
    bears = data.draw(st.lists(st.floats(-5, 5), min_size=len(chances), max_size=len(chances)))
    number = data.draw(st.integers(0, len(chances) - 1))
    more = [value + 1 if place == number else value for place, value in enumerate(bears)]
    before, after = weighed_again(some(chances), said(bears)), weighed_again(some(chances), said(more))
    assert after[number].chance > before[number].chance
    assert [one.chance for n, one in enumerate(after) if n != number] == [
        one.chance for n, one in enumerate(before) if n != number
    ]


@given(st.floats(0.15, 0.9), st.floats(-9, 9))  # lower chances rise a little for both
def test_what_was_not_read_gains_nothing_by_what_was(chance: float, bears: float) -> None:
    read, unread = weighed_again(some([chance, chance]), said([bears]))
    assert unread.chance <= read.chance
    assert unread.chance < chance


@given(st.floats(0, 1), st.floats(-1e6, 1e6))
def test_no_word_is_too_sure(answers: float, states: float) -> None:
    assert 0 < answered_by_both(answers, states) < 1
    (one,) = weighed_again(some([answers]), said([states]))
    assert 0 < one.chance < 1
    assert worth_showing([one], 1) == [one]


@given(st.floats(0.01, 0.99), st.floats(-5, 5))  # log odds are bounded beyond this range
def test_whether_the_articles_answer_grows_with_each_reader(answers: float, states: float) -> None:
    chance = answered_by_both(answers, states)
    assert answered_by_both(answers, states + 0.5) > chance
    assert answered_by_both(min(0.9995, answers * 1.0005), states) > chance


def test_small_networks_alone_may_be_wanted(made: RAG) -> None:
    for reader, wanted in (("auto", StateReader), ("small", NoSecondReader), ("off", NoSecondReader)):
        settings = made.settings.model_copy(
            update={"answering": made.settings.answering.model_copy(update={"reader": reader})}
        )
        stage = RAG(settings, embedder=HashingEmbedder(), engine=ScriptedEngine("x"))._pipeline.second_reader
        assert isinstance(stage, wanted)
