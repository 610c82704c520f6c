from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index.syncing.sync import sync

if TYPE_CHECKING:
    from tests.rag.fakes import HashingEmbedder


@pytest.fixture
def built(corpus: Path, index_dir: Path, embedder: HashingEmbedder) -> Path:
    sync(corpus, index_dir, embedder)
    embedder.passages.clear()
    return index_dir
