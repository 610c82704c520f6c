"""Answers of several sentences are read a second time: by the language model's states, where it has any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import RAG
from rag.composing.bearing import answered_anew, weighed_anew
from rag.composing.pieces import Candidate
from rag.grounding.reader import Bearing
from rag.grounding.state_reader import StateReading
from rag.types import Delta, EvidenceReady, EvidenceSentence, Finished
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Sequence

QUESTION = "Was wird am Hafen von Talheim erweitert?"


class First:
    """A small reader that is as sure of everything as it is told to be."""

    def __init__(self, odds: float) -> None:
        self._odds = odds

    def judge(self, query: object, evidence: object) -> None:
        return None

    def bearings(self, query: object, sentences: list[EvidenceSentence]) -> list[Bearing]:
        return [Bearing(self._odds, self._odds) for _ in sentences]


class Second:
    """A second reader to which the sentences with a word belong into the answer."""

    def __init__(self, word: str = "", answers: float = 6.0) -> None:
        self._word = word
        self._answers = answers
        self.read_of: list[EvidenceSentence] = []

    def read(self, question: str, kind: str, sentences: Sequence[EvidenceSentence]) -> StateReading:
        self.read_of = list(sentences)
        return StateReading(tuple(8.0 if self._word in one.text else -8.0 for one in sentences), self._answers)


def asking(made: RAG, first: float, second: Second) -> RAG:
    engine = ScriptedEngine("zwölf Millionen Euro")
    return RAG(made.settings, embedder=HashingEmbedder(), engine=engine, reader=First(first), second_reader=second)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["explanation", "comparison", "timeline"])
def test_both_readers_say_whether_the_articles_answer(made: RAG, kind: Any) -> None:
    for first, second, there in ((2.0, 6.0, True), (2.0, -6.0, False), (-1.0, 6.0, True), (-2.0, -6.0, False)):
        answer = asking(made, first, Second(answers=second)).ask(QUESTION, kind=kind)
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
    second = Second("no sentence has this", answers=-6.0)
    events = list(asking(made, 2.0, second).stream(QUESTION, kind="explanation"))
    kinds = [type(event) for event in events]
    assert kinds[0] is EvidenceReady
    assert Delta in kinds
    assert isinstance(events[-1], Finished)
    assert events[-1].answer.abstained
    unsure = list(asking(made, -2.0, second).stream(QUESTION, kind="explanation"))
    assert Delta not in [type(event) for event in unsure]


def some(chances: Sequence[float]) -> list[Candidate]:
    return [
        Candidate(EvidenceSentence("a.md", 9 * n, 9 * n + 5, "Hallo", "A", 0.5), np.zeros(2, np.float32), chance=chance)
        for n, chance in enumerate(chances)
    ]


CHANCES = st.lists(st.floats(1e-5, 1 - 1e-5), min_size=1, max_size=12)


@given(CHANCES, st.data())
def test_a_surer_second_reader_makes_a_sentence_likelier(chances: list[float], data: st.DataObject) -> None:
    bears = data.draw(st.lists(st.floats(-9, 9), min_size=len(chances), max_size=len(chances)))
    number = data.draw(st.integers(0, len(chances) - 1))
    more = [value + 1 if place == number else value for place, value in enumerate(bears)]
    read = range(len(chances))
    before, after = weighed_anew(some(chances), read, bears), weighed_anew(some(chances), read, more)
    assert after[number].chance > before[number].chance
    assert [one.chance for n, one in enumerate(after) if n != number] == [
        one.chance for n, one in enumerate(before) if n != number
    ]


@given(CHANCES, st.lists(st.floats(-9, 9), min_size=1, max_size=12))
def test_what_was_not_read_is_as_the_least_likely_that_was(chances: list[float], bears: list[float]) -> None:
    read = list(range(min(len(chances), len(bears))))
    said = bears[: len(read)]
    found = weighed_anew(some(chances), read, said)
    full = [*said, *[min(said)] * (len(chances) - len(read))]
    assert [one.chance for one in found] == [
        one.chance for one in weighed_anew(some(chances), range(len(chances)), full)
    ]


@given(st.floats(0.001, 0.999), st.floats(-9, 9))
def test_whether_the_articles_answer_grows_with_each_reader(answers: float, states: float) -> None:
    chance = answered_anew(answers, states)
    assert 0 < chance < 1
    assert answered_anew(answers, states + 0.5) > chance
    assert answered_anew(min(0.9995, answers * 1.0005), states) > chance
