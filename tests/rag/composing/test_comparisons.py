"""Comparisons of sides that are in the articles and of sides that are not, and very long lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import RAG, Settings
from rag.composing.bearing import MOST_SHOWN
from rag.composing.compared import comparison
from rag.composing.pieces import Candidate
from rag.composing.sides import sides, speaks_of
from rag.types import EvidenceSentence
from tests.rag.building import synced
from tests.rag.composing.made import quotes_are_the_sources
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from pathlib import Path


def test_a_side_that_no_article_names_is_said(made: RAG) -> None:
    answer = made.ask("Vergleiche die Reederei Nordlicht und die Reederei Seestern.", kind="comparison")
    assert not answer.abstained
    assert answer.unanswered == ("Über Reederei Seestern steht nichts in den Artikeln.",)
    groups = {one.group: one.text for one in answer.sentences}
    assert "Reederei Nordlicht" in groups
    # A sentence that names no side belongs to no side.
    assert groups.keys() <= {"Reederei Nordlicht", ""}
    assert "Nordlicht" not in groups.get("", "")
    assert answer.to_json()["unanswered"] == list(answer.unanswered)


def test_where_no_side_is_named_there_is_no_answer_and_no_model_is_asked(made: RAG) -> None:
    answer = made.ask("Compare Siemens and Bosch.", kind="comparison")
    assert answer.abstained
    assert answer.unanswered == ("The articles say nothing about Siemens.", "The articles say nothing about Bosch.")
    assert answer.sentences == ()
    assert made._models._engine.asked == []  # type: ignore[union-attr]


def test_what_is_missing_is_said_also_where_the_rest_is_no_answer(made: RAG) -> None:
    made._models._engine.confirms = False  # type: ignore[union-attr]
    answer = made.ask("Vergleiche Talheim und Bosch.", kind="comparison")
    assert answer.abstained
    assert answer.unanswered == ("Über Bosch steht nichts in den Artikeln.",)


@pytest.mark.parametrize("side", ["TALHEIM", "Hafens", "Fähre", "Nordlicht", "Talheims"])
def test_a_side_is_there_in_any_spelling(made: RAG, side: str) -> None:
    assert made.ask(f"Vergleiche {side} und Auheim.", kind="comparison").unanswered == ()


def test_a_side_counts_only_where_the_filter_looks(made: RAG) -> None:
    answer = made.ask("Vergleiche Talheim und Auheim.", kind="comparison", filter={"since": "2024-01-01"})
    assert answer.unanswered == ("Über Auheim steht nichts in den Artikeln.",)


def test_a_comparison_with_itself_says_what_there_is(made: RAG) -> None:
    answer = made.ask("Vergleiche Talheim mit Talheim.", kind="comparison")
    assert answer.unanswered == ()
    about = [one.text for one in answer.sentences if one.group == "Talheim"]
    assert about
    assert all("Talheim" in text for text in about)
    assert {one.group for one in answer.sentences} <= {"Talheim", ""}


def test_a_comparison_of_five_things_has_a_part_for_each(made: RAG) -> None:
    five = "Talheim, Auheim, Nordlicht, Brand und Bosch"
    answer = made.ask(f"Vergleiche {five}.", kind="comparison")
    assert answer.unanswered == ("Über Bosch steht nichts in den Artikeln.",)
    groups = dict.fromkeys(one.group for one in answer.sentences)
    assert set(groups) <= {"Talheim", "Auheim", "Nordlicht", "Brand"}
    assert len(groups) > 2


def test_a_question_in_two_languages_is_answered_in_one(made: RAG) -> None:
    answer = made.ask("Vergleiche Talheim und Auheim, and what do they have in common?", kind="comparison")
    assert not answer.abstained
    assert answer.language in {"de", "en"}
    assert {"Talheim", "Auheim"} <= {one.group for one in answer.sentences}
    assert quotes_are_the_sources(made, answer)


def test_all_of_two_thousand_is_bounded_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for number in range(40):
        lines = "\n\n".join(
            f"Der Hafen Nummer {number * 50 + one} hat genau {one} Becken für große Fähren." for one in range(50)
        )
        (folder / f"hafen{number}.md").write_text(f"# Häfen {number}\n\n{lines}\n", encoding="utf-8")
    rag = RAG(Settings(corpus=folder, index=tmp_path / "i"), embedder=HashingEmbedder(), engine=ScriptedEngine("x"))
    rag.sync()
    answer = rag.ask("Nenne alle Häfen mit Becken für große Fähren.", kind="list")
    assert 1 < len(answer.sentences) <= MOST_SHOWN
    assert answer.searched is not None
    looked, there = answer.searched
    assert there == 40
    assert looked <= there
    assert len(answer.evidence) < 200


def _two_ways(tmp_path: Path) -> RAG:
    folder = tmp_path / "corpus"
    folder.mkdir()
    text = (
        "# Zwei Wege\n\nZur Wahl stehen eine Seilbahn und eine Tram.\n\n"
        "## Die Seilbahn\n\nDie Seilbahn hat sieben hohe Stützen. Sie soll in vier Jahren 62 Millionen Euro kosten.\n\n"
        "## Die Tram\n\nDie Tram hat sechs neue Haltestellen. Sie soll in neun Jahren 148 Millionen Euro kosten.\n\n"
        "## Ausblick\n\nDer Rat entscheidet im Herbst darüber.\n"
    )
    (folder / "wege.md").write_text(text, encoding="utf-8")
    rag = RAG(Settings(corpus=folder, index=tmp_path / "i"), embedder=HashingEmbedder(), engine=ScriptedEngine("x"))
    rag.sync()
    return rag


def test_a_sentence_belongs_to_the_side_that_was_named_before_it(tmp_path: Path) -> None:
    answer = _two_ways(tmp_path).ask("Vergleiche Seilbahn und Tram: Was soll sie in Euro kosten?", kind="comparison")
    sides = {one.text: one.group for one in answer.sentences}
    assert sides["Sie soll in vier Jahren 62 Millionen Euro kosten."] == "Seilbahn"
    assert sides["Sie soll in neun Jahren 148 Millionen Euro kosten."] == "Tram"


def test_what_is_asked_besides_the_sides_decides_what_is_shown_of_them(tmp_path: Path) -> None:
    answer = _two_ways(tmp_path).ask("Vergleiche Seilbahn und Tram: Was soll sie in Euro kosten?", kind="comparison")
    by_side = {side: [one.text for one in answer.sentences if one.group == side] for side in ("Seilbahn", "Tram")}
    # The likeliest sentence comes first, after the sentence that "sie" refers to.
    assert [texts[0].split()[1] for texts in by_side.values()] == ["Seilbahn", "Tram"]
    assert all("Euro" in texts[1] for texts in by_side.values())


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("Wie gehen Tencent und Baidu mit dem Mangel an Chips um?", ("Tencent", "Baidu")),
        ("Vergleiche das Gaskraftwerk, die Mühle und die Pumpe.", ("Gaskraftwerk", "Mühle", "Pumpe")),
        ("Wer ist für die Tram, wer für die Seilbahn?", ("Tram", "Seilbahn")),
        ("Was kostet die Miete in China und in den USA?", ("China", "USA")),
        ("How do Huawei's and Nvidia's systems compare?", ("Huawei", "Nvidia")),
        ("Was unterscheidet den H20 vom H100?", ("H20", "H100")),
        ("Was unterscheidet die Pläne von Kiel und Lübeck?", ("Kiel", "Lübeck")),
        ("Was kostet die Bootsmiete in Konstanz verglichen mit Bregenz?", ("Konstanz", "Bregenz")),
        ("Wie steht die Nordbahn im Vergleich zur Südbahn da?", ("Nordbahn", "Südbahn")),
        ("How does Lyon differ from Paris?", ("Lyon", "Paris")),
        ("Vergleiche die Bündnisse von Shanghai.", ()),
    ],
)
def test_sides_are_what_is_joined_and_nothing_else(question: str, named: tuple[str, ...]) -> None:
    assert sides(question) == named


def test_what_is_said_of_all_sides_may_be_said_more_than_once(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    text = "\n\n".join(f"Die Tram und die Seilbahn teilen sich beim Betrieb {what}." for what in ("Strom", "Gleise"))
    (folder / "wege.md").write_text(f"# Zwei Wege\n\n{text}\n\nDie Tram fährt.\n", encoding="utf-8")
    answer = synced(folder, tmp_path / "i").ask("Vergleiche Tram und Seilbahn beim Betrieb.", kind="comparison")
    assert [one.group for one in answer.sentences].count("Tram · Seilbahn") == 2


def test_a_side_in_the_genitive_stands_under_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    text = "Die EU plant drei neue Brücken. Die Stadt Auheim plant zwei Tunnel.\n"
    (folder / "plan.md").write_text(f"# Zwei Orte\n\n{text}", encoding="utf-8")
    answer = synced(folder, tmp_path / "i").ask(
        "Wie unterscheiden sich die Pläne der EU und Auheims?", kind="comparison"
    )
    assert [one.group for one in answer.sentences] == ["EU", "Auheim"]


def test_a_side_is_known_by_the_words_of_it_that_stand_there(made: RAG) -> None:
    answer = made.ask("Vergleiche die Häfen Talheim und Auheim.", kind="comparison")
    assert {one.group for one in answer.sentences} >= {"Häfen Talheim", "Auheim"}


@pytest.mark.parametrize(
    ("side", "text"),
    [
        ("Bauernverbands", "Der Bauernverband klagt."),
        ("Tencent", "Tencents Chef."),
        ("Baidu", "Der Baidu-Chef."),
        ("Eike Harms", "Laut Eike Harms lohnt es."),
    ],
)
def test_a_side_is_named_in_any_case(side: str, text: str) -> None:
    assert speaks_of(text, side)
    assert not speaks_of("Nichts davon steht hier.", side)


@given(st.text(max_size=40), st.text(max_size=200))
def test_whether_a_text_speaks_of_a_side_can_be_asked_of_any(side: str, text: str) -> None:
    assert speaks_of(text, side) in (True, False)


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("Diese Pläne ändern viel.", "Bosch · Opel"),
        ("Das Wetter bleibt schlecht.", ""),
        ("Bei Opel dauert es länger.", "Opel"),
    ],
)
def test_what_points_back_to_both_sides_is_about_both(text: str, group: str) -> None:
    sentence = EvidenceSentence("a.md", 0, len(text), text, 1.0, "A")
    one = Candidate(sentence, np.zeros(2, np.float32), before=("Bosch und Opel haben Pläne.",), chance=0.9)
    assert [piece.group for piece in comparison([one], [one], ["Bosch", "Opel"])] == [group]
