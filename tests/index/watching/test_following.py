"""Following a folder: one sync after a burst of changes, one line per failure, and following continues."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self

import pytest

from index.errors import RagError
from index.syncing.sync import SyncReport, sync
from index.watching import changes, following
from index.watching.following import FollowedAlreadyError, Following
from tests.index.synced import opened

if TYPE_CHECKING:
    from tests.rag.fakes import HashingEmbedder

pytest.importorskip("watchfiles")
PATIENCE = 60.0  # seconds until a test gives up


@dataclass
class Watch:
    """A folder that is followed in a thread."""

    corpus: Path
    index: Path
    embedder: HashingEmbedder
    interval: float | None = None
    reports: list[SyncReport] = field(default_factory=list)
    syncs: int = 0
    lines: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)
    failure: RagError | None = None

    def sync(self) -> SyncReport:
        failure, self.failure = self.failure, None
        try:
            if failure is not None:
                raise failure
            return sync(self.corpus, self.index, self.embedder)
        finally:
            with self.changed:
                self.syncs += 1
                self.changed.notify_all()

    def _note(self, kept: list[Any]) -> Callable[[Any], None]:
        def note(value: Any) -> None:
            with self.changed:
                kept.append(value)
                self.changed.notify_all()

        return note

    def following(self) -> Following:
        return Following(
            self.corpus,
            self.index,
            self.sync,
            self._note(self.reports),
            self._note(self.lines),
            self.stop,
            self.interval,
        )

    def __enter__(self) -> Self:
        self.thread = threading.Thread(target=self.following().run, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        assert all("\n" not in line for line in self.lines)

    def until(self, what: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(what, PATIENCE), (self.lines, self.reports, self.syncs)


@pytest.fixture
def watch(built: Path, corpus: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch) -> Watch:
    monkeypatch.setattr(changes, "STEP_MS", 100)
    monkeypatch.setattr(following, "GONE_SECONDS", 0.05)
    return Watch(corpus, built, embedder)


def article(number: int) -> str:
    return f"Artikel {number}\n\nDer Artikel Nummer {number} handelt von Äpfeln.\n"


def test_what_comes_into_the_folder_is_in_the_index_soon_and_a_burst_is_one_sync(watch: Watch) -> None:
    with watch:
        watch.until(lambda: watch.syncs == 1)
        for number in range(30):
            (watch.corpus / f"new-{number}.txt").write_text(article(number), encoding="utf-8")
        watch.until(lambda: sum(one.added for one in watch.reports) == 30)
        assert watch.syncs <= 4
        (watch.corpus / "new-3.txt").unlink()
        watch.until(lambda: sum(one.removed for one in watch.reports) == 1)
    assert "new-29.txt" in opened(watch.index).documents
    assert watch.lines == []


def test_an_index_within_its_folder_does_not_set_itself_off(
    corpus: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "STEP_MS", 50)
    with Watch(corpus, corpus / ".rag", embedder) as watch:
        watch.until(lambda: len(watch.reports) == 1)
        done = watch.syncs
        watch.stop.wait(1.0)
        assert watch.syncs == done


def test_a_folder_that_goes_and_comes_back_is_followed_again(watch: Watch, tmp_path: Path) -> None:
    with watch:
        watch.until(lambda: watch.syncs == 1)
        watch.corpus.rename(tmp_path / "away")
        watch.until(lambda: bool(watch.lines))
        assert "There is no folder" in watch.lines[0]
        assert len(opened(watch.index).documents) == 3  # nothing is lost
        (tmp_path / "away" / "new.txt").write_text(article(1), encoding="utf-8")
        (tmp_path / "away").rename(watch.corpus)
        watch.until(lambda: len(watch.reports) == 1)
        (watch.corpus / "newer.txt").write_text(article(2), encoding="utf-8")
        watch.until(lambda: len(watch.reports) == 2)
    assert len(watch.lines) == 1


def test_another_folder_under_the_same_name_is_followed_too(watch: Watch, tmp_path: Path) -> None:
    with watch:
        watch.until(lambda: watch.syncs == 1)
        shutil.copytree(watch.corpus, tmp_path / "next")
        (tmp_path / "next" / "new.txt").write_text(article(1), encoding="utf-8")
        watch.corpus.rename(tmp_path / "last")
        (tmp_path / "next").rename(watch.corpus)
        watch.until(lambda: len(watch.reports) == 1)
        (watch.corpus / "newer.txt").write_text(article(2), encoding="utf-8")
        watch.until(lambda: len(watch.reports) == 2)
    assert {"new.txt", "newer.txt"} <= set(opened(watch.index).documents)


def test_a_folder_that_lost_all_articles_does_not_empty_the_index(watch: Watch) -> None:
    with watch:
        watch.until(lambda: watch.syncs == 1)
        for file in watch.corpus.iterdir():
            file.unlink()
        watch.until(lambda: bool(watch.lines))
    assert "All 3 articles are gone" in watch.lines[-1]
    assert len(opened(watch.index).documents) == 3


def test_what_fails_is_said_once_and_tried_again(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "RETRY_TICKS", 2)
    watch.failure = RagError("Another process is writing the index.", hint="Wait.")
    (watch.corpus / "new.txt").write_text(article(1), encoding="utf-8")
    with watch:
        watch.until(lambda: len(watch.reports) == 1)  # no other change is needed
    assert watch.lines == ["Another process is writing the index. Wait."]
    assert watch.syncs == 2


def test_a_file_that_is_half_written_is_read_again_when_it_is_whole(watch: Watch) -> None:
    with watch:
        watch.until(lambda: watch.syncs == 1)
        with (watch.corpus / "slow.txt").open("w", encoding="utf-8") as stream:
            stream.write("Langsam\n\nDie erste Hälfte.")
            stream.flush()
            watch.until(lambda: len(watch.reports) == 1)
            stream.write(" Die zweite Hälfte.\n")
        watch.until(lambda: len(watch.reports) == 2)
    assert "zweite" in opened(watch.index).documents["slow.txt"].text


def test_a_file_that_cannot_be_read_is_one_line_once(watch: Watch) -> None:
    with watch:
        watch.until(lambda: watch.syncs == 1)
        (watch.corpus / "bad.docx").write_bytes(b"no document")
        watch.until(lambda: bool(watch.lines))
        (watch.corpus / "new.txt").write_text(article(1), encoding="utf-8")
        watch.until(lambda: bool(watch.reports))
    assert [line.partition(":")[0] for line in watch.lines] == ["skipped bad.docx"]


def test_a_file_from_the_past_is_seen(watch: Watch) -> None:
    """A file may have an old time, for example after the clock was set back. Any change counts."""
    with watch:
        watch.until(lambda: watch.syncs == 1)
        file = watch.corpus / "old.txt"
        file.write_text(article(1), encoding="utf-8")
        os.utime(file, (1, 1))
        watch.until(lambda: len(watch.reports) == 1)
        file.write_text(article(2), encoding="utf-8")
        os.utime(file, (0, 0))
        watch.until(lambda: len(watch.reports) == 2)
    assert "Nummer 2" in opened(watch.index).documents["old.txt"].text


def test_two_do_not_follow_for_one_index(watch: Watch) -> None:
    with watch:
        watch.until(lambda: watch.syncs == 1)
        with pytest.raises(FollowedAlreadyError) as caught:
            Watch(watch.corpus, watch.index, watch.embedder).following().run()
        assert "\n" not in str(caught.value)
    with Watch(watch.corpus, watch.index, watch.embedder) as next_one:
        next_one.until(lambda: next_one.syncs == 1)


def test_where_no_events_are_told_the_folder_is_looked_at(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> Iterator[bool]:
        raise changes.NoEventsError("The system does not watch it.")
        yield False

    monkeypatch.setattr(following, "ticks", none)
    monkeypatch.setattr(following, "INTERVAL_SECONDS", 0.05)
    with watch:
        watch.until(lambda: watch.syncs == 2)
        (watch.corpus / "new.txt").write_text(article(1), encoding="utf-8")
        watch.until(lambda: len(watch.reports) == 1)
    assert len(watch.lines) == 1
    assert "seconds instead" in watch.lines[0]


@pytest.mark.parametrize(("kind", "silent"), [("nfs4", True), ("CIFS", True), ("fuse.sshfs", True), ("ext4", False)])
def test_a_share_is_known_by_its_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, silent: bool
) -> None:
    import psutil

    mounts = [SimpleNamespace(mountpoint=place, fstype=one) for place, one in (("/", "ext4"), (str(tmp_path), kind))]
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: mounts)
    (tmp_path / "in").mkdir()
    assert changes.is_silent(tmp_path / "in") is silent


def test_where_the_system_has_no_watcher_left_the_folder_is_looked_at(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    import watchfiles
    from watchfiles._rust_notify import WatchfilesRustInternalError

    def none(*_: object, **__: object) -> Iterator[set[Any]]:
        raise WatchfilesRustInternalError("Error creating watcher: Too many open files (os error 24)")
        yield set()

    monkeypatch.setattr(watchfiles, "watch", none)
    monkeypatch.setattr(following, "INTERVAL_SECONDS", 0.05)
    with watch:
        watch.until(lambda: watch.syncs == 1)
        (watch.corpus / "new.txt").write_text(article(1), encoding="utf-8")
        watch.until(lambda: len(watch.reports) == 1)
    assert len(watch.lines) == 1
    assert "Too many open files" in watch.lines[0]
