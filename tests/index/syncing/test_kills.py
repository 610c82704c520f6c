"""
Kills in the middle of making an index.

`RAG_KILLS=1 python -m pytest tests/index/syncing/test_kills.py -s` kills at every step; a higher number only at every
so many.
"""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index.errors import IndexMissingError
from index.storage import manifest
from index.syncing import merging
from index.syncing.sync import sync
from tests.index import damaging, killing
from tests.index.synced import current, opened, state

if TYPE_CHECKING:
    from tests.rag.fakes import HashingEmbedder

STRIDE = int(os.environ.get("RAG_KILLS", "9"))


@pytest.mark.parametrize("kind", ["first build", "sync", "rebuild", "segments"])
def test_a_kill_loses_nothing(
    corpus: Path, tmp_path: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    segments = kind == "segments"
    if segments:
        monkeypatch.setattr(merging, "SMALL", 0)
        monkeypatch.setattr(merging, "SHORT", 0)
    bench = damaging.make(tmp_path, corpus, embedder)
    forks, chance = killing.context(), random.Random(STRIDE)
    index, wanted = bench.work / "index", bench.work / "corpus"
    came: Counter[str] = Counter()
    step, killed = 1, True
    while killed:
        shutil.rmtree(index, ignore_errors=True)
        if kind != "first build":
            shutil.copytree(bench.index, index)
        killed = killing.run(forks, wanted, index, rebuild=kind == "rebuild", step=step, segments=segments)
        came.update([look(bench, index, first=kind == "first build")])
        # Twice in a row, the second time at any moment.
        seconds = chance.uniform(0.001, 0.1)
        killing.run(forks, wanted, index, rebuild=kind == "rebuild", seconds=seconds, segments=segments)
        came.update([look(bench, index, first=kind == "first build")])
        sync(wanted, index, embedder)
        assert state(index) == bench.after_change
        found = current(index)
        left = {file.name for file in index.iterdir()} - {manifest.LOCK, manifest.SEEN}
        assert left == {manifest.MANIFEST, *found.files}
        step += STRIDE
    print(kind, dict(came))
    assert came["old"]
    assert came["new"]


def look(bench: damaging.Bench, index: Path, *, first: bool) -> str:
    if first:
        try:
            opened(index)
        except IndexMissingError:
            return "old"
    found = state(index)
    if found == bench.after_change:
        return "new"
    assert not first
    assert found == bench.state
    return "old"
