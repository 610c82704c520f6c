"""
Remember what the last sync saw, so that unchanged files, both articles and files of the index, are not read again.

As in `git`, a file counts as unchanged if its size, times and inode are; a file that changed just before it was looked
at is read again. The record holds for one generation. If it is missing or damaged, everything is read.
"""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from index.atomic import replace_atomically
from index.storage.failures import doubt_of
from index.storage.manifest import SEEN

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from index.reading.documents import Entry
    from index.reading.gathering import Gathered
    from index.storage.manifest import Manifest
    from index.types import Document

_SETTLED_NS = 2_000_000_000
"""A file that changed less than this before it was looked at may change again unseen."""
ALWAYS_READ = 64_000_000
"""The files of an index of at most this many bytes are read and checked by every sync."""

_Stat = list[int]  # size, modification and inode change times in nanoseconds, inode number
_NOWHERE: _Stat = [-1] * 4


class Unread(NamedTuple):
    """A document that the last sync saw, whose file is unchanged and was not read again."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Files:
    """
    What a sync saw of the articles' files.

    There may be very many files, so the record is a few long lists, which are read and compared as a whole.

    Parameters
    ----------
    paths
        Paths in the order in which a folder is walked.
    status
        Four numbers for each file; see `stat_of`.
    documents
        For each file, the digest if its only document has the file's own path, else path and digest of each document.

    """

    paths: list[str] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    documents: list[str | list[list[str]]] = field(default_factory=list)

    @cached_property
    def rows(self) -> dict[str, int]:
        """The position of each path in these lists."""
        return {path: row for row, path in enumerate(self.paths)}

    def of(self, row: int) -> list[Unread]:
        """Return the documents of a file."""
        found = self.documents[row]
        return [Unread(self.paths[row], found)] if isinstance(found, str) else [Unread(*one) for one in found]


@dataclass
class Seen:
    """
    What a sync saw.

    Parameters
    ----------
    key
        Identifies how files are read.
    manifest
        Digest of the manifest of the generation that this record holds for.
    files
        The articles' files.
    checked
        Status of the index's own files that were compared with their digests.
    notes
        What could not be read of documents, by document path.
    began
        When the sync began, in nanoseconds.
    small
        Whether the index is small enough to be read by every sync.

    """

    key: str = ""
    manifest: str = ""
    files: Files = field(default_factory=Files)
    checked: dict[str, _Stat] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    began: int = field(default_factory=time.time_ns)
    small: bool = False

    @classmethod
    def read(cls, index_dir: Path, key: str) -> Seen:
        """Return the record of the last sync; an empty one if files are read in another way now."""
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            digest, _, data = (index_dir / SEEN).read_bytes().partition(b"\n")
            if hashlib.sha256(data).hexdigest().encode() == digest:
                found = json.loads(data)
                if found["key"] == key:
                    files, checked = Files(**found["files"]), found["checked"]
                    small = sum(status[0] for status in checked.values()) <= ALWAYS_READ
                    return cls(key, found["manifest"], files, checked, found["notes"], small=small)
        return cls(key)

    def write(self, index_dir: Path, before: Seen) -> None:
        """Write the record, unless it is empty or equal to the one kept before."""
        if self._kept() == before._kept() or not (before.manifest or self.files.paths):
            return
        packed = json.dumps(self._kept(), ensure_ascii=False).encode("utf-8", "surrogatepass")
        with suppress(OSError):  # the next sync then reads everything
            replace_atomically(index_dir / SEEN, hashlib.sha256(packed).hexdigest().encode() + b"\n" + packed)

    def _kept(self) -> dict[str, Any]:
        files = {"paths": self.files.paths, "status": self.files.status, "documents": self.files.documents}
        kept = {"key": self.key, "manifest": self.manifest, "checked": self.checked, "notes": self.notes}
        return kept | {"files": files}

    def unchanged(self, entries: Sequence[Entry]) -> bytes:
        """Tell for each file whether it is unchanged and need not be read."""
        kept = self.files
        status: list[int] = []
        for entry in entries:
            status += _NOWHERE if entry.status is None else stat_of(entry.status)
        if status == kept.status and [entry.path for entry in entries] == kept.paths:
            return b"\1" * len(entries)
        rows = kept.rows
        found = bytearray(len(entries))
        for number, entry in enumerate(entries):
            row = rows.get(entry.path)
            found[number] = (
                row is not None and status[4 * number : 4 * number + 4] == kept.status[4 * row : 4 * row + 4]
            )
        return bytes(found)

    def documents(self, found: Gathered) -> list[Document | Unread]:
        """Return the documents of a folder in the order of its files; those not read again come without texts."""
        made: list[Document | Unread] = []
        for entry, same in zip(found.entries, found.unchanged, strict=True):
            made += self.files.of(self.files.rows[entry.path]) if same else found.read[entry.path]
        return made

    def after(self, found: Gathered, notes: Mapping[str, Sequence[str]], manifest: Manifest, index_dir: Path) -> Seen:
        """
        Return what was seen this time.

        Parameters
        ----------
        found
            The files that were read, and those that were found unchanged.
        notes
            What could not be read of the documents, by document path.
        manifest, index_dir
            The index that was made; all of its files were checked or written.

        """
        checked = {file.relative_to(index_dir).as_posix(): _look(file) for file in own_files(index_dir, manifest)}
        return Seen(
            self.key,
            manifest.digest,
            self._files_after(found),
            {name: status for name, status in checked.items() if status is not None},
            {path: list(of) for path, of in notes.items() if of},
            began=self.began,
        )

    def _files_after(self, found: Gathered) -> Files:
        if len(found.entries) == len(self.files.paths) and all(found.unchanged):
            return self.files
        files = Files()
        for entry, same in zip(found.entries, found.unchanged, strict=True):
            status = entry.status
            if status is None or entry.path in found.unfinished or not (same or self._is_settled(status)):
                continue
            files.paths.append(entry.path)
            files.status.extend(stat_of(status))
            if same:
                files.documents.append(self.files.documents[self.files.rows[entry.path]])
            else:
                of = found.read[entry.path]
                own = len(of) == 1 and of[0].path == entry.path
                files.documents.append(of[0].sha256 if own else [[one.path, one.sha256] for one in of])
        return files

    def is_checked(self, index_dir: Path, file: Path) -> bool:
        """Tell whether a file of the index was compared with its digest and has not been doubted or changed since."""
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
    """Return the numbers that show whether a file has changed."""
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _look(file: Path) -> _Stat | None:
    try:
        return stat_of(file.stat())
    except OSError:
        return None
