"""A backup holds one complete generation. Restoring it gives the index that was backed up, or nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.backup import contents, restoring, writing
from index.backup.restoring import restore
from index.backup.writing import backup
from index.errors import IndexDamagedError, IndexMissingError, RagError
from index.storage import manifest as manifests
from index.storage.integrity import damages
from index.syncing import merging
from index.syncing.sync import sync
from tests.index.synced import current, one_line, opened, state, store_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rag.fakes import HashingEmbedder


@pytest.fixture
def segmented(built: Path, corpus: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an index of two segments."""
    monkeypatch.setattr(merging, "SMALL", 0)
    monkeypatch.setattr(merging, "SHORT", 0)
    (corpus / "new.txt").write_text("Neues\n\nSMIC fertigt in Schanghai einen Chip für Huawei.\n", encoding="utf-8")
    sync(corpus, built, embedder)
    assert len(current(built).segments) > 1
    return built


def test_an_index_comes_back_elsewhere_as_it_was(segmented: Path, tmp_path: Path) -> None:
    file, there = tmp_path / "kept.backup", tmp_path / "there"
    written = backup(segmented, file)
    assert written.generation == current(segmented).generation
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    done = restore(file, there)
    assert done.whole
    assert damages(there) == []
    assert state(there) == state(segmented)
    assert sorted(one.name for one in tmp_path.iterdir() if "part" in one.name) == []


def test_equal_generations_make_equal_backups(segmented: Path, tmp_path: Path) -> None:
    backup(segmented, tmp_path / "a")
    backup(segmented, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_restored_index_is_brought_up_to_date_without_embedding_what_it_has(
    segmented: Path, corpus: Path, tmp_path: Path, embedder: HashingEmbedder
) -> None:
    backup(segmented, tmp_path / "a")
    restore(tmp_path / "a", tmp_path / "there")
    embedder.passages.clear()
    report = sync(corpus, tmp_path / "there", embedder)
    assert (report.added, report.changed, report.removed) == (0, 0, 0)
    assert embedder.passages == []


def test_an_index_is_replaced_only_when_that_is_asked_for(
    segmented: Path, corpus: Path, tmp_path: Path, embedder: HashingEmbedder
) -> None:
    before = state(segmented)
    backup(segmented, tmp_path / "a")
    (corpus / "nvidia.txt").unlink()
    sync(corpus, segmented, embedder)
    now = state(segmented)
    assert now != before
    with pytest.raises(RagError, match="already") as caught:
        restore(tmp_path / "a", segmented)
    assert "--force" in one_line(caught)
    assert state(segmented) == now
    reader = opened(segmented)
    generation = current(segmented).generation
    restore(tmp_path / "a", segmented, force=True)
    assert state(segmented) == before
    assert current(segmented).generation > generation
    assert damages(segmented) == []
    assert "nvidia.txt" not in reader.documents  # a reader that was open before keeps its generation
    assert reader.documents["huawei.md"].text
    left = {one.name for one in segmented.iterdir()} - {manifests.LOCK, manifests.SEEN}
    assert left == {manifests.MANIFEST, *current(segmented).files}


def test_a_damaged_index_is_replaced_when_that_is_asked_for(segmented: Path, tmp_path: Path) -> None:
    before = state(segmented)
    backup(segmented, tmp_path / "a")
    (segmented / manifests.MANIFEST).write_text("{}")
    restore(tmp_path / "a", segmented, force=True)
    assert state(segmented) == before


def test_a_sync_in_the_middle_of_a_backup_changes_nothing_of_it(
    segmented: Path, corpus: Path, tmp_path: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, write = state(segmented), writing._write

    def meanwhile(*arguments: Any) -> Any:
        (corpus / "nvidia.txt").write_text("Ein anderer Artikel.\n\nEr handelt von Äpfeln.\n", encoding="utf-8")
        sync(corpus, segmented, embedder, rebuild=True)  # removes the files of the previous generation
        return write(*arguments)

    monkeypatch.setattr(writing, "_write", meanwhile)
    backup(segmented, tmp_path / "a")
    restore(tmp_path / "a", tmp_path / "there")
    assert state(tmp_path / "there") == before != state(segmented)


def test_files_that_a_sync_removed_before_they_were_opened_are_those_of_the_next_generation(
    segmented: Path, corpus: Path, tmp_path: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, times = manifests.read, []

    def late(index_dir: Path) -> Any:
        found = read(index_dir)
        if not times:
            times.append(1)
            sync(corpus, segmented, embedder, rebuild=True)
        return found

    monkeypatch.setattr(writing.manifests, "read", late)
    assert backup(segmented, tmp_path / "a").generation == current(segmented).generation


def test_there_is_no_backup_of_nothing_and_none_of_damage(segmented: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError) as missing:
        backup(tmp_path / "nowhere", tmp_path / "a")
    one_line(missing)
    store = store_of(segmented)
    data = bytearray(store.read_bytes())
    data[len(data) // 2] ^= 1
    store.write_bytes(data)
    with pytest.raises(IndexDamagedError, match="changed since") as caught:
        backup(segmented, tmp_path / "a")
    assert store.name in one_line(caught)
    derived = segmented / current(segmented).segments[0].derived
    store.write_bytes(
        bytes(data[: len(data) // 2]) + bytes([data[len(data) // 2] ^ 1]) + bytes(data[len(data) // 2 + 1 :])
    )
    next(file for file in sorted(derived.rglob("*")) if file.is_file()).unlink()
    with pytest.raises(IndexDamagedError, match="missing"):
        backup(segmented, tmp_path / "a")
    assert not (tmp_path / "a").exists()
    assert not list(tmp_path.glob(".a*"))


def test_a_file_that_is_no_backup_is_not_written_over(segmented: Path, tmp_path: Path) -> None:
    file = tmp_path / "article.txt"
    file.write_text("Meins.")
    with pytest.raises(RagError, match="is not a backup") as caught:
        backup(segmented, file)
    one_line(caught)
    assert file.read_text() == "Meins."
    with pytest.raises(RagError, match="cannot be written"):
        backup(segmented, tmp_path / "none" / "a")
    backup(segmented, tmp_path / "a")
    (tmp_path / ".a.part").write_bytes(b"what a killed one left" * 100)
    backup(segmented, tmp_path / "a")
    assert state(segmented) is not None
    restore(tmp_path / "a", tmp_path / "there")


def test_two_processes_do_not_write_one_backup(segmented: Path, tmp_path: Path) -> None:
    with writing._Part(tmp_path / "a"), pytest.raises(RagError, match="Another process") as caught:
        backup(segmented, tmp_path / "a")
    one_line(caught)


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None], *, compression: int = zipfile.ZIP_STORED) -> None:
    """Change the members of a backup and write it again, with correct digests for the changed members."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if name != contents.CONTENTS}
    change(members)
    parts = tuple(contents.Part(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in members.items())
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        archive.writestr(contents.CONTENTS, contents.Contents(contents.FORMAT, parts).sealed().to_bytes())


def add(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.update({name: b"x"})


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "/etc/outside",
        "derived-1/../../outside",
        "derived-1/.hidden",
        ".seen",
        "seen.json",
        "a\\..\\b",
        "store-77.sqlite",
    ],
)
def test_an_archive_with_a_file_of_another_name_is_refused(segmented: Path, tmp_path: Path, name: str) -> None:
    file, there = tmp_path / "a", tmp_path / "in" / "there"
    backup(segmented, file)
    rewritten(file, add(name))
    with pytest.raises(RagError, match="not a backup") as caught:
        restore(file, there)
    one_line(caught)
    assert not there.exists()
    assert not list(tmp_path.rglob("outside"))


def test_an_archive_that_grows_when_it_is_read_is_refused(segmented: Path, tmp_path: Path) -> None:
    file = tmp_path / "a"
    backup(segmented, file)
    rewritten(file, lambda members: members.update({"left-out.json": bytes(10**6)}), compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(RagError, match="not made by"):
        restore(file, tmp_path / "there")


def test_a_list_of_files_that_would_fill_the_memory_is_not_read(
    segmented: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a"
    backup(segmented, file)
    monkeypatch.setattr(contents, "_LONGEST_DIRECTORY", 100)
    with pytest.raises(RagError, match="more files"):
        restore(file, tmp_path / "there")


def test_a_link_in_an_archive_makes_no_link(segmented: Path, tmp_path: Path) -> None:
    """The file type of a member is ignored: restoring writes plain files with the listed bytes."""
    file, there = tmp_path / "a", tmp_path / "there"
    backup(segmented, file)
    data = bytearray(file.read_bytes())
    kind = (stat.S_IFREG | 0o600).to_bytes(2, "little")
    assert data.count(kind)
    file.write_bytes(bytes(data).replace(b"\0\0" + kind, b"\0\0" + (stat.S_IFLNK | 0o777).to_bytes(2, "little")))
    with suppress(RagError):
        restore(file, there)
    assert not [one for one in there.rglob("*") if one.is_symlink()]


def test_a_newer_format_is_said(segmented: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "FORMAT", contents.FORMAT + 1)
    backup(segmented, tmp_path / "a")
    with pytest.raises(RagError, match="format 2"):
        restore(tmp_path / "a", tmp_path / "there")
    monkeypatch.undo()
    backup(segmented, tmp_path / "b")

    def newer(members: dict[str, bytes]) -> None:
        members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | {"format": 99}).encode()

    rewritten(tmp_path / "b", newer)
    with pytest.raises(RagError, match="another version"):
        restore(tmp_path / "b", tmp_path / "there")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_damage_of_a_backup_reaches_an_index(segmented: Path, tmp_path: Path, data: st.DataObject) -> None:
    file, spoilt, there = tmp_path / "a", tmp_path / "spoilt", tmp_path / "there"
    if not file.exists():
        backup(segmented, file)
    content = bytearray(file.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1) | st.integers(len(content) - 4000, len(content) - 1))
    if data.draw(st.booleans()):
        content[at] ^= data.draw(st.integers(1, 255))
    else:
        del content[at:]
    spoilt.write_bytes(content)
    shutil.rmtree(there, ignore_errors=True)
    try:
        restore(spoilt, there)
    except RagError as error:
        assert "\n" not in str(error)
        assert not (there / manifests.MANIFEST).exists()
    else:  # a byte without effect, for example of a timestamp
        assert state(there) == state(segmented)
        assert damages(there) == []


def test_a_full_disk_leaves_the_index_of_before(
    segmented: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(segmented, tmp_path / "a")
    before, files = state(segmented), sorted(one.name for one in segmented.iterdir())
    monkeypatch.setattr(restoring, "free_bytes", lambda _: 10)
    with pytest.raises(RagError, match="needs") as caught:
        restore(tmp_path / "a", segmented, force=True)
    one_line(caught)
    monkeypatch.undo()
    copy, times = restoring._copy, []

    def full(archive: Any, part: Any, file: Path, out: Any) -> None:
        if out is not None:
            times.append(part)
            if len(times) == 3:
                raise OSError(28, "No space left on device")
        copy(archive, part, file, out)

    monkeypatch.setattr(restoring, "_copy", full)
    with pytest.raises(RagError, match="no space left") as caught:
        restore(tmp_path / "a", segmented, force=True)
    one_line(caught)
    assert state(segmented) == before
    assert sorted(one.name for one in segmented.iterdir()) == files


def test_vectors_of_another_store_are_left_to_it(
    segmented: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, corpus: Path, embedder: HashingEmbedder
) -> None:
    monkeypatch.setattr(writing, "_elsewhere", lambda _: True)
    backup(segmented, tmp_path / "a")
    assert not restore(tmp_path / "a", tmp_path / "there").whole
    embedder.passages.clear()
    sync(corpus, tmp_path / "there", embedder)
    assert embedder.passages == []
    assert state(tmp_path / "there") == state(segmented)
