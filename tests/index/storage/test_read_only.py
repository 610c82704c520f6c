"""A read-only index: writing fails with one line, but it can still be searched, checked and backed up."""

from __future__ import annotations

import errno
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from index.backup.writing import backup
from index.errors import IndexReadOnlyError
from index.storage.integrity import damages
from index.syncing.sync import remove_index, sync
from index.watching.following import Following
from rag import RAG, Settings
from tests.index.synced import one_line, opened
from tests.rag.fakes import ScriptedEngine

if TYPE_CHECKING:
    from tests.rag.fakes import HashingEmbedder


@pytest.fixture
def read_only(built: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an index on a simulated read-only disk, which rejects writing even for root."""

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    for name in ("unlink", "touch", "mkdir"):
        whole = getattr(Path, name)

        def refused(self: Path, *args: Any, whole: Any = whole, **options: Any) -> None:
            if built in self.parents and not options.get("exist_ok"):
                refuse()
            whole(self, *args, **options)

        monkeypatch.setattr(Path, name, refused)
    return built


def test_what_would_write_is_refused_in_one_line(corpus: Path, read_only: Path, embedder: HashingEmbedder) -> None:
    follow = Following(corpus, read_only, Any, Any, Any, Any, Any)  # type: ignore[arg-type]
    for work in (lambda: sync(corpus, read_only, embedder), lambda: remove_index(read_only), follow.run):
        with pytest.raises(IndexReadOnlyError, match="on a read-only disk. Name another folder with --index") as caught:
            work()
        one_line(caught)
    assert len(opened(read_only).documents) == 3


def test_it_can_be_checked_and_backed_up(read_only: Path, tmp_path: Path) -> None:
    assert damages(read_only) == []
    assert backup(read_only, tmp_path / "backup").generation == opened(read_only).generation


def test_it_is_asked_as_it_is_and_a_warning_says_so(
    corpus: Path, read_only: Path, embedder: HashingEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    class Small(RAG):
        def __init__(self, settings: Settings) -> None:
            super().__init__(settings, embedder=embedder, engine=ScriptedEngine("x"))

    with caplog.at_level(logging.WARNING):
        rag = Small.open(corpus, index=read_only)
    assert rag.search("Cambricon")
    assert "It is asked as it is." in caplog.text
    with pytest.raises(IndexReadOnlyError):
        Small.open(corpus, index=read_only / "none")
