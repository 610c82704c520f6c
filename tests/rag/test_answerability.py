from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from index.sync import sync
from rag.facade import RAG
from rag.settings import Settings
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from pathlib import Path

ARTICLE = (
    "Wer in China Grafikprozessoren von NVIDIA mietet, zahlt pro Stunde 6 Dollar. Der Chef von NVIDIA klagt darüber."
)


@pytest.fixture
def article(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "miete.md").write_text(ARTICLE, encoding="utf-8")
    return folder


def model_was_asked(article: Path, question: str) -> bool:
    embedder, engine = HashingEmbedder(), ScriptedEngine("6 Dollar")
    index_dir = article.parent / "index"
    sync(article, index_dir, embedder)
    RAG(Settings(corpus=article, index=index_dir), embedder=embedder, engine=engine).ask(question)
    return bool(engine.asked)


@pytest.mark.parametrize(
    "question",
    [
        "Was kostet in China eine NVIDIA-GPU pro Stunde?",
        "Was kostet in China eine GPU von NVIDIA pro Stunde?",
        "Was kosten GPUs von NVIDIA pro Stunde?",
        "What does a GPU of NVIDIA cost in China?",
        "What do AI processors of NVIDIA cost in China?",
        "Worüber klagt der CEO von NVIDIA?",
    ],
)
def test_a_kind_of_thing_may_have_another_name_in_the_sources(article: Path, question: str) -> None:
    assert model_was_asked(article, question)


@pytest.mark.parametrize(
    "question",
    [
        "Was kostet in China ein H300 von NVIDIA pro Stunde?",
        "Was kostet in China eine Stunde auf Chips von SMIC?",
        "Was kostet in China ein SMIC-Chip pro Stunde?",
        "Was kosten in China SMICs Chips pro Stunde?",
        "Was kostet in China eine NVIDIA-H300 pro Stunde?",
        "What does the H300 of NVIDIA cost in China?",
    ],
)
def test_a_name_must_stand_in_the_sources(article: Path, question: str) -> None:
    assert not model_was_asked(article, question)
