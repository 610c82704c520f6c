"""A closed question is answered with the reader's sentence: the model only says whether there is an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import RAG
from rag.grounding.answerability import probability_of_closed
from rag.grounding.reader import Judgement
from tests.rag.building import build
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rag.types import EvidenceSentence, Query

ARTICLE = "Das Hallenbad in Rotau öffnet im Mai. Hunde bleiben im Hallenbad draußen. Der Eintritt kostet vier Euro."


class Pointing:
    """A reader that points at one sentence but is never sure."""

    def __init__(self, answers: float) -> None:
        self._answers = answers

    def judge(self, query: Query, evidence: Sequence[EvidenceSentence]) -> Judgement:
        place = next(number for number, one in enumerate(evidence) if "Hunde" in one.text)
        return Judgement(place, 0, 5, 0.3, self._answers, tuple(0.0 for _ in evidence))


@pytest.mark.parametrize(
    ("answers", "confirms", "there"), [(2.0, True, True), (2.0, False, False), (-9.0, True, False)]
)
def test_the_readers_sentence_is_shown_and_nothing_is_written(
    tmp_path: Path, answers: float, confirms: bool, there: bool
) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "bad.md").write_text(ARTICLE, encoding="utf-8")
    engine = ScriptedEngine("Nein, das ist nicht so", confirms=confirms)
    made = build(tmp_path / "articles", tmp_path / "index", engine, remembered_answers=0)
    made.sync()
    rag = RAG(made.settings, embedder=HashingEmbedder(), engine=engine, reader=Pointing(answers))
    answer = rag.ask("Dürfen Hunde ins Hallenbad?", kind="yes_no")
    assert answer.abstained != there
    assert engine.yielded == 0
    if there:
        assert [one.quote for one in answer.citations] == ["Hunde bleiben im Hallenbad draußen."]


@given(st.floats(-8, 8), st.floats(-12, 12), st.floats(0.1, 4))
def test_either_word_makes_an_answer_likelier(confirmation: float, answers: float, more: float) -> None:
    before = probability_of_closed(confirmation, answers)
    assert 0 < before < 1
    assert probability_of_closed(confirmation + more, answers) > before
    assert probability_of_closed(confirmation, answers + more) > before
