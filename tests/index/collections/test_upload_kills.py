"""A kill while a user's own files are added or removed loses nothing."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index.collections.upload_types import UploadLimits
from index.collections.uploads import Uploads
from index.errors import IndexMissingError
from index.syncing.sync import sync
from tests.index import killing
from tests.index.synced import state
from tests.rag.fakes import HashingEmbedder

if TYPE_CHECKING:
    from typing import Any

NEW = "# Neu\n\nEin neuer Artikel handelt von Dachsen und 4 Milliarden Yuan.\n"


def uploads(folder: Path) -> Uploads:
    return Uploads(folder, UploadLimits(10**6, 10, 10**7), HashingEmbedder, removed=lambda: None)


def add(folder: Path) -> None:
    uploads(folder).add("neu.md", NEW.encode())


def remove(folder: Path) -> None:
    uploads(folder).remove("nvidia.txt")


def clear(folder: Path) -> None:
    uploads(folder).clear()


def test_where_removing_all_broke_off_nothing_of_the_files_stays(tmp_path: Path) -> None:
    uploads(tmp_path).add("neu.md", NEW.encode())
    shutil.rmtree(tmp_path / "files")  # the program ended before it removed the index
    assert list((tmp_path / "index").glob("store-*"))
    assert uploads(tmp_path).list() == []
    assert not list(tmp_path.rglob("store-*"))
    assert not list(tmp_path.rglob("manifest.json"))


@killing.may_take_long
@pytest.mark.parametrize("change", [add, remove, clear])
def test_a_kill_leaves_files_of_before_or_after_and_an_index_of_what_is_there(
    corpus: Path, tmp_path: Path, embedder: HashingEmbedder, change: Any
) -> None:
    whole, folder, chance = tmp_path / "whole", tmp_path / "own", random.Random(killing.KILLS)
    for file in sorted(corpus.iterdir()):
        uploads(whole).add(file.name, file.read_bytes())
    before = {one.name for one in uploads(whole).list()}
    shutil.copytree(whole, folder)
    forks, came = killing.context(), Counter[str]()
    count = killing.counted(forks, folder, change, folder)
    after = {one.name for one in uploads(folder).list()}
    states: dict[frozenset[str], Any] = {}
    for step in (*killing.steps(count, chance), 0):
        shutil.rmtree(folder)
        shutil.copytree(whole, folder)
        killing.run_work(forks, folder, step, change, folder)
        own = uploads(folder)
        names = {one.name for one in own.list()}
        kept = {file.name for file in (folder / "files").glob("[!.]*")}
        assert names == kept
        assert min(before, after, key=len) <= names <= before | after
        if change is not clear:  # `clear` deletes the files one by one
            assert names in (before, after)
        for name in names & before:
            assert (folder / "files" / name).read_bytes() == (whole / "files" / name).read_bytes()
        if names:
            if (wanted := frozenset(names)) not in states:
                sync(folder / "files", tmp_path / f"fresh-{len(states)}", embedder)
                states[wanted] = state(tmp_path / f"fresh-{len(states)}")
            assert state(folder / "index") == states[wanted]
        else:
            with pytest.raises(IndexMissingError):
                state(folder / "index")
            assert not list(folder.rglob("store-*")), step  # nothing of the removed files is left
        came["before" if names == before else "after" if names == after else "between"] += 1
    print(change.__name__, count, "steps:", dict(came))
    assert came["after"]
    assert came["before"]
