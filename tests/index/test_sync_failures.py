from __future__ import annotations

import errno
import multiprocessing
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from index import manifest
from index import sync as sync_module
from index.errors import CorpusError, IndexDamagedError, RagError
from index.extraction.isolation import BrokenOffError, Reader
from index.extraction.types import Extract, ExtractionError
from index.store import Store
from index.sync import sync
from tests.files import make_pdf, needs_files
from tests.index.syncing import counts, one_line, opened

if TYPE_CHECKING:
    from tests.rag.fakes import HashingEmbedder


def damage_derived(index_dir: Path) -> None:
    next(index_dir.glob("derived-*/vectors.faiss")).write_bytes(b"broken")


def damage_lexical(index_dir: Path) -> None:
    next(index_dir.glob("derived-*/lexical/vocab*")).unlink()


def damage_manifest(index_dir: Path) -> None:
    (index_dir / manifest.MANIFEST).write_text("{", encoding="utf-8")


def drop_manifest(index_dir: Path) -> None:
    (index_dir / manifest.MANIFEST).unlink()


def damage_store(index_dir: Path) -> None:
    (index_dir / manifest.STORE).write_bytes(b"no database" * 500)


def drop_store(index_dir: Path) -> None:
    (index_dir / manifest.STORE).unlink()


def half_store(index_dir: Path) -> None:
    file = index_dir / manifest.STORE
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])


DAMAGES = [damage_derived, damage_lexical, damage_manifest, drop_manifest, damage_store, drop_store, half_store]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_named_in_one_line_and_rebuild_heals_it(
    corpus: Path, built: Path, embedder: HashingEmbedder, damage: Any
) -> None:
    fingerprint = opened(built).fingerprint
    damage(built)
    with pytest.raises(IndexDamagedError, match="--rebuild") as caught:
        opened(built)
    one_line(caught)
    assert counts(sync(corpus, built, embedder, rebuild=True)) == (3, 0, 0, 0, 0)
    assert opened(built).fingerprint == fingerprint


@pytest.mark.parametrize("damage", [damage_derived, damage_lexical, damage_manifest, drop_manifest])
def test_a_sync_makes_derived_files_again_without_embedding(
    corpus: Path, built: Path, embedder: HashingEmbedder, damage: Any
) -> None:
    damage(built)
    assert counts(sync(corpus, built, embedder)) == (0, 0, 0, 0, 3)
    assert embedder.passages == []
    assert len(opened(built).documents) == 3


@pytest.mark.parametrize("damage", [damage_store, half_store])
def test_a_sync_of_a_damaged_store_names_the_rebuild(
    corpus: Path, built: Path, embedder: HashingEmbedder, damage: Any
) -> None:
    damage(built)
    (corpus / "nvidia.txt").unlink()
    with pytest.raises(IndexDamagedError, match="--rebuild") as caught:
        sync(corpus, built, embedder)
    one_line(caught)


def test_remove_files_and_rebuild_delete_nothing_foreign(corpus: Path, built: Path, embedder: HashingEmbedder) -> None:
    mine = [built / "notiz.txt", built / "ordner" / "datei", built / "store.sqlite.bak", built / "derived.md"]
    for file in mine:
        file.parent.mkdir(exist_ok=True)
        file.write_text("meins", encoding="utf-8")
    sync(corpus, built, embedder, rebuild=True)
    manifest.remove_files(built)
    assert [file.read_text(encoding="utf-8") for file in mine] == ["meins"] * 4
    assert not (built / manifest.STORE).exists()
    assert not list(built.glob("derived-*"))


def test_superseded_files_are_deleted(corpus: Path, built: Path, embedder: HashingEmbedder) -> None:
    (corpus / "nvidia.txt").unlink()
    sync(corpus, built, embedder)
    assert len(list(built.glob("derived-*"))) == 1


@pytest.mark.parametrize("kind", ["missing", "file", "empty", "unreadable"])
def test_a_corpus_that_cannot_be_used_is_named_and_makes_no_index(
    tmp_path: Path, index_dir: Path, embedder: HashingEmbedder, kind: str
) -> None:
    folder = tmp_path / "articles"
    if kind == "file":
        folder.write_text("x", encoding="utf-8")
    elif kind != "missing":
        folder.mkdir()
    if kind == "unreadable":
        (folder / "a.md").write_bytes(b"\x00" * 20)
    with pytest.raises(CorpusError) as caught:
        sync(folder, index_dir, embedder)
    assert "articles" in one_line(caught)
    assert not index_dir.exists()


def test_an_emptied_corpus_does_not_empty_the_index(corpus: Path, built: Path, embedder: HashingEmbedder) -> None:
    for file in corpus.iterdir():
        file.unlink()
    with pytest.raises(CorpusError):
        sync(corpus, built, embedder)
    assert len(opened(built).documents) == 3


def _hold(lock: str, held: Any, release: Any) -> None:
    with FileLock(lock):
        held.set()
        release.wait(30)


def test_a_lock_held_by_another_process_is_one_line(
    corpus: Path, built: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_module, "LOCK_SECONDS", 0.05)
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(str(built / manifest.LOCK), held, release), daemon=True)
    other.start()
    try:
        assert held.wait(30)
        with pytest.raises(RagError, match="Another process") as caught:
            sync(corpus, built, embedder)
        one_line(caught)
        assert len(opened(built).documents) == 3
    finally:
        release.set()
        other.join(30)


@pytest.mark.parametrize("where", ["write_derived", "replace_atomically"])
def test_a_full_disk_is_one_line_and_the_next_sync_succeeds(
    corpus: Path, built: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (corpus / "nvidia.txt").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(manifest, where, full)
        with pytest.raises(RagError, match="No space left") as caught:
            sync(corpus, built, embedder)
        one_line(caught)
    if where == "write_derived":  # nothing was committed
        assert len(opened(built).documents) == 3
    sync(corpus, built, embedder)
    assert set(opened(built).documents) == {"cambricon.md", "huawei.md"}


def test_a_full_disk_in_the_store_is_one_line_and_the_old_index_readable(
    corpus: Path, built: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    (corpus / "neu.md").write_text("# Neu\n\nFrischer Sachverhalt.\n", encoding="utf-8")
    monkeypatch.setattr(Store, "add", full)
    with pytest.raises(RagError, match="disk is full") as caught:
        sync(corpus, built, embedder)
    one_line(caught)
    assert len(opened(built).documents) == 3


def reads(monkeypatch: pytest.MonkeyPatch, failure: ExtractionError | None) -> list[bytes]:
    """Have files read by something that keeps what it was given, and fails where a failure is named."""
    seen: list[bytes] = []

    def extract(_: Reader, data: bytes, kind: str, *__: object) -> Extract:
        seen.append(data)
        if failure is not None:
            raise failure
        return Extract(f"# Titel\n\nEin Satz aus {kind}, der lang genug ist.\n")

    monkeypatch.setattr(Reader, "extract", extract)
    return seen


@needs_files
@pytest.mark.parametrize("error", [ExtractionError, BrokenOffError])
def test_what_could_not_be_read_is_told_each_time_but_read_once(
    corpus: Path,
    built: Path,
    embedder: HashingEmbedder,
    monkeypatch: pytest.MonkeyPatch,
    error: type[ExtractionError],
) -> None:
    (corpus / "kaputt.pdf").write_bytes(make_pdf([[]]))
    seen = reads(monkeypatch, error("nichts zu lesen.", hint="Neu sichern."))
    for _ in range(3):
        report = sync(corpus, built, embedder)
        assert [file.path for file in report.skipped] == ["kaputt.pdf"]
        assert report.skipped[0].reason.startswith("nichts zu lesen. Neu sichern.")
        assert counts(report) == (0, 0, 0, 0, 3)
    assert ("not tried again" in report.skipped[0].reason) == (error is BrokenOffError)
    assert len(seen) == 1
    # Another content, and a rebuild, are another matter.
    (corpus / "kaputt.pdf").write_bytes(make_pdf([[], []]))
    sync(corpus, built, embedder)
    sync(corpus, built, embedder, rebuild=True)
    assert len(seen) == 3


@needs_files
def test_a_newer_pipeline_reads_again_what_could_not_be_read(
    corpus: Path, built: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (corpus / "kaputt.pdf").write_bytes(make_pdf([[]]))
    reads(monkeypatch, ExtractionError("nichts zu lesen."))
    assert len(sync(corpus, built, embedder).skipped) == 1
    seen = reads(monkeypatch, None)
    assert len(sync(corpus, built, embedder).skipped) == 1
    monkeypatch.setattr(sync_module, "PIPELINE", "neuer")
    assert sync(corpus, built, embedder).skipped == ()
    assert len(seen) == 1
    assert "Ein Satz aus pdf" in opened(built).documents["kaputt.pdf"].text
