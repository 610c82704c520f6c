from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from index.reading.documents import load
from rag.retrieval.recency import asks_for_newest, prefer_recent
from rag.types import Hit

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
