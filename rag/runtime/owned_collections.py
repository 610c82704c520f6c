"""Files that users add themselves: each owner has a separate collection, and there are limits for all together."""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from collections import OrderedDict
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from index.collections.owners import SHARED, Owner
from index.collections.private_files import FOLDER_MODE, private_folder
from index.collections.uploads import UploadLimits, Uploads
from index.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from index.protocols import Embedder
    from rag.settings import Settings

OWNERS = "owners"
_MOST_OPEN = 32  # collections kept open in memory; others are reopened when they are next asked
_DAY_SECONDS = 86_400.0
_TOUCH_SECONDS = 3600.0
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SharedLimits:
    """
    Limits for all owners together, except `SHARED`.

    Parameters
    ----------
    owners
        Most owners with files.
    total_bytes
        Most bytes of all their files.
    days
        Files of an owner who has not used the collection for this many days are removed; 0 for never.

    """

    owners: int
    total_bytes: int
    days: int


class OwnedUploads:
    """
    Each owner's collection.

    Safe to share between threads. There is never more than one `Uploads` for an owner at a time.

    Parameters
    ----------
    folder
        Folder of `SHARED`; each other owner has a folder in it, named by the owner's digest.
    limits
        Limits of each collection.
    shared_limits
        Limits of all collections together.
    embedder
        Returns the embedding model.
    removed
        Called with the owner whose files have been removed.

    """

    def __init__(
        self,
        folder: Path,
        limits: UploadLimits,
        shared_limits: SharedLimits,
        embedder: Callable[[], Embedder],
        *,
        removed: Callable[[Owner], None],
    ) -> None:
        self.limits = limits
        self.shared_limits = shared_limits
        self._folder = folder
        self._embedder = embedder
        self._removed = removed
        self._alive: WeakValueDictionary[str, Uploads] = WeakValueDictionary()
        self._open: OrderedDict[str, Uploads] = OrderedDict()
        self._coming: dict[str, int] = {}
        self._lock = threading.RLock()

    @classmethod
    def of(
        cls, settings: Settings, embedder: Callable[[], Embedder], *, removed: Callable[[Owner], None]
    ) -> OwnedUploads:
        """Return the collections that the settings name."""
        limits = UploadLimits(
            settings.own_files.file_megabytes * 1_000_000,
            settings.own_files.files,
            settings.own_files.total_megabytes * 1_000_000,
            settings.reading.ocr,
        )
        shared_limits = SharedLimits(
            settings.own_files.owners, settings.own_files.owners_megabytes * 1_000_000, settings.own_files.days
        )
        made = cls(settings.uploads_folder, limits, shared_limits, embedder, removed=removed)
        made.get(SHARED).tighten()
        return made

    def get(self, owner: Owner) -> Uploads:
        """Return an owner's collection; nothing is written to disk before its first file."""
        with self._lock:
            found = self._alive.get(owner.digest)
            if found is None:
                found = self._make(owner)
                self._alive[owner.digest] = found
            self._open[owner.digest] = found
            self._open.move_to_end(owner.digest)
            while len(self._open) > _MOST_OPEN:
                self._open.popitem(last=False)
        if owner != SHARED:
            _touch(self._folder_of(owner))
        return found

    def refresh(self) -> None:
        """Check again for changes by other processes."""
        with self._lock:
            alive = list(self._alive.values())
        for collection in alive:
            collection.refresh()

    def owners(self) -> list[Owner]:
        """Return the owners who have files, except `SHARED`."""
        return [owner for owner, _ in self._used()]

    def expire(self) -> int:
        """
        Remove the files of owners who have not used them for longer than the limit allows.

        Returns
        -------
        int
            Number of owners whose files were removed.

        """
        if not self.shared_limits.days:
            return 0
        oldest = time.time() - self.shared_limits.days * _DAY_SECONDS
        count = 0
        for owner, _ in self._used():
            with self._lock:
                if _used_at(self._folder_of(owner)) >= oldest:
                    continue
                self._open.pop(owner.digest, None)
                if owner.digest in self._alive:  # the collection is in use
                    continue
                shutil.rmtree(self._folder_of(owner), ignore_errors=True)
            count += 1
        if count:
            _LOG.warning("own files of %d owners, unused for %d days, were removed", count, self.shared_limits.days)
        return count

    def _make(self, owner: Owner) -> Uploads:
        def removed() -> None:
            if owner != SHARED:
                _tidy(self._folder_of(owner))
            self._removed(owner)

        if owner == SHARED:
            return Uploads(self._folder, self.limits, self._embedder, removed=removed)
        folder, admit = self._folder_of(owner), partial(self._admitted, owner)
        return Uploads(folder, self.limits, self._embedder, removed=removed, admit=admit)

    def _folder_of(self, owner: Owner) -> Path:
        return self._folder / OWNERS / owner.digest

    @contextmanager
    def _admitted(self, owner: Owner, size: int) -> Iterator[None]:
        """Reserve room for a file that is being added."""
        self.expire()
        with self._lock:
            used = dict(self._used())
            there = {one.digest for one in used} | {digest for digest, coming in self._coming.items() if coming}
            if owner.digest not in there and len(there) >= self.shared_limits.owners:
                raise CorpusError(
                    f"{len(there)} users have files of their own already.",
                    hint="See RAG_UPLOAD_OWNERS and RAG_UPLOAD_DAYS.",
                    kind="crowded",
                )
            if sum(used.values()) + sum(self._coming.values()) + size > self.shared_limits.total_bytes:
                raise CorpusError(
                    f"The files of all users together would have more than {self.shared_limits.total_bytes / 1e6:.0f} MB.",
                    hint="See RAG_UPLOAD_OWNERS_MEGABYTES and RAG_UPLOAD_DAYS.",
                    kind="crowded",
                )
            self._coming[owner.digest] = self._coming.get(owner.digest, 0) + size
            with suppress(OSError):  # writing the file then reports the reason
                self._folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
                private_folder(self._folder / OWNERS)
        try:
            yield
        finally:
            with self._lock:
                self._coming[owner.digest] -= size
                if self._coming[owner.digest] <= 0:
                    del self._coming[owner.digest]

    def _used(self) -> Iterator[tuple[Owner, int]]:
        """Yield the owners with files, and the total size of these in bytes."""
        try:
            folders = list(os.scandir(self._folder / OWNERS))
        except OSError:
            return
        for folder in folders:
            try:
                owner = Owner(folder.name)
                files = [file.stat().st_size for file in os.scandir(self._folder_of(owner) / "files")]
            except (OSError, ValueError):  # not one of ours, or gone meanwhile
                continue
            if owner != SHARED and files:
                yield owner, sum(files)


def _tidy(folder: Path) -> None:
    """Remove the folder of an owner who has no files any more; does nothing if there are any."""
    with suppress(OSError):
        (folder / "files").rmdir()
    if not (folder / "files").exists():
        shutil.rmtree(folder / "index", ignore_errors=True)
        with suppress(OSError):
            folder.rmdir()


def _used_at(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:
        return time.time()


def _touch(folder: Path) -> None:
    """Record that an owner has used the collection."""
    with suppress(OSError):
        if time.time() - folder.stat().st_mtime > _TOUCH_SECONDS:
            os.utime(folder)
