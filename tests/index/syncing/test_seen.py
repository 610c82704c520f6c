"""Unchanged files are not read again, and no change is missed."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.reading import documents
from index.storage import manifest
from index.storage.store import Store
from index.syncing import seen as seen_module
from index.syncing.seen import Seen
from index.syncing.sync import sync
from tests.index.synced import current, opened, state, store_of

if TYPE_CHECKING:
    from tests.rag.fakes import HashingEmbedder


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list to which the names of read articles are added."""
    names: list[str] = []
    real = documents.content

    def counted(file: Path, *arguments: Any, **options: Any) -> bytes:
        names.append(file.name)
        return real(file, *arguments, **options)

    monkeypatch.setattr(documents, "content", counted)
    return names


@pytest.fixture
def settled(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the corpus, with its files treated as old enough for their times to be reliable."""
    monkeypatch.setattr(seen_module, "_SETTLED_NS", -10_000_000_000)
    return corpus


def test_what_is_as_it_was_is_not_read(
    settled: Path, index_dir: Path, embedder: HashingEmbedder, reads: list[str]
) -> None:
    (settled / "nvidia.txt").write_text("---\ndate: nie\n---\n# Nvidia\n\nDer H20 kostet viel.\n", encoding="utf-8")
    first = sync(settled, index_dir, embedder)
    assert sorted(reads) == ["cambricon.md", "huawei.md", "nvidia.txt"]
    reads.clear()
    again = sync(settled, index_dir, embedder)
    assert reads == []
    assert (again.unchanged, again.documents, again.chunks) == (3, 3, first.chunks)
    assert again.notes == first.notes != ()
    (settled / "neu.md").write_text("# Neu\n\nEin Dachs im Wald.\n", encoding="utf-8")
    (settled / "huawei.md").rename(settled / "anders.md")
    report = sync(settled, index_dir, embedder)
    assert sorted(reads) == ["anders.md", "neu.md"]
    assert (report.added, report.renamed, report.unchanged) == (1, 1, 2)
    assert report.notes == first.notes
    fresh = index_dir.with_name("fresh")
    sync(settled, fresh, embedder)
    assert state(index_dir) == state(fresh)


def test_where_nothing_changed_no_document_is_looked_up(
    settled: Path, index_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sync(settled, index_dir, embedder)
    published = current(index_dir)
    with monkeypatch.context() as patch:
        for what in ("known", "extracted", "texts", "record"):
            patch.setattr(Store, what, None)
        again = sync(settled, index_dir, embedder)
    assert (again.unchanged, again.documents, again.chunks) == (3, 3, first.chunks)
    assert current(index_dir) == published


def test_what_lies_in_an_archive_is_not_read_again_either(
    settled: Path, index_dir: Path, embedder: HashingEmbedder, reads: list[str]
) -> None:
    with zipfile.ZipFile(settled / "mehr.zip", "w") as archive:
        for name in ("dachs", "fuchs"):
            archive.writestr(f"{name}.md", f"# {name}\n\nEin {name.title()} lebt im Wald.\n")
    (settled / "leer.md").write_text(" ")
    first = sync(settled, index_dir, embedder)
    assert first.documents == 5
    reads.clear()
    again = sync(settled, index_dir, embedder)
    assert reads == ["leer.md"]  # an unreadable file is tried again
    assert (again.unchanged, again.skipped) == (5, first.skipped)
    (settled / "mehr.zip").unlink()
    assert sync(settled, index_dir, embedder).removed == 2


def test_an_earlier_version_s_note_is_not_relied_on(
    settled: Path, index_dir: Path, embedder: HashingEmbedder, reads: list[str]
) -> None:
    sync(settled, index_dir, embedder)
    kept = json.loads((index_dir / manifest.SEEN).read_bytes().partition(b"\n")[2])
    files = {path: [[1, 2, 3, 4], [[path, "0" * 64, "Titel", []]]] for path in kept["files"]["paths"]}
    data = json.dumps(kept | {"files": files}).encode()
    (index_dir / manifest.SEEN).write_bytes(hashlib.sha256(data).hexdigest().encode() + b"\n" + data)
    reads.clear()
    assert sync(settled, index_dir, embedder).unchanged == 3
    assert len(reads) == 3


def test_where_one_article_changed_a_store_lists_its_documents_once(
    settled: Path, index_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(settled, index_dir, embedder)
    listed: list[Store] = []
    real = Store.known

    def counted(store: Store, *, tolerant: bool = False) -> dict[int, tuple[str, str, str]]:
        listed.append(store)
        return real(store, tolerant=tolerant)

    monkeypatch.setattr(Store, "known", counted)
    with (settled / "huawei.md").open("a", encoding="utf-8") as article:
        article.write("\nEin Nachtrag.\n")
    assert sync(settled, index_dir, embedder).changed == 1
    assert len(listed) == 1


def test_a_file_that_was_not_relied_on_is_missed_when_it_goes(
    settled: Path, index_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = (settled / "huawei.md").stat().st_size
    monkeypatch.setattr(Seen, "_is_settled", lambda _, status: status.st_size != size)
    sync(settled, index_dir, embedder)
    (settled / "huawei.md").unlink()
    assert sync(settled, index_dir, embedder).removed == 1
    assert set(opened(index_dir).documents) == {"cambricon.md", "nvidia.txt"}


def test_a_file_that_changed_just_before_is_read_again(
    corpus: Path, index_dir: Path, embedder: HashingEmbedder, reads: list[str]
) -> None:
    sync(corpus, index_dir, embedder)
    reads.clear()
    sync(corpus, index_dir, embedder)
    assert len(reads) == 3


def test_a_clock_that_goes_back_hides_no_change(
    corpus: Path, index_dir: Path, embedder: HashingEmbedder, reads: list[str]
) -> None:
    later = time.time() + 3600
    os.utime(corpus / "huawei.md", (later, later))
    sync(corpus, index_dir, embedder)
    reads.clear()
    sync(corpus, index_dir, embedder)
    assert "huawei.md" in reads


@pytest.mark.parametrize("keep_times", [False, True])
def test_a_change_of_the_same_length_is_seen(
    settled: Path, index_dir: Path, embedder: HashingEmbedder, keep_times: bool
) -> None:
    sync(settled, index_dir, embedder)
    file = settled / "cambricon.md"
    before, text = file.stat(), file.read_text(encoding="utf-8")
    time.sleep(0.02)  # file times may advance in steps of 0.01 s
    file.write_text(text.replace("4 Milliarden", "7 Milliarden"), encoding="utf-8", newline="")
    if keep_times:
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert sync(settled, index_dir, embedder).changed == 1
    assert "7 Milliarden" in opened(index_dir).documents["cambricon.md"].text


def _another_index(index_dir: Path, corpus: Path, embedder: HashingEmbedder) -> None:
    kept = (index_dir / manifest.SEEN).read_bytes()
    (corpus / "weg.md").write_text("# Weg\n\nEin Dachs.\n", encoding="utf-8")
    sync(corpus, index_dir, embedder)
    (index_dir / manifest.SEEN).write_bytes(kept)


def _damaged(index_dir: Path, *_: Any) -> None:
    data = bytearray((index_dir / manifest.SEEN).read_bytes())
    data[200] ^= 1
    (index_dir / manifest.SEEN).write_bytes(data)


@pytest.mark.parametrize(
    "spoil",
    [
        _another_index,
        _damaged,
        lambda index_dir, *_: (index_dir / manifest.SEEN).write_text("{}"),
        lambda index_dir, *_: (index_dir / manifest.MANIFEST).unlink(),
        lambda index_dir, *_: store_of(index_dir).write_bytes(b""),
        lambda index_dir, *_: shutil.rmtree(next(index_dir.glob("derived-*"))),
    ],
    ids=["of another generation", "damaged", "none", "no manifest", "no store", "no derived files"],
)
def test_what_does_not_hold_is_not_relied_on(
    settled: Path, index_dir: Path, embedder: HashingEmbedder, spoil: Any
) -> None:
    sync(settled, index_dir, embedder)
    spoil(index_dir, settled, embedder)
    sync(settled, index_dir, embedder)
    fresh = index_dir.with_name("fresh")
    sync(settled, fresh, embedder)
    assert state(index_dir) == state(fresh)


def test_a_large_index_is_read_where_somebody_noticed_damage_or_a_file_changed(
    settled: Path, index_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen_module, "ALWAYS_READ", 0)
    sync(settled, index_dir, embedder)
    sums: Counter[str] = Counter()
    real = manifest.sha256

    def counted(file: Path) -> str:
        sums[file.name] += 1
        return real(file)

    monkeypatch.setattr(manifest, "sha256", counted)
    sync(settled, index_dir, embedder)
    assert not sums
    store = store_of(index_dir)
    times, data = store.stat(), bytearray(store.read_bytes())
    at = data.index(b"Milliarden")
    data[at : at + 1] = b"X"
    with store.open("r+b") as stream:  # damage by the disk, which changes no file time
        stream.write(data)
    os.utime(store, ns=(times.st_atime_ns, times.st_mtime_ns))
    found = seen_module.Seen.read(index_dir, "")
    assert found.files.paths == []  # they belong to another key
    index = opened(index_dir)
    with pytest.raises(Exception, match="not as it was written"):
        _ = dict(index.documents)
    sync(settled, index_dir, embedder)
    assert sums
    assert len(dict(opened(index_dir).documents)) == 3
    assert current(index_dir).generation > 1


CHANGES = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["write", "remove", "same", "touch"])), max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(st.lists(CHANGES, min_size=2, max_size=4), st.integers(0, 99))
def test_any_changes_are_seen(
    settled: Path, tmp_path: Path, embedder: HashingEmbedder, rounds: list[list[tuple[str, str]]], seed: int
) -> None:
    chance = random.Random(seed)
    folder = tmp_path / f"round-{chance.random()}-{len(list(tmp_path.iterdir()))}"
    corpus = folder / "corpus"
    shutil.copytree(settled, corpus)
    for changes in rounds:
        for name, what in changes:
            file = corpus / f"{name}.md"
            if what == "remove":
                file.unlink(missing_ok=True)
            elif what == "write" or not file.exists():
                file.write_text(f"# Text\n\nHier stehen {chance.randrange(100, 999)} Dachse.\n", encoding="utf-8")
            elif what == "same":
                file.write_bytes(file.read_bytes())
            else:
                os.utime(file)
        time.sleep(0.011)
        sync(corpus, folder / "index", embedder)
        sync(corpus, folder / "fresh", embedder, rebuild=True)
        assert state(folder / "index") == state(folder / "fresh")
