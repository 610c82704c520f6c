"""If an index cannot be written, the old one stays and the reason is reported."""

from __future__ import annotations

import errno
import re
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from index.errors import RagError
from index.storage import failures, manifest
from index.storage.columns import files
from index.storage.segments import derived
from index.storage.store import Store
from index.syncing.sync import sync
from tests.index.synced import one_line, opened, state

if TYPE_CHECKING:
    from tests.rag.fakes import HashingEmbedder

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("where", ["publish", "sha256", "replace_atomically"])
def test_a_full_disk_is_one_line_and_the_next_sync_succeeds(
    corpus: Path, built: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (corpus / "nvidia.txt").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(manifest, where, full)
        with pytest.raises(RagError, match="no space left on the disk. Free some") as caught:
            sync(corpus, built, embedder)
        one_line(caught)
    assert len(opened(built).documents) == 3
    sync(corpus, built, embedder)
    assert set(opened(built).documents) == {"cambricon.md", "huawei.md"}


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, "x"), "no space left on the disk. Free some disk space"),
        (OSError(errno.EDQUOT, "x"), "no space left on the disk. Free some disk space"),
        (OSError(errno.EROFS, "x"), "on a read-only disk. Name another folder"),
        (OSError(errno.EACCES, "x"), "permission denied. Make the folder writable"),
        (OSError(errno.EFBIG, "x"), "larger than the system allows. Raise the limit"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error. Check the disk"),
        (OSError("4096 requested and 12 written"), "4096 requested and 12 written. Check the disk"),
        ((sqlite3.SQLITE_FULL, "database or disk is full"), "no space left on the disk. Free some disk space"),
        ((sqlite3.SQLITE_READONLY_ROLLBACK, "x"), "on a read-only disk. Name another folder"),
        ((sqlite3.SQLITE_IOERR_FSYNC, "disk I/O error"), "disk I/O error. Check the disk"),
        ((sqlite3.SQLITE_CORRUPT, "malformed\nimage"), "is damaged (malformed image). Your articles are untouched"),
    ],
)
def test_what_hinders_writing_is_named_with_what_helps(
    corpus: Path,
    built: Path,
    embedder: HashingEmbedder,
    monkeypatch: pytest.MonkeyPatch,
    error: OSError | tuple[int, str],
    message: str,
) -> None:
    if isinstance(error, tuple):
        code, text = error
        raised: Exception = sqlite3.OperationalError(text)
        raised.sqlite_errorcode = code  # type: ignore[attr-defined]
    else:
        raised = error

    def fail(*_: Any, **__: Any) -> None:
        raise raised

    monkeypatch.setattr(Store, "add", fail)
    (corpus / "neu.md").write_text("# Neu\n\nFrischer Sachverhalt.\n", encoding="utf-8")
    with pytest.raises(RagError, match=re.escape(message)) as caught:
        sync(corpus, built, embedder)
    assert "roll" not in one_line(caught)


def test_a_library_that_keeps_a_full_disk_to_itself_does_not_mislead(
    corpus: Path, built: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError("4096 requested and 12 written")

    monkeypatch.setattr(derived, "write", fail)
    monkeypatch.setattr(failures, "free_bytes", lambda _: 0)
    with pytest.raises(RagError, match="no space left on the disk"):
        sync(corpus, built, embedder, rebuild=True)


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


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limit")
def test_a_file_that_the_system_will_not_let_grow_leaves_the_old_index(
    corpus: Path, built: Path, tmp_path: Path
) -> None:
    before = state(built)
    script = (
        "import resource, sys, pathlib; from index.errors import RagError; from index.syncing.sync import sync;"
        "from tests.rag.fakes import HashingEmbedder; where = [pathlib.Path(one) for one in sys.argv[1:3]]\n"
        "for limit in sys.argv[3:]:\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))\n"
        "    try: sync(*where, HashingEmbedder(), rebuild=True)\n"
        "    except RagError as error: print(error)\n"
    )
    sizes = sorted(file.stat().st_size for file in built.rglob("*") if file.is_file())
    limits = [str(size) for size in (10, sizes[len(sizes) // 2], sizes[-1] // 2, sizes[-1] - 1)]
    command = [sys.executable, "-c", script, str(corpus), str(built), *limits]
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=120)
    lines = run.stdout.splitlines()
    assert len(lines) == len(limits)
    assert all(f"The index in {built} cannot be written: " in line for line in lines)
    assert state(built) == before
    assert len(list(built.glob("store-*"))) == len(list(built.glob("derived-*"))) == 1


def test_a_rebuild_that_breaks_off_leaves_the_old_index(
    corpus: Path, built: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(built)
    for error in (OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), MemoryError()):
        for place in ("write", "load"):

            def broken(*_: Any, error: BaseException = error, **__: Any) -> None:
                raise error

            with monkeypatch.context() as patch:
                patch.setattr(derived, "write", broken) if place == "write" else patch.setattr(Store, "add", broken)
                with pytest.raises((RagError, KeyboardInterrupt, MemoryError)):
                    sync(corpus, built, embedder, rebuild=True)
            assert state(built) == before
    sync(corpus, built, embedder)
    assert len(list(built.glob("store-*"))) == len(list(built.glob("derived-*"))) == 1
    assert state(built) == before


def test_what_is_published_is_not_discarded_when_the_run_fails_after_it(
    corpus: Path, built: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = manifest.publish

    def published(index_dir: Path, made: manifest.Manifest) -> None:
        publish(index_dir, made)
        raise OSError(errno.EIO, "Input/output error")

    (corpus / "nvidia.txt").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(manifest, "publish", published)
        with pytest.raises(RagError, match="Input/output error"):
            sync(corpus, built, embedder)
    assert set(opened(built).documents) == {"cambricon.md", "huawei.md"}


def test_vectors_that_do_not_stay_in_memory_are_those_that_do(
    corpus: Path, built: Path, tmp_path: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Path] = []
    real = tempfile.TemporaryFile
    monkeypatch.setattr(files, "_LEAST_SCRATCH", 0)
    monkeypatch.setattr(derived, "_RELEASED", 1)
    monkeypatch.setattr(files.tempfile, "TemporaryFile", lambda dir: (given.append(dir), real(dir=dir))[1])  # noqa: A006
    sync(corpus, tmp_path / "again", embedder)
    assert [place.name for place in given] == ["derived-1"]  # on the disk of the index, not the system's
    assert state(tmp_path / "again") == state(built)
    assert {file.name for file in given[0].iterdir()} == {file.name for file in (built / "derived-1").iterdir()}
