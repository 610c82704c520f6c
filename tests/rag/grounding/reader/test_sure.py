"""What is answered by the small reader alone, and what is left to the language model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag.grounding.reader import SURE, Judgement
from rag.pipeline import Pipeline
from rag.pipeline.gates import OpenGate
from rag.pipeline.stages import EvidenceJudge, NoReader
from rag.settings import Settings
from rag.types import EvidenceReady, Finished, Likely, SentenceChecked
from tests.rag.building import synced
from tests.rag.fakes import ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rag.types import Answer, EvidenceSentence, Query

QUESTION = "Wie viel will der Chiphersteller Cambricon aufnehmen?"
SHOWN = "Der Chiphersteller Cambricon will 4 Milliarden Yuan aufnehmen."
AMOUNT = "4 Milliarden Yuan"


class Judge:
    """Points at the amount with a given probability; ``apart`` is its lead over the other sentences."""

    def __init__(self, probability: float, *, apart: float | None = None) -> None:
        self._probability = probability
        self._apart = apart
        self.asked: list[str] = []

    def judge(self, query: Query, evidence: Sequence[EvidenceSentence]) -> Judgement | None:
        self.asked.append(query.standalone)
        number = next(i for i, one in enumerate(evidence) if AMOUNT in one.text)
        start = evidence[number].text.index(AMOUNT)
        odds = () if self._apart is None else tuple(self._apart * (i == number) for i in range(len(evidence)))
        return Judgement(number, start, start + len(AMOUNT), self._probability, 5.0, odds)


class Unused(ScriptedEngine):
    """A language model that must not be asked."""

    def read(self, messages: object) -> object:
        raise AssertionError("the language model was asked")


def answer_of(event: object) -> Answer:
    assert isinstance(event, Finished)
    return event.answer


def test_where_the_reader_is_sure_the_language_model_is_not_asked(corpus: Path, index_dir: Path) -> None:
    events = list(synced(corpus, index_dir, Unused("x"), stages={"reader": Judge(SURE)}).stream(QUESTION))
    assert [type(event) for event in events] == [EvidenceReady, SentenceChecked, Finished]
    answer = answer_of(events[-1])
    assert (answer.text, answer.abstained, answer.generated, answer.models["llm"]) == (SHOWN, False, False, "")
    assert [SHOWN[start:end] for start, end in answer.sentences[0].emphasis] == [AMOUNT]
    assert answer.citations[0].quote == SHOWN
    timings = answer.timings
    assert timings.first_token_ms is not None
    assert timings.first_evidence_ms <= timings.first_token_ms <= timings.total_ms


def test_where_it_is_not_the_language_model_decides(corpus: Path, index_dir: Path) -> None:
    unsure = Judge(SURE - 0.01)
    refused = synced(corpus, index_dir, ScriptedEngine("x", confirms=False), stages={"reader": unsure}).ask(QUESTION)
    assert refused.abstained
    answered = synced(corpus, index_dir, ScriptedEngine(AMOUNT), stages={"reader": unsure}).ask(QUESTION)
    assert (answered.text, answered.generated) == (SHOWN, True)


@pytest.mark.parametrize("confirms", [True, False])
def test_of_what_stands_out_the_language_model_says_only_whether_it_answers(
    corpus: Path, index_dir: Path, *, confirms: bool
) -> None:
    engine = ScriptedEngine("x", confirms=confirms)
    answer = synced(corpus, index_dir, engine, stages={"reader": Judge(SURE - 0.01, apart=20.0)}).ask(QUESTION)
    assert (answer.abstained, len(engine.asked), engine.yielded) == (not confirms, 1, 0)
    if confirms:
        assert (answer.text, answer.generated) == (SHOWN, True)
        assert [SHOWN[start:end] for start, end in answer.sentences[0].emphasis] == [AMOUNT]
        assert answer.confidence is not None


def test_the_models_words_are_weighed_with_what_the_reader_says(corpus: Path, index_dir: Path) -> None:
    unsure = Judge(SURE - 0.01, apart=1.0)
    engine = ScriptedEngine("die Entwicklung von KI-Chips")
    answer = synced(corpus, index_dir, engine, stages={"reader": unsure}).ask(QUESTION)
    assert answer.text.endswith("Das Geld fließt in die Entwicklung von KI-Chips.")
    surer = Judge(SURE - 0.01, apart=4.0)
    engine = ScriptedEngine("die Entwicklung von KI-Chips")
    # With this lead the sentence stands out, and the model writes nothing.
    assert synced(corpus, index_dir, engine, stages={"reader": surer}).ask(QUESTION).text == SHOWN


def test_the_model_reads_what_the_reader_finds_likeliest(corpus: Path, index_dir: Path) -> None:
    engine = ScriptedEngine(AMOUNT)
    synced(corpus, index_dir, engine, stages={"reader": Judge(SURE - 0.01, apart=1.0)}).ask(QUESTION)
    plain = ScriptedEngine(AMOUNT)
    synced(corpus, index_dir, plain, stages={"reader": Judge(SURE - 0.01)}).ask(QUESTION)
    [read], [whole] = ([messages[-1].content for messages in one.asked] for one in (engine, plain))
    assert AMOUNT in read
    assert len(read) < len(whole)


def test_what_it_doubts_is_not_likely(corpus: Path, index_dir: Path) -> None:
    events = list(synced(corpus, index_dir, ScriptedEngine("x"), stages={"reader": Judge(0.1)}).stream(QUESTION))
    assert not any(isinstance(event, Likely) for event in events)


def test_what_it_is_sure_of_stands_at_every_strictness(corpus: Path, index_dir: Path) -> None:
    rag = synced(corpus, index_dir, Unused("x"), stages={"reader": Judge(SURE)})
    assert rag.ask(QUESTION, strictness=1.0).text == SHOWN


def test_who_brings_a_gate_has_it_asked() -> None:
    assert isinstance(Pipeline.of(Settings(), ScriptedEngine("x")).reader, EvidenceJudge)
    assert isinstance(Pipeline.of(Settings(), ScriptedEngine("x"), {"gate": OpenGate()}).reader, NoReader)
    both = Pipeline.of(Settings(), ScriptedEngine("x"), {"gate": OpenGate(), "reader": Judge(1.0)})
    assert isinstance(both.reader, Judge)


@pytest.mark.parametrize("question", ["Wie viel will Cambricon aufnehmen, und wann will Cambricon das tun?"])
def test_each_thing_asked_is_judged(corpus: Path, index_dir: Path, question: str) -> None:
    judge = Judge(1.0)
    answer = synced(corpus, index_dir, Unused("x"), stages={"reader": judge}).ask(question)
    assert len(judge.asked) == 2
    assert answer.text == SHOWN
