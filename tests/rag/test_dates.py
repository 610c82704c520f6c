from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from index.documents import date_span, load
from index.sync import sync
from rag.dates import asks_for_newest, date_note, prefer_recent
from rag.facade import RAG
from rag.settings import Settings
from rag.types import Hit
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("question", "newest"),
    [
        ("Was ist das Neueste zu Huawei?", True),
        ("Was gibt es Neues über Cambricon?", True),
        ("Wie ist der aktuelle Stand beim H20?", True),
        ("What is the latest on Nvidia?", True),
        ("Was hat Huawei zuletzt gemeldet?", True),
        ("Wer hat die neue Fabrik gebaut?", False),
        ("Wie viele Stück waren es im Mai?", False),
    ],
)
def test_a_question_for_the_latest_is_known(question: str, newest: bool) -> None:
    assert asks_for_newest(question) is newest


def hit(path: str, score: float) -> Hit:
    return Hit(1, path, 0, 1, "x", "t", score)


def test_the_newer_of_two_equal_hits_comes_first_and_an_undated_one_last(corpus: Path) -> None:
    documents = {name: load(corpus / name, corpus) for name in ("cambricon.md", "huawei.md", "nvidia.txt")}
    found = prefer_recent([hit("nvidia.txt", 0.5), hit("cambricon.md", 0.5), hit("huawei.md", 0.5)], documents)
    assert found[0].path == "huawei.md"
    assert found[0].score == 0.5
    assert found[-1].score < 0.5
    assert all(0 <= one.score <= 1 for one in found)


def test_without_two_dates_nothing_changes(corpus: Path) -> None:
    documents = {name: load(corpus / name, corpus) for name in ("cambricon.md", "nvidia.txt")}
    hits = [hit("nvidia.txt", 0.4), hit("cambricon.md", 0.5)]
    assert prefer_recent(hits, documents) == hits


def test_the_date_of_a_source_is_cited_to_the_letter(corpus: Path) -> None:
    document = load(corpus / "cambricon.md", corpus)
    span = date_span(document)
    assert span is not None
    assert document.text[span.start : span.end] == "2025-05-08"
    note = date_note("Wann will Cambricon das Geld aufnehmen?", "de", document)
    assert note is not None
    text, citation = note
    assert text == "Stand der Quelle: 8. Mai 2025."
    assert document.text[citation.start : citation.end] == citation.quote
    assert date_note("Wie viel Geld?", "de", document) is None
    assert date_note("Wann?", "de", load(corpus / "nvidia.txt", corpus)) is None


def test_an_answer_about_time_names_the_date_of_its_source(corpus: Path, index_dir: Path) -> None:
    embedder = HashingEmbedder()
    sync(corpus, index_dir, embedder)
    rag = RAG(
        Settings(corpus=corpus, index=index_dir),
        embedder=embedder,
        engine=ScriptedEngine("Im Mai waren es 800.000 Stück."),
    )
    answer = rag.ask("Wann waren es 800.000 Stück beim Beschleuniger Ascend 910C?")
    assert answer.sentences[-1].text == "Stand der Quelle: 1. August 2025."
    cited = answer.citations[answer.sentences[-1].citations[0]]
    assert (cited.path, cited.quote) == ("huawei.md", "2025-08-01")
