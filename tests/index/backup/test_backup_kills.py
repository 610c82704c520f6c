"""A kill in the middle of a backup or a restore loses nothing."""

from __future__ import annotations

import functools
import random
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index.backup.contents import is_backup
from index.backup.restoring import restore
from index.backup.writing import backup
from index.storage import manifest as manifests
from index.storage.integrity import damages
from index.syncing.sync import sync
from tests.index import killing
from tests.index.synced import current, state

if TYPE_CHECKING:
    from tests.rag.fakes import HashingEmbedder


@killing.may_take_long
def test_a_kill_in_a_backup_leaves_the_one_of_before_or_the_new_one(
    built: Path, corpus: Path, tmp_path: Path, embedder: HashingEmbedder
) -> None:
    forks, folder = killing.context(), tmp_path / "kept"
    folder.mkdir()
    file = folder / "a"
    backup(built, file)
    old = file.read_bytes()
    (corpus / "nvidia.txt").write_text("Ein anderer Artikel.\n\nEr handelt von Äpfeln.\n", encoding="utf-8")
    sync(corpus, built, embedder)
    before, came = state(built), Counter[str]()
    count = killing.counted(forks, file, backup, built, file)
    for step in (*killing.steps(count, random.Random(killing.KILLS)), 0):
        file.write_bytes(old)
        killing.run_work(forks, folder, step, backup, built, file)
        came["old" if file.read_bytes() == old else "new"] += 1
        assert is_backup(file)
        assert state(built) == before
    assert came["old"]
    assert came["new"] >= 1
    backup(built, file)
    assert [one.name for one in folder.iterdir()] == ["a"]
    restore(file, tmp_path / "there")
    assert state(tmp_path / "there") == before


@killing.may_take_long
@pytest.mark.parametrize("replaced", [False, True])
def test_a_kill_in_a_restore_leaves_the_index_of_before_or_the_new_one(
    built: Path, corpus: Path, tmp_path: Path, embedder: HashingEmbedder, replaced: bool
) -> None:
    forks, file, there = killing.context(), tmp_path / "a", tmp_path / "there"
    backup(built, file)
    wanted = state(built)
    (corpus / "nvidia.txt").write_text("Ein anderer Artikel.\n\nEr handelt von Äpfeln.\n", encoding="utf-8")
    sync(corpus, built, embedder)
    backup(built, tmp_path / "b")
    old = state(built)
    came, make = Counter[str](), functools.partial(restore, force=True)
    restore(tmp_path / "b", there)
    count = killing.counted(forks, there, make, file, there)
    for step in (*killing.steps(count, random.Random(killing.KILLS)), 0):
        if replaced:
            restore(tmp_path / "b", there, force=True)
        else:
            (there / manifests.MANIFEST).unlink(missing_ok=True)
        killing.run_work(forks, there, step, make, file, there)
        if (there / manifests.MANIFEST).exists():
            now = state(there)
            assert damages(there) == []
            assert now in (old, wanted)
            came["old" if now == old else "new"] += 1
        else:
            assert not replaced
            came["none"] += 1
    assert came["old" if replaced else "none"]
    assert came["new"] >= 1
    sync(corpus, there, embedder)  # removes the files that killed processes left behind
    assert state(there) == old
    left = {one.name for one in there.iterdir()} - {manifests.LOCK, manifests.SEEN}
    assert left == {manifests.MANIFEST, *current(there).files}
