"""
Random damage in all files of an index.

The published figures come from `RAG_DAMAGES=500 python -m pytest tests/index/storage/test_damages.py -s`.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index.syncing import merging
from tests.index import damaging
from tests.index.synced import current
from tests.rag import fakes

if TYPE_CHECKING:
    from tests.rag.fakes import HashingEmbedder

DAMAGES = int(os.environ.get("RAG_DAMAGES", "50"))
FIRST = int(os.environ.get("RAG_DAMAGES_FIRST", "0"))


@pytest.fixture(autouse=True)
def _short_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    # With short vectors, texts and tables take up most of the store and are damaged most often.
    monkeypatch.setattr(fakes, "DIMENSION", 16)


@pytest.mark.parametrize("segments", [False, True])
def test_damage_is_noticed_or_harmless_and_mended_by_a_sync(
    corpus: Path, tmp_path: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch, segments: bool
) -> None:
    if segments:
        monkeypatch.setattr(merging, "SMALL", 0)
        monkeypatch.setattr(merging, "SHORT", 0)
    bench = damaging.make(tmp_path, corpus, embedder)
    assert len(current(bench.index).segments) == 1 + segments
    came: Counter[str] = Counter()
    for seed in range(FIRST, FIRST + DAMAGES):
        came += damaging.run(bench, embedder, seed)
    print(dict(came))
    assert came["noticed when opened"] > DAMAGES // 2
    assert came["mended by a sync"] + came["refused by a sync"] == came["damaged"] == DAMAGES
    assert came["refused by a sync"] <= DAMAGES // 50


def test_every_page_of_the_store_overwritten(corpus: Path, tmp_path: Path, embedder: HashingEmbedder) -> None:
    bench = damaging.make(tmp_path, corpus, embedder)
    store = next(bench.index.glob("store-*.sqlite"))
    pages = store.stat().st_size // damaging.PAGE
    came = Counter(damaging.overwrite(bench, embedder, page, 1 + page) for page in range(0, pages, max(1, pages // 20)))
    print(dict(came))
    assert came["noticed"]
