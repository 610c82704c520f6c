"""Lists: the sentences that belong into the answer, with the words that answer set off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rag import RAG, Settings
from rag.grounding.reader import Bearing
from rag.grounding.reader.judging import Judgement
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rag.types import EvidenceSentence

ARTICLE = (
    "# Die Werft in Auheim\n\n"
    "Die Werft in Auheim baut Fähren aus Aluminium. Die Werft in Auheim liegt am Wasser. Zu den Schiffen der Werft in "
    "Auheim gehört die Nordstern. In Auheim lief auch die Seerose vom Stapel. Die Werft in Auheim gehört der Stadt. "
    "Der Lachs im Wasser vor der Werft in Auheim ist selten. Die Werft in Auheim hat zwei Hallen und einen Kran.\n"
)
QUESTION = "Nenne alle Schiffe der Werft in Auheim."
SHIPS = ("Nordstern", "Seerose")


class Knowing:
    """A reader that knows the ships."""

    def __init__(self, answers: float = 3.0, mark: str = "") -> None:
        self._answers = answers
        self._mark = mark
        self.judged = 0

    def judge(self, query: object, evidence: Sequence[EvidenceSentence]) -> Judgement | None:
        self.judged += 1
        (one,) = evidence
        name = next((ship for ship in SHIPS if ship in one.text), one.text)
        begin = one.text.index(name)
        return Judgement(0, begin, begin + len(name + self._mark), 0.9, self._answers)

    def bearings(self, query: object, sentences: Sequence[EvidenceSentence]) -> list[Bearing]:
        return [Bearing(9.0 if any(ship in one.text for ship in SHIPS) else -9.0, 6.0) for one in sentences]


def asked(tmp_path: Path, reader: Any, kind: Any = "list") -> tuple[Any, ScriptedEngine]:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "werft.md").write_text(ARTICLE, encoding="utf-8")
    engine = ScriptedEngine("nichts")
    rag = RAG(Settings(corpus=folder, index=tmp_path / "i"), embedder=HashingEmbedder(), engine=engine, reader=reader)
    rag.sync()
    return rag.ask(QUESTION, kind=kind), engine


@pytest.mark.parametrize("mark", ["", " "])
def test_the_words_that_answer_are_set_off_and_no_model_writes(tmp_path: Path, mark: str) -> None:
    answer, engine = asked(tmp_path, Knowing(mark=mark))
    assert {one.text for one in answer.sentences} == {
        "Zu den Schiffen der Werft in Auheim gehört die Nordstern.",
        "In Auheim lief auch die Seerose vom Stapel.",
    }
    assert {one.text[a:b] for one in answer.sentences for a, b in one.emphasis} == set(SHIPS)
    assert all(one.wording == "source" for one in answer.sentences)
    assert engine.asked == []
    assert not answer.generated


def test_nothing_is_set_off_where_the_reader_finds_no_words(tmp_path: Path) -> None:
    answer, _ = asked(tmp_path, Knowing(answers=-1.0))
    assert len(answer.sentences) == 2
    assert not any(one.emphasis for one in answer.sentences)


def test_a_whole_sentence_is_not_set_off(tmp_path: Path) -> None:
    class Whole(Knowing):
        def judge(self, query: object, evidence: Sequence[EvidenceSentence]) -> Judgement | None:
            return Judgement(0, 0, len(evidence[0].text), 0.9, 3.0)

    answer, _ = asked(tmp_path, Whole())
    assert not any(one.emphasis for one in answer.sentences)


def test_of_other_kinds_nothing_is_set_off_by_the_reader(tmp_path: Path) -> None:
    reader = Knowing()
    answer, _ = asked(tmp_path, reader, kind="explanation")
    assert answer.sentences
    assert reader.judged == 0


def test_without_a_reader_the_language_model_says_whether_the_articles_answer(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "werft.md").write_text(ARTICLE, encoding="utf-8")
    for confirms in (True, False):
        engine = ScriptedEngine("Nordstern", confirms=confirms)
        rag = RAG(Settings(corpus=folder, index=tmp_path / "i"), embedder=HashingEmbedder(), engine=engine)
        rag.sync()
        answer = rag.ask(QUESTION, kind="list")
        assert answer.abstained != confirms
        assert engine.yielded == 0
