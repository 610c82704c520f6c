"""Kills in the middle of building an index."""

from __future__ import annotations

import functools
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


@killing.may_take_long
@pytest.mark.parametrize("kind", ["first build", "sync", "rebuild", "segments"])
def test_a_kill_loses_nothing(
    corpus: Path, tmp_path: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    segments = kind == "segments"
    if segments:
        monkeypatch.setattr(merging, "SMALL", 0)
        monkeypatch.setattr(merging, "SHORT", 0)
    bench = damaging.make(tmp_path, corpus, embedder)
    forks, chance = killing.context(), random.Random(killing.KILLS)
    index, wanted = bench.work / "index", bench.work / "corpus"
    build = functools.partial(killing.build, wanted, index, rebuild=kind == "rebuild", segments=segments)
    came: Counter[str] = Counter()

    def as_before() -> None:
        shutil.rmtree(index, ignore_errors=True)
        if kind != "first build":
            shutil.copytree(bench.index, index)

    as_before()
    count = killing.counted(forks, index, build)
    for step in (*killing.steps(count, chance), 0):
        as_before()
        killing.run_work(forks, index, step, build)
        came.update([look(bench, index, first=kind == "first build")])
        # A second kill follows directly, at a random moment.
        killing.run_work(forks, index, 0, functools.partial(build, seconds=chance.uniform(0.001, 0.1)))
        came.update([look(bench, index, first=kind == "first build")])
        sync(wanted, index, embedder)
        assert state(index) == bench.after_change
        found = current(index)
        left = {file.name for file in index.iterdir()} - {manifest.LOCK, manifest.SEEN}
        assert left == {manifest.MANIFEST, *found.files}
    print(kind, count, "steps:", dict(came))
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
