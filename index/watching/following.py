"""
Follow a folder: sync when it has changed and then stayed unchanged for a moment.

This module reads no articles; it decides when to sync and what to report. A sync that fails leaves the index as it
was, is reported once, and is tried again.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from index.errors import EmptiedError, RagError
from index.storage.failures import writing_failed
from index.watching.changes import NoEventsError, is_silent, ticks

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from index.syncing.sync import SyncReport

LOCK = ".watch.lock"
INTERVAL_SECONDS = 60.0
"""Time between two syncs if the system does not report changes."""
QUIET_TICKS = 2
"""Ticks without a change after which a burst is over: about a second."""
MOST_TICKS = 60
"""Ticks after which a folder that keeps changing is synced all the same: about half a minute."""
RETRY_TICKS = 20
"""Ticks until a sync that failed is tried again without any change: about ten seconds."""
GONE_SECONDS = 2.0
"""Time between two checks for a folder that is gone."""


class FollowedAlreadyError(RagError):
    """Another process follows the folder of this index."""


@dataclass(slots=True)
class Following:
    """
    A folder that is followed.

    Parameters
    ----------
    corpus, index_dir
        The folder, and the folder of its index.
    sync
        Brings the index up to date.
    synced
        Called with the report of each sync that changed anything.
    tell
        Called with each line to be shown to the user.
    stop
        Ends the following when set.
    interval
        Seconds between two syncs, instead of using the system's events; None to use events if the system gives them.

    """

    corpus: Path
    index_dir: Path
    sync: Callable[[], SyncReport]
    synced: Callable[[SyncReport], None]
    tell: Callable[[str], None]
    stop: threading.Event
    interval: float | None = None
    _said: str = ""
    _skipped: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """
        Follow the folder until ``stop`` is set; syncs once at the start, too.

        Raises
        ------
        FollowedAlreadyError
            Another process follows a folder for the same index.

        """
        try:
            self.index_dir.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.index_dir / LOCK, timeout=0)
            lock.acquire()
        except Timeout as error:
            raise FollowedAlreadyError(
                f"Another process already keeps the index in {self.index_dir} up to date.",
                hint="Stop that process first, or leave the index to it.",
            ) from error
        except OSError as error:
            raise writing_failed(error, self.index_dir) from error
        try:
            self._follow()
        finally:
            lock.release()

    def _follow(self) -> None:
        while not self.stop.is_set():
            if not self._is_there():
                self._say(f"There is no folder {self.corpus}; the index stays as it is until it is back.")
                self.stop.wait(GONE_SECONDS)
                continue
            if self._is_looked_at():
                self._look()
                self.stop.wait(INTERVAL_SECONDS if self.interval is None else self.interval)
                continue
            try:
                with closing(ticks(self.corpus, self.index_dir, self.stop)) as told:  # type: ignore[type-var]
                    self._listen(told)
            except NoEventsError as error:
                self.interval = INTERVAL_SECONDS
                self._say(f"{error.message} It is checked every {self.interval:.0f} seconds instead.")

    def _is_looked_at(self) -> bool:
        if self.interval is None and is_silent(self.corpus):
            self.interval = INTERVAL_SECONDS
            self._say(f"{self.corpus} is on another machine; it is checked every {self.interval:.0f} seconds.")
        return self.interval is not None

    def _listen(self, told: Iterator[bool]) -> None:
        """Sync after each burst of changes, until the folder is gone or replaced by another one."""
        place = self._place()
        waiting, quiet = 1, QUIET_TICKS - 1  # for changes made before the events were listened to
        wanted = QUIET_TICKS
        for changed in told:
            if self._place() != place:
                return
            if changed:
                waiting, quiet, wanted = waiting + 1, 0, QUIET_TICKS
                if waiting < MOST_TICKS:
                    continue
            elif waiting:
                waiting, quiet = waiting + 1, quiet + 1
            if waiting and (quiet >= wanted or (wanted == QUIET_TICKS and waiting >= MOST_TICKS)):
                done = self._look()
                waiting, quiet, wanted = (0, 0, QUIET_TICKS) if done else (1, 0, RETRY_TICKS)

    def _look(self) -> bool:
        """Sync; tell whether that went well."""
        try:
            report = self.sync()
        except EmptiedError as error:
            self._say(f"{error}")
            return True
        except RagError as error:
            # A folder that vanished during the sync is reported by `_follow`.
            if self._is_there():
                self._say(f"{error}")
            return False
        self._said = ""
        self._tell_skipped(report)
        if report.added or report.changed or report.renamed or report.removed:
            self.synced(report)
        return True

    def _tell_skipped(self, report: SyncReport) -> None:
        """Report each skipped file once, and again only if the reason has changed."""
        skipped = {one.path: one.reason for one in report.skipped}
        for path, reason in skipped.items():
            if self._skipped.get(path) != reason:
                self.tell(f"skipped {path}: {reason}")
        self._skipped = skipped

    def _say(self, line: str) -> None:
        if line != self._said:
            self._said = line
            self.tell(line)

    def _is_there(self) -> bool:
        return self._place() is not None

    def _place(self) -> tuple[int, int] | None:
        """Return a value that differs for another folder created or mounted under the same name; None if it is gone."""
        try:
            if not self.corpus.is_dir():
                return None
            found = self.corpus.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
