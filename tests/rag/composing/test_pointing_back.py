"""A sentence that refers back follows the sentence that it refers to, in answers of every kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag import RAG, Settings
from rag.grounding.reader import Bearing
from rag.types.arrangement import units
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rag.kinds import Kind
    from rag.types import EvidenceSentence

ARTICLE = (
    "# Zwei Vereine in Auheim\n\n"
    "Der Ruderclub in Auheim hat siebzig Boote am Ufer. Seine Mitglieder zahlen neunzig Euro im Jahr.\n\n"
    "Der Segelclub in Auheim hat vierzig Jollen im Hafen. Seine Mitglieder zahlen zweihundert Euro im Jahr.\n"
)
ROWING, OF_ROWING = (
    "Der Ruderclub in Auheim hat siebzig Boote am Ufer.",
    "Seine Mitglieder zahlen neunzig Euro im Jahr.",
)
SAILING, OF_SAILING = (
    "Der Segelclub in Auheim hat vierzig Jollen im Hafen.",
    "Seine Mitglieder zahlen zweihundert Euro im Jahr.",
)


class Liking:
    """A reader that finds the given sentences relevant to every question."""

    def __init__(self, *liked: str) -> None:
        self._liked = liked

    def judge(self, query: object, evidence: object) -> None:
        return None

    def bearings(self, query: object, sentences: Sequence[EvidenceSentence]) -> list[Bearing]:
        return [Bearing(9.0 if one.text in self._liked else -9.0, 6.0) for one in sentences]


def shown(
    tmp_path: Path, kind: Kind, question: str, *liked: str, article: str = ARTICLE
) -> list[list[tuple[str, str]]]:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "vereine.md").write_text(article, encoding="utf-8")
    settings = Settings(corpus=folder, index=tmp_path / "i")
    rag = RAG(settings, embedder=HashingEmbedder(), engine=ScriptedEngine("nichts"), reader=Liking(*liked))
    rag.sync()
    answer = rag.ask(question, kind=kind)
    return [[(one.role, one.text) for one in unit] for unit in units(answer.sentences)]


@pytest.mark.parametrize("kind", ["explanation", "list", "comparison", "timeline"])
def test_what_it_points_to_is_shown_with_it(tmp_path: Path, kind: Kind) -> None:
    found = shown(tmp_path, kind, "Was zahlen die Mitglieder der Vereine in Auheim im Jahr?", OF_ROWING, OF_SAILING)
    assert sorted(found) == [
        [("context", ROWING), ("answer", OF_ROWING)],
        [("context", SAILING), ("answer", OF_SAILING)],
    ]


def test_it_follows_what_it_points_to_where_that_is_shown_too(tmp_path: Path) -> None:
    question = "Welche Vereine in Auheim haben Boote oder Jollen und was zahlen ihre Mitglieder im Jahr?"
    found = shown(tmp_path, "list", question, OF_ROWING, SAILING, OF_SAILING, ROWING)
    texts = [text for unit in found for _, text in unit]
    assert found[0] == [("answer", ROWING)] or found[0] == [("answer", SAILING)]
    assert sorted(texts) == sorted((ROWING, OF_ROWING, SAILING, OF_SAILING))  # nothing is shown twice
    assert texts.index(OF_ROWING) == texts.index(ROWING) + 1
    assert texts.index(OF_SAILING) == texts.index(SAILING) + 1
    assert {role for unit in found for role, _ in unit} == {"answer"}


def test_what_stands_before_it_is_shown_without_a_gap(tmp_path: Path) -> None:
    text = (
        "# Die Fähre von Auheim\n\n"
        "Die Reederei Nordlicht betreibt die Fähre in Auheim. Sie zahlt dem Hafen neunzig Euro. Ihre Boote fahren mit "
        "Strom. Deshalb zahlt die Stadt Auheim einen Zuschuss für die Fähre.\n"
    )
    (found,) = shown(
        tmp_path,
        "explanation",
        "Warum zahlt die Stadt Auheim einen Zuschuss für die Fähre?",
        "Deshalb zahlt die Stadt Auheim einen Zuschuss für die Fähre.",
        article=text,
    )
    assert [text for _, text in found] == [
        "Die Reederei Nordlicht betreibt die Fähre in Auheim.",
        "Sie zahlt dem Hafen neunzig Euro.",
        "Ihre Boote fahren mit Strom.",
        "Deshalb zahlt die Stadt Auheim einen Zuschuss für die Fähre.",
    ]


def test_what_stands_just_above_in_a_timeline_is_not_shown_again(tmp_path: Path) -> None:
    text = (
        "# Die Fähren von Auheim\n\n"
        "Die Reederei Nordlicht baut in Auheim bis 2027 eine Fähre. Zwei weitere Fähren folgen in Auheim bis 2029.\n"
    )
    first, second = (line for line in text.splitlines()[2].split(". ", 1))
    found = shown(
        tmp_path, "timeline", "Was baut die Reederei Nordlicht in Auheim wann?", f"{first}.", second, article=text
    )
    assert found == [[("answer", f"{first}.")], [("answer", second)]]


def test_each_side_of_a_comparison_has_what_its_sentences_point_to(tmp_path: Path) -> None:
    found = shown(tmp_path, "comparison", "Vergleiche Ruderclub und Segelclub in Auheim.", OF_ROWING, OF_SAILING)
    assert sorted(found) == [
        [("context", ROWING), ("answer", OF_ROWING)],
        [("context", SAILING), ("answer", OF_SAILING)],
    ]
