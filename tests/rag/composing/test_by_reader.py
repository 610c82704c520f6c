"""Answers of several sentences: the small reader chooses them and decides whether the articles answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rag import RAG, Settings
from rag.composing.bearing import worth_showing
from rag.composing.compared import comparison
from rag.composing.pieces import Candidate, Piece
from rag.grounding.reader import Bearing
from rag.types import EvidenceSentence
from tests.rag.composing.made import Reading
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ["explanation", "list", "comparison", "timeline"])
@pytest.mark.parametrize("confirms", [True, False])
def test_the_reader_alone_says_whether_the_articles_answer(made: RAG, kind: Any, confirms: bool) -> None:
    engine = ScriptedEngine("zwölf Millionen Euro", confirms=confirms)
    for odds, there in ((6.0, True), (0.2, True), (-1.0, False), (-6.0, False)):
        rag = RAG(made.settings, embedder=HashingEmbedder(), engine=engine, reader=Reading(odds))
        answer = rag.ask("Was wird am Hafen von Talheim erweitert?", kind=kind)
        assert answer.abstained != there
        assert not answer.generated


def test_the_strictness_says_how_sure_the_reader_must_be(made: RAG) -> None:
    rag = RAG(made.settings, embedder=HashingEmbedder(), engine=ScriptedEngine("zwölf"), reader=Reading(0.0))
    question = "Was wird am Hafen von Talheim erweitert?"
    assert not rag.ask(question, kind="explanation", strictness=0.7).abstained
    assert rag.ask(question, kind="explanation", strictness=0.9).abstained


class Favouring:
    """A reader that puts only sentences with a given word into the answer."""

    def __init__(self, word: str) -> None:
        self._word = word

    def judge(self, query: object, evidence: object) -> None:
        return None

    def bearings(self, query: object, sentences: list[EvidenceSentence]) -> list[Bearing]:
        return [Bearing(6.0 if self._word in one.text else -6.0, 6.0) for one in sentences]


def test_a_summary_has_what_belongs_into_it_by_the_reader(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    plain = [f"Der Turm von Auheim hat im Stock {number} ein Fenster nach Süden." for number in range(20)]
    text = " ".join([*plain, "Danach wurde die Pappel am Ufer gefällt."])
    (folder / "turm.md").write_text(f"# Der Turm von Auheim\n\n{text}\n", encoding="utf-8")
    engine = ScriptedEngine("x")
    for word, there in (("Pappel", True), ("Fenster", False)):
        rag = RAG(
            Settings(corpus=folder, index=tmp_path / word),
            embedder=HashingEmbedder(),
            engine=engine,
            reader=Favouring(word),
        )
        answer = rag.ask("Fasse den Artikel über den Turm von Auheim zusammen.", kind="summary")
        assert any("Pappel" in one.text for one in answer.sentences) == there
        assert sum(one.role == "answer" for one in answer.sentences) == 6


@pytest.mark.parametrize("kind", ["explanation", "comparison", "timeline"])
@pytest.mark.parametrize("word", ["Hafenmeister", "Lachs"])
def test_the_first_of_an_answer_is_what_belongs_into_it_by_the_reader(made: RAG, kind: Any, word: str) -> None:
    rag = RAG(made.settings, embedder=HashingEmbedder(), engine=ScriptedEngine("x"), reader=Favouring(word))
    answer = rag.ask("Was geschah am Hafen von Talheim?", kind=kind)
    assert any(word in one.text for one in answer.sentences)


def choice(*chances: float) -> list[Candidate]:
    return [
        Candidate(
            EvidenceSentence("a.md", 100 * number, 100 * number + 50, f"Satz {number} über {side}.", "", 0.5),
            np.zeros(3, np.float32),
            chance=chance,
        )
        for number, (chance, side) in enumerate(
            zip(chances, ("Ulm", "Bonn", "Ulm und Bonn", "Essen", "Jena"), strict=False)
        )
    ]


@pytest.mark.parametrize(
    ("chances", "shown"),
    [
        ((0.7, 0.6, 0.5, 0.45), 4),
        ((0.95, 0.5, 0.3, 0.2), 2),
        ((0.95, 0.3, 0.3, 0.2), 1),  # far behind the best
        ((0.3, 0.25, 0.1, 0.1), 2),
        ((0.1, 0.02), 1),
    ],
)
def test_reasons_are_as_many_as_are_likely(chances: tuple[float, ...], shown: int) -> None:
    assert len(worth_showing(choice(*chances))) == shown


def test_what_has_to_be_shown_before_a_sentence_counts_with_it() -> None:
    some, others = choice(0.6, 0.1, 0.5, 0.1, 0.4), choice(0.6, 0.1, 0.05, 0.1, 0.7)
    pointing = {200: some[1].sentence, 400: some[2].sentence}

    def context(sentence: EvidenceSentence) -> tuple[EvidenceSentence, ...]:
        return (pointing[sentence.start],) if sentence.start in pointing else ()

    def starts(found: list[Candidate]) -> list[int]:
        return [one.sentence.start for one in found]

    assert starts(worth_showing(some)) == [0, 200, 400]
    assert starts(worth_showing(some, context=context)) == [0, 200, 400]  # 200 comes before 400 anyway
    assert starts(worth_showing(others, context=context)) == [400, 0]
    assert starts(worth_showing(choice(0.6, 0.1, 0.3, 0.1))) == [0, 200]
    assert starts(worth_showing(choice(0.6, 0.1, 0.3, 0.1), context=context)) == [0]


def compared(*chances: float) -> list[Piece]:
    some = choice(*chances)
    return comparison(worth_showing(some), some, ("Bonn", "Ulm"))


def test_the_sides_of_a_comparison_come_first_then_several_then_none() -> None:
    pieces = compared(0.5, 0.4, 0.9, 0.6, 0.1)
    assert [one.group for one in pieces] == ["Bonn", "Ulm", "Bonn · Ulm", ""]
    assert [one.sentence.start for one in pieces] == [100, 0, 200, 300]


def test_a_side_that_has_nothing_likely_gets_its_likeliest() -> None:
    assert {one.group for one in compared(0.8, 0.1)} == {"Ulm", "Bonn"}
    assert {one.group for one in compared(0.8, 0.01)} == {"Ulm"}


def test_who_always_wants_an_answer_gets_one_in_spite_of_the_reader(made: RAG) -> None:
    rag = RAG(made.settings, embedder=HashingEmbedder(), engine=ScriptedEngine("zwölf"), reader=Reading(-6.0))
    question = "Was wird am Hafen von Talheim erweitert?"
    assert rag.ask(question, kind="explanation").abstained
    assert rag.ask(question, kind="explanation", strictness=0.0).sentences


@pytest.mark.parametrize("in_doubt", [True, False])
def test_what_may_be_a_fact_is_looked_for_as_one_before_it_is_refused(
    made: RAG, monkeypatch: pytest.MonkeyPatch, in_doubt: bool
) -> None:
    monkeypatch.setattr("rag.pipeline.kind.KindGuesser.guess", lambda *_: ("list", in_doubt))
    engine = ScriptedEngine("zwölf Millionen Euro")
    rag = RAG(made.settings, embedder=HashingEmbedder(), engine=engine, reader=Reading(-6.0))
    answer = rag.ask("Wie viel zahlt die Reederei Nordlicht?")
    assert (answer.kind, answer.abstained) == (("fact", False) if in_doubt else ("list", True))
