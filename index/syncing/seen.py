"""
What the last sync saw, so that a file that is as it was is not read again: neither an article nor one of the index.

As `git` does, a file is taken for unchanged where size, times and inode are; one that changed just before it was looked
at is not relied on. What is kept holds for one generation. Without it, or with a damaged one, all is read.
"""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.atomic import replace_atomically
from index.storage.failures import doubt_of
from index.storage.manifest import SEEN
from index.types import Document, Metadata

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from index.storage.manifest import Manifest

_SETTLED_NS = 2_000_000_000
"""A file that changed less than this before it was looked at may change again unseen."""
ALWAYS_READ = 64_000_000
"""Files of an index that have not more bytes together are read by every sync."""

_Stat = list[int]  # size, times in nanoseconds of content and of inode, number of the inode


@dataclass
class Seen:
    """
    What a sync saw.

    Parameters
    ----------
    key
        What decides how files are read.
    manifest
        Digest of the manifest of the generation that this holds for.
    files
        Of each article's file: its status, and of its documents path, digest, title and notes.
    checked
        Status of the index's own files that were compared with their digests.
    began
        When the sync began, in nanoseconds.
    used
        Whether some file was not read, because it is as it was.
    taken
        How many documents such files have.
    small
        Whether the index is small enough to be read by every sync.
    notes
        What could not be read of documents, by their paths.

    """

    key: str = ""
    manifest: str = ""
    files: dict[str, tuple[_Stat, list[list[Any]]]] = field(default_factory=dict)
    checked: dict[str, _Stat] = field(default_factory=dict)
    began: int = field(default_factory=time.time_ns)
    used: bool = False
    taken: int = 0
    small: bool = False
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, index_dir: Path, key: str) -> Seen:
        """Return what the last sync left, nothing where it does not hold for what is read now."""
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            digest, _, data = (index_dir / SEEN).read_bytes().partition(b"\n")
            if hashlib.sha256(data).hexdigest().encode() == digest:
                found = json.loads(data)
                if found["key"] == key:
                    checked = found["checked"]
                    small = sum(status[0] for status in checked.values()) <= ALWAYS_READ
                    return cls(key, found["manifest"], found["files"], checked, small=small)
        return cls(key)

    def write(self, index_dir: Path, before: Seen) -> None:
        """Keep it, unless that is what was kept before, or nothing."""
        kept = (before.key, before.manifest, before.files, before.checked)
        if kept == (self.key, self.manifest, self.files, self.checked) or not (before.manifest or self.files):
            return
        data = {"key": self.key, "manifest": self.manifest, "files": self.files, "checked": self.checked}
        packed = json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass")
        with suppress(OSError):  # the next sync then reads everything
            replace_atomically(index_dir / SEEN, hashlib.sha256(packed).hexdigest().encode() + b"\n" + packed)

    def unchanged(self, path: str, status: os.stat_result | None) -> list[Document] | None:
        """
        Return the documents of a file that is as it was, without their texts; None where it has to be read.

        Parameters
        ----------
        path
            Of the file, in the folder.
        status
            What the system says of it; None where that is not known.

        """
        found = self.files.get(path)
        if found is None or status is None or found[0] != stat_of(status):
            return None
        self.used = True
        self.taken += len(found[1])
        made = []
        for name, sha256, title, notes in found[1]:
            made.append(Document(name, "", Metadata(title), sha256))
            if notes:
                self.notes[name] = tuple(notes)
        return made

    def after(
        self, read: Mapping[str, tuple[os.stat_result, Sequence[Document]]], manifest: Manifest, index_dir: Path
    ) -> Seen:
        """
        Return what was seen this time.

        Parameters
        ----------
        read
            The documents of each file that was read, or found unchanged, and nothing of which was left out.
        manifest, index_dir
            What was made of it; all of its files were checked or written.

        """
        files = {}
        for path, (status, of) in read.items():
            now, before = stat_of(status), self.files.get(path)
            if before is not None and before[0] == now:
                files[path] = before
            elif self._is_settled(status):
                described = [
                    [one.path, one.sha256, one.metadata.title, list(self.notes.get(one.path, ()))] for one in of
                ]
                files[path] = (now, described)
        checked = {file.relative_to(index_dir).as_posix(): _look(file) for file in own_files(index_dir, manifest)}
        return Seen(
            self.key,
            manifest.digest,
            files,
            {name: status for name, status in checked.items() if status is not None},
            began=self.began,
        )

    def is_checked(self, index_dir: Path, file: Path) -> bool:
        """Tell whether a file of the index is one that was compared with its digest, and nobody doubts it since."""
        if self.small:
            return False
        wanted = self.checked.get(file.relative_to(index_dir).as_posix())
        return wanted is not None and wanted == _look(file) and not doubt_of(file).exists()

    def _is_settled(self, status: os.stat_result) -> bool:
        return max(status.st_mtime_ns, status.st_ctime_ns) < self.began - _SETTLED_NS


def own_files(index_dir: Path, manifest: Manifest) -> Iterable[Path]:
    """Yield the stores and derived files of a generation."""
    for segment in manifest.segments:
        yield index_dir / segment.store
        yield from (index_dir / segment.derived / name for name in segment.digests)


def stat_of(status: os.stat_result) -> _Stat:
    """Return what tells that a file changed."""
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _look(file: Path) -> _Stat | None:
    try:
        return stat_of(file.stat())
    except OSError:
        return None
