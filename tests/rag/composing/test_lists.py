"""Lists: the sentences that belong in the answer, with the answering words emphasised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rag import RAG, Settings
from rag.evaluation.keeping.watching import WatchedReader
from rag.grounding.reader import Bearing
from rag.grounding.reader.scoring import SentenceScore
from rag.grounding.state_reader import StateReading
from rag.pipeline.stages import EvidenceJudge, NoReader, words_of
from rag.types import Delta, EvidenceSentence, Query, SentenceChecked
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

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

    def __init__(self, *, finds: bool = True) -> None:
        self._finds = finds
        self.asked = 0

    def judge(self, query: object, evidence: object) -> None:
        return None

    def words(self, query: object, sentence: EvidenceSentence) -> tuple[int, int] | None:
        self.asked += 1
        begin = next((sentence.text.index(ship) for ship in SHIPS if ship in sentence.text), None)
        return None if begin is None or not self._finds else (begin, sentence.text.index(".", begin) + 1)

    def bearings(self, query: object, sentences: Sequence[EvidenceSentence]) -> list[Bearing]:
        return [Bearing(9.0 if any(ship in one.text for ship in SHIPS) else -9.0, 6.0) for one in sentences]


def built(tmp_path: Path, reader: Any, engine: ScriptedEngine | None = None) -> RAG:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "werft.md").write_text(ARTICLE, encoding="utf-8")
    settings = Settings(corpus=folder, index=tmp_path / "i")
    rag = RAG(settings, embedder=HashingEmbedder(), engine=engine or ScriptedEngine("nichts"), reader=reader)
    rag.sync()
    return rag


def asked(tmp_path: Path, reader: Any, kind: Any = "list") -> tuple[Any, ScriptedEngine]:
    engine = ScriptedEngine("nichts")
    return built(tmp_path, reader, engine).ask(QUESTION, kind=kind), engine


def test_the_words_that_answer_are_set_off_without_marks_and_no_model_writes(tmp_path: Path) -> None:
    answer, engine = asked(tmp_path, Knowing())
    assert {one.text for one in answer.sentences} == {
        "Zu den Schiffen der Werft in Auheim gehört die Nordstern.",
        "In Auheim lief auch die Seerose vom Stapel.",
    }
    assert {one.text[a:b] for one in answer.sentences for a, b in one.emphasis} == {"Nordstern", "Seerose vom Stapel"}
    assert all(one.wording == "source" for one in answer.sentences)
    assert engine.asked == []
    assert not answer.generated


def test_of_people_the_words_that_answer_are_set_off(made: RAG) -> None:
    class Naming(Knowing):
        def words(self, query: object, sentence: EvidenceSentence) -> tuple[int, int] | None:
            begin = sentence.text.find("Otto Brand")
            return None if begin < 0 else (begin, begin + len("Otto Brand"))

    rag = RAG(made.settings, embedder=HashingEmbedder(), engine=ScriptedEngine("nichts"), reader=Naming())
    answer = rag.ask("Welche Personen werden genannt, und welche Rolle haben sie?", kind="list")
    assert [one.text[a:b] for one in answer.sentences for a, b in one.emphasis] == ["Otto Brand"]


def test_what_the_second_reading_chooses_has_its_words_set_off(tmp_path: Path) -> None:
    class Second:
        def read(self, question: str, kind: str, sentences: Sequence[EvidenceSentence]) -> StateReading:
            return StateReading(tuple(9.0 if SHIPS[1] in one.text else -9.0 for one in sentences), 6.0)

    rag = built(tmp_path, Knowing())
    again = RAG(
        rag.settings,
        embedder=HashingEmbedder(),
        engine=ScriptedEngine("nichts"),
        reader=Knowing(),  # type: ignore[arg-type]
        second_reader=Second(),  # type: ignore[arg-type]
    )
    events = list(again.stream(QUESTION, kind="list"))
    assert sum(isinstance(event, Delta) for event in events) == len(SHIPS)
    (shown,) = events[-1].answer.sentences
    assert [shown.text[a:b] for a, b in shown.emphasis] == ["Seerose vom Stapel"]


def test_nothing_is_set_off_where_the_reader_finds_no_words(tmp_path: Path) -> None:
    answer, _ = asked(tmp_path, Knowing(finds=False))
    assert len(answer.sentences) == 2
    assert not any(one.emphasis for one in answer.sentences)


@pytest.mark.parametrize(("begin", "end"), [(0, 0), (0, -1), (-1, 5), (5, 500), (9, 9), (9, 3)])
def test_neither_a_whole_sentence_is_set_off_nor_what_is_no_part_of_it(tmp_path: Path, begin: int, end: int) -> None:
    class Wrong(Knowing):
        def words(self, query: object, sentence: EvidenceSentence) -> tuple[int, int] | None:
            return begin, end if end > 0 else len(sentence.text) + end

    answer, _ = asked(tmp_path, Wrong())
    assert answer.sentences
    assert not any(one.emphasis for one in answer.sentences)


def test_words_are_set_off_as_a_whole(tmp_path: Path) -> None:
    class Cut(Knowing):
        def words(self, query: object, sentence: EvidenceSentence) -> tuple[int, int] | None:
            found = super().words(query, sentence)
            return found and (found[0] + 2, found[0] + 5)

    answer, _ = asked(tmp_path, Cut())
    assert {one.text[a:b] for one in answer.sentences for a, b in one.emphasis} == set(SHIPS)


def test_what_is_shown_at_once_are_the_words_that_stay(tmp_path: Path) -> None:
    rag = built(tmp_path, Knowing())
    events = list(rag.stream(QUESTION, kind="list"))
    provisional = [event.text for event in events if isinstance(event, Delta)]
    answer = events[-1].answer
    assert sorted(provisional) == sorted(one.text for one in answer.sentences)
    assert {event.sentence.emphasis for event in events if isinstance(event, SentenceChecked)} == {
        one.emphasis for one in answer.sentences
    }


def test_of_other_kinds_nothing_is_set_off_by_the_reader(tmp_path: Path) -> None:
    reader = Knowing()
    answer, _ = asked(tmp_path, reader, kind="explanation")
    assert answer.sentences
    assert reader.asked == 0


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


def _never() -> None:
    raise AssertionError("that its word is enough is noted of facts alone")


def test_a_sentence_is_read_by_itself_for_the_words_that_answer() -> None:
    class Scoring:
        """A network that finds the same words in each sentence."""

        def __init__(self, answers: float) -> None:
            self._answers = answers

        def read(self, question: str, evidence: Sequence[EvidenceSentence]) -> list[SentenceScore]:
            return [SentenceScore(start=3, end=7, span=1.0, answers=self._answers, share=0.5) for _ in evidence]

    one = EvidenceSentence("a.md", 0, 20, "Die Nordstern fährt.", "A", 0.5)
    query = Query(QUESTION, QUESTION, "de")
    for answers, words in ((2.0, (3, 7)), (-2.0, None)):
        stage = EvidenceJudge(lambda answers=answers: Scoring(answers))  # type: ignore[misc]
        assert words_of(stage, query, one) == words
        assert words_of(WatchedReader(stage, _never), query, one) == words
    assert words_of(NoReader(), query, one) is None
