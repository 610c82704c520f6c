"""Lists: the model's words choose among the sources' sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import RAG, Settings, prompts
from rag.composing import Composition, Piece, settled
from rag.composing.pointed import parts, pointed, repeats
from rag.grounding.anchoring import Anchor
from rag.grounding.reader import Bearing
from rag.types import EvidenceSentence
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ARTICLE = (
    "# Die Werft in Auheim\n\n"
    "Die Werft in Auheim baut Fähren aus Aluminium. Die Werft in Auheim liegt am Wasser. Zu den Schiffen der Werft in "
    "Auheim gehört die Nordstern. In Auheim lief auch die Seerose vom Stapel. Die Werft in Auheim gehört der Stadt. "
    "Der Lachs im Wasser vor der Werft in Auheim ist selten. Die Werft in Auheim hat zwei Hallen und einen Kran.\n"
)


@pytest.fixture
def made(tmp_path: Path) -> RAG:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "werft.md").write_text(ARTICLE, encoding="utf-8")
    rag = RAG(Settings(corpus=folder, index=tmp_path / "i"), embedder=HashingEmbedder(), engine=ScriptedEngine("x"))
    rag.sync()
    return rag


def says(rag: RAG, *pieces: str) -> ScriptedEngine:
    engine = rag._models._engine
    assert isinstance(engine, ScriptedEngine)
    engine.pieces = pieces
    return engine


def test_a_list_is_what_the_model_points_at_in_its_order(made: RAG) -> None:
    says(made, "- Seerose\n", "- Nordstern\n")
    answer = made.ask("Nenne alle Schiffe der Werft in Auheim.", kind="list")
    assert [one.text for one in answer.sentences] == [
        "In Auheim lief auch die Seerose vom Stapel.",
        "Zu den Schiffen der Werft in Auheim gehört die Nordstern.",
    ]
    assert [[one.text[a:b] for a, b in one.emphasis] for one in answer.sentences] == [["Seerose"], ["Nordstern"]]
    assert all(one.wording == "source" for one in answer.sentences)


class Pointing:
    """A reader that knows which sentence it wants."""

    def judge(self, query: object, evidence: object) -> None:
        return None

    def bearings(self, query: object, sentences: list[EvidenceSentence]) -> list[Bearing]:
        return [Bearing(9.0 if "Seerose" in one.text else -9.0, 0.5) for one in sentences]


def test_the_model_reads_what_the_reader_finds_likeliest_and_not_much_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    near = " ".join(
        f"Nahe der Werft in Auheim waren im Jahr {1950 + number} alle Schiffe bekannt, wie die Zeitung in einem "
        f"langen Bericht über Nummer {number} schrieb."
        for number in range(30)
    )
    (folder / "werft.md").write_text(f"# Werft\n\n{near} In Auheim liegt heute die alte Seerose.\n", encoding="utf-8")
    engine = ScriptedEngine("Seerose", confirms=lambda read: "Seerose" in read)
    rag = RAG(
        Settings(corpus=folder, index=tmp_path / "i"), embedder=HashingEmbedder(), engine=engine, reader=Pointing()
    )
    rag.sync()
    answer = rag.ask("Nenne alle Schiffe der Werft in Auheim.", kind="list")
    assert "In Auheim liegt heute die alte Seerose." in [one.text for one in answer.sentences]
    read = [line.removeprefix("- ") for line in engine.page.splitlines() if line.startswith("- ")]
    assert 700 < sum(map(len, read)) <= 1000 + len(read)


def test_where_the_model_points_at_nothing_the_nearest_stay(made: RAG) -> None:
    says(made, "Quantencomputer, Zauberberg")
    answer = made.ask("Nenne alle Schiffe der Werft in Auheim.", kind="list")
    assert len(answer.sentences) == 3


def sentence(number: int, score: float) -> EvidenceSentence:
    return EvidenceSentence("a.md", 100 * number, 100 * number + 50, "x" * 50, "", score)


@pytest.mark.parametrize(
    ("pointed_at", "shown"),
    [([3], [3, 0]), ([0], [0, 1]), ([3, 2], [3, 2]), ([3, 2, 1], [3, 2, 1]), ([], [0, 1, 2])],
)
def test_a_list_of_one_is_filled_up_with_what_surely_bears_on_the_question(
    pointed_at: list[int], shown: list[int]
) -> None:
    read = [sentence(0, 0.5), sentence(1, 0.46), sentence(2, 0.3), sentence(3, 0.2)]
    pieces = tuple(Piece(one, chance=chance) for one, chance in zip(read, (0.9, 0.6, 0.3, 0.2), strict=True))
    composition = Composition(pieces, (1, 1), read=tuple(read))
    found = settled(composition, [Anchor(number, 0, 50, 1.0) for number in pointed_at])
    assert [one.sentence for one in found] == [read[number] for number in shown]


@pytest.mark.parametrize(
    ("pointed_at", "shown"),
    [([3], [3, 0, 1]), ([0], [0, 1]), ([3, 2], [3, 2, 0, 1]), ([1, 0], [1, 0]), ([], [0, 1, 2])],
)
def test_what_the_reader_is_sure_of_stays_beside_what_the_model_points_at(
    pointed_at: list[int], shown: list[int]
) -> None:
    read = [sentence(0, 0.5), sentence(1, 0.46), sentence(2, 0.3), sentence(3, 0.2)]
    pieces = tuple(Piece(one, chance=chance) for one, chance in zip(read, (0.9, 0.41, 0.39, 0.2), strict=True))
    composition = Composition(pieces, (1, 1), answers=0.9, read=tuple(read))
    found = settled(composition, [Anchor(number, 0, 50, 1.0) for number in pointed_at])
    assert [one.sentence for one in found] == [read[number] for number in shown]


def test_nothing_doubtful_fills_a_list_up() -> None:
    read = [sentence(0, 0.5), sentence(1, 0.3)]
    pieces = tuple(Piece(one, chance=chance) for one, chance in zip(read, (0.9, 0.4), strict=True))
    composition = Composition(pieces, (1, 1), read=tuple(read))
    assert [one.sentence for one in settled(composition, [Anchor(0, 0, 50, 1.0)])] == [read[0]]


def test_a_model_that_repeats_itself_is_stopped(made: RAG) -> None:
    engine = says(made, *["- Nordstern\n"] * 50)
    answer = made.ask("Nenne alle Schiffe der Werft in Auheim.", kind="list")
    assert "Nordstern" in answer.sentences[0].text
    assert engine.yielded == 2
    assert engine.closed.is_set()


def test_of_a_list_all_items_are_asked_for_and_of_a_fact_one(made: RAG) -> None:
    asked: list[tuple[str, int]] = []

    class Recording(ScriptedEngine):
        def stream(self, ending: str, *, max_tokens: int) -> Iterator[str]:
            asked.append((ending.strip(), max_tokens))
            return super().stream(ending, max_tokens=max_tokens)

    made._models._engine = Recording("Nordstern")
    made.ask("Nenne alle Schiffe der Werft in Auheim.", kind="list", fresh=True)
    made.ask("Welches Schiff gehört der Werft in Auheim?", kind="fact", fresh=True)
    (of_list, room_of_list), (of_fact, room_of_fact) = asked
    assert of_fact == prompts.ANSWER["de"] != of_list
    assert room_of_list > room_of_fact


def test_where_the_sources_do_not_answer_the_model_writes_nothing(made: RAG) -> None:
    engine = says(made, "Nordstern")
    engine.confirms = False
    assert made.ask("Nenne alle Schiffe der Werft in Auheim.", kind="list").abstained
    assert engine.yielded == 0


@pytest.mark.parametrize(
    ("draft", "found"),
    [
        ("Gesundheitswesen, Logistik und Fertigung", ["Gesundheitswesen", "Logistik", "Fertigung"]),
        ("1. Der Preis stieg. 2. Der Bedarf sank.", ["Der Preis stieg.", "Der Bedarf sank."]),
        ("* Ascend 910B\n* Ascend 910B\n", ["Ascend 910B"]),
        ("6 US-Dollar; 4,5 Millionen", ["6 US-Dollar", "4,5 Millionen"]),
        (" - \n,", []),
        ("", []),
    ],
)
def test_a_draft_has_parts(draft: str, found: list[str]) -> None:
    assert parts(draft) == found


@given(st.text(max_size=300))
def test_parts_of_any_draft_stand_in_it_and_differ(draft: str) -> None:
    found = parts(draft)
    assert all(part in draft for part in found)
    assert len(set(found)) == len(found)


@given(st.lists(st.from_regex(r"[a-z]{4,9}", fullmatch=True), min_size=1, max_size=8))
def test_only_what_was_said_before_is_a_repetition(words: list[str]) -> None:
    draft = "\n".join(words) + "\n"
    assert repeats(draft) == (len(set(words)) < len(words))


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1), st.integers(0, 30), st.integers(1, 9))))
def test_each_sentence_is_pointed_at_once_with_its_words_in_order(places: list[tuple[int, float, int, int]]) -> None:
    read = [EvidenceSentence("a.md", 100 * i, 100 * i + 50, "x" * 50, "", 0.5) for i in range(4)]
    anchors = [Anchor(i, 0, 50, share, ((start, start + length),)) for i, share, start, length in places]
    found = pointed([*anchors, None], read)
    starts = [one.sentence.start for one in found]
    assert len(set(starts)) == len(starts)
    for piece in found:
        edges = [edge for pair in piece.words for edge in pair]
        assert edges == sorted(set(edges))
