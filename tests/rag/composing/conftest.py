"""A `RAG` over two articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag import RAG, Settings
from tests.rag.composing.made import ARTICLES
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def made(tmp_path: Path) -> RAG:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    rag = RAG(
        Settings(corpus=folder, index=tmp_path / "index"),
        embedder=HashingEmbedder(),
        engine=ScriptedEngine("zwölf Millionen Euro"),
    )
    rag.sync()
    return rag
