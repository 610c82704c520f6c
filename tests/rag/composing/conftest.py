"""A `RAG` over two articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rag.building import synced
from tests.rag.composing.made import ARTICLES

if TYPE_CHECKING:
    from pathlib import Path

    from rag import RAG


@pytest.fixture
def made(tmp_path: Path) -> RAG:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return synced(folder, tmp_path / "index", "zwölf Millionen Euro")
