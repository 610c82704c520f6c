"""Timelines of whatever the articles date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.composing.chronicle import _shares, dated
from tests.rag.building import synced
from tests.rag.composing.made import quotes_are_the_sources

if TYPE_CHECKING:
    from pathlib import Path

    from rag import RAG


@pytest.mark.parametrize(
    "question", ["Was geschah wann?", "Erstelle eine Zeitleiste.", "Timeline of all events, please"]
)
def test_a_timeline_without_a_subject_is_of_all_dated_sentences_and_needs_no_model(made: RAG, question: str) -> None:
    answer = made.ask(question, kind="timeline")
    assert [one.group for one in answer.sentences if one.role == "answer"] == [
        "im Jahr 2019",
        "seit 2021",
        "im nächsten Jahr (2025)",
        "bis 2027",
    ]
    assert answer.searched == (2, 2)
    assert quotes_are_the_sources(made, answer)
    assert not answer.generated
    assert made._models._engine.asked == []  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "question",
    [
        "Was geschah wann am Hafen?",
        "Chronologie des Untergangs der Titanic",
        "Wie verlief die Expedition?",
        "Timeline of the dispute",
    ],
)
def test_a_timeline_of_something_is_not_of_everything(made: RAG, question: str) -> None:
    answer = made.ask(question, kind="timeline")
    assert answer.abstained or len(answer.sentences) != 4


def test_the_same_month_of_different_years_forms_two_groups(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for year, what in ((2023, "der Kran"), (2025, "die Mole")):
        text = f"---\ntitle: Bau {year}\ndate: {year}-01-10\n---\n\nIm September kam {what} ganz neu in den Hafen.\n"
        (folder / f"{year}.md").write_text(text, encoding="utf-8")
    text = "---\ntitle: Fest\ndate: 2023-05-10\n---\n\nIm Mai feierte der ganze Hafen ein großes Fest.\n"
    (folder / "fest.md").write_text(text, encoding="utf-8")
    answer = synced(folder, tmp_path / "index", "x").ask("Was geschah wann?", kind="timeline")
    assert [
        (one.path, sentence.group) for sentence in answer.sentences for one in [answer.citations[sentence.citations[0]]]
    ] == [
        ("2023.md", "Im September"),
        ("fest.md", "Im Mai (2023)"),
        ("2025.md", "Im September"),
    ]


def test_if_there_are_too_many_each_article_has_its_share(made: RAG) -> None:
    view = made._view()
    found = dated(view, ["hafen.md", "werft.md"], 3)
    assert [one.sentence.path for one in found] == ["hafen.md", "hafen.md", "werft.md"]
    assert dated(view, [], 3) == []


@given(st.lists(st.integers(1, 30), max_size=12), st.integers(0, 20))
def test_shares_are_as_equal_as_the_parts_allow(counts: list[int], most: int) -> None:
    shares = _shares(counts, most)
    assert sum(shares) == min(most, sum(counts))
    assert all(0 <= share <= count for share, count in zip(shares, counts, strict=True))
    unfilled = [share for share, count in zip(shares, counts, strict=True) if share < count]
    assert all(share <= least + 1 for least in unfilled for share in shares)
