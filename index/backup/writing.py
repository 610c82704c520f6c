"""
Write a backup of an index that is in use.

Published stores are never changed (see `index.syncing.building`), so a plain copy of the files that one manifest
names is consistent; SQLite's backup interface would give the same bytes more slowly. All files are opened before the
first is copied: a sync may remove them from their folder meanwhile, but open files stay readable.

The derived files are included, although they could be made again, so that a restored index answers at once, without
its articles or the embedding model.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import stat
import zipfile
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Self

from index.backup.contents import CONTENTS, FORMAT, LONGEST_TEXT, NOTES, Contents, Part, blocks, is_backup
from index.errors import IndexDamagedError, IndexMissingError, RagError
from index.storage import manifest as manifests
from index.storage.failures import MEND, damaged
from index.storage.manifest import MANIFEST
from index.storage.segments import derived
from index.storage.vectors.stores import FAISS, written_by

if TYPE_CHECKING:
    from pathlib import Path

    from index.storage.manifest import Manifest

_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Written:
    """A backup that was written: generation of the index, number of files, number of bytes."""

    generation: int
    files: int
    bytes: int


def backup(index_dir: Path, file: Path) -> Written:
    """
    Write the current generation of an index to one file, which gets its name only when it is complete.

    Parameters
    ----------
    index_dir
        Folder of the index. It is only read, and not locked: it may be searched and brought up to date meanwhile.
    file
        Path of the backup. An existing backup is replaced.

    Raises
    ------
    IndexMissingError
        There is no index.
    IndexDamagedError
        The index has changed since it was written. Nothing of it is written.
    RagError
        The file cannot be written, is not a backup, or is being written by another process.

    """
    if file.is_dir() or (file.exists() and not is_backup(file)):
        raise RagError(f"{file} exists and is not a backup.", hint="Name another file; this one stays as it is.")
    try:
        with ExitStack() as stack:
            members = _members(index_dir, stack)
            part = stack.enter_context(_Part(file))
            found = _write(part.stream, members)
            part.publish()
            return found
    except OSError as error:
        reason = error.strerror or error
        raise RagError(f"The backup {file} cannot be written ({reason}).", hint="Name a file elsewhere.") from error


@dataclass(frozen=True, slots=True)
class _Members:
    folder: Path
    manifest: Manifest
    streams: dict[str, BinaryIO]
    wanted: dict[str, str]  # digests of the stores


def _members(index_dir: Path, stack: ExitStack) -> _Members:
    """Open the files of the current generation, making sure that all are of the same one."""
    for _ in range(_ATTEMPTS):
        manifest = manifests.read(index_dir)
        if manifest is None:
            raise IndexMissingError(f"There is no index in {index_dir}.", hint="Make it with `rag index CORPUS`.")
        with ExitStack() as tried:
            try:
                streams = _opened(index_dir, manifest, tried)
                wrong = [] if _elsewhere(manifest) else derived.problems(index_dir, manifest)
            except FileNotFoundError as error:
                wrong = [f"The index file {error.filename} is missing."]
            if not wrong:
                stack.push(tried.pop_all())
                wanted = {one.store: one.store_sha256 for one in manifest.segments}
                return _Members(index_dir, manifest, streams, wanted)
        if manifests.read(index_dir) == manifest:
            raise IndexDamagedError(wrong[0], hint=f"No backup was written. {MEND}")
    raise RagError(f"The index in {index_dir} changes too often for a backup.", hint="Try again in a moment.")


def _elsewhere(manifest: Manifest) -> bool:
    """Tell whether the vectors are in another store: the files that refer to it would not restore them."""
    return any(written_by(one.digests) != FAISS for one in manifest.segments)


def _opened(index_dir: Path, manifest: Manifest, stack: ExitStack) -> dict[str, BinaryIO]:
    found: dict[str, BinaryIO] = {MANIFEST: BytesIO(json.dumps(asdict(manifest), indent=1).encode())}
    for name in NOTES:
        with suppress(FileNotFoundError), (index_dir / name).open("rb") as stream:
            found[name] = BytesIO(stream.read(LONGEST_TEXT))
    for one in manifest.segments:
        names = [one.store]
        if not _elsewhere(manifest):
            names += [f"{one.derived}/{name}" for name in sorted(one.digests)]
        for name in names:
            found[name] = stack.enter_context((index_dir / name).open("rb"))
    return found


def _write(out: BinaryIO, members: _Members) -> Written:
    parts = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, stream in members.streams.items():
            digest, size = hashlib.sha256(), 0
            with archive.open(_info(name), "w", force_zip64=True) as member:
                for block in blocks(stream):
                    digest.update(block)
                    size += len(block)
                    member.write(block)
            part = Part(name, size, digest.hexdigest())
            if members.wanted.get(name, part.sha256) != part.sha256:
                raise damaged(members.folder / name, "it has changed since it was written")
            parts.append(part)
        contents = Contents(FORMAT, tuple(parts)).sealed()
        archive.writestr(_info(CONTENTS), contents.to_bytes())
    return Written(members.manifest.generation, len(parts), sum(one.bytes for one in parts))


def _info(name: str) -> zipfile.ZipInfo:
    """Return a member's description without a time, so that equal generations make equal backups."""
    made = zipfile.ZipInfo(name)
    made.external_attr = (stat.S_IFREG | 0o600) << 16
    return made


class _Part:
    """The temporary file beside the backup: only one process writes it, and what a killed one left is overwritten."""

    stream: BinaryIO

    def __init__(self, file: Path) -> None:
        self._file = file
        self._part = file.with_name(f".{file.name}.part")
        self._published = False

    def __enter__(self) -> Self:
        handle = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        self.stream = os.fdopen(handle, "r+b")
        if not self._is_locked(handle):
            self.stream.close()
            raise RagError(f"Another process is writing {self._file}.", hint="Wait until it has finished.")
        self.stream.truncate(0)
        return self

    def _is_locked(self, handle: int) -> bool:
        """Lock the file; tell whether that worked, and nobody gave it the backup's name between opening and locking."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return os.path.samestat(os.fstat(handle), self._part.stat())
        except (BlockingIOError, FileNotFoundError):
            return False

    def publish(self) -> None:
        """Give the file the name of the backup."""
        self.stream.flush()
        os.fsync(self.stream.fileno())
        self._part.replace(self._file)
        self._published = True
        folder = os.open(self._file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def __exit__(self, *_: object) -> None:
        if not self._published:
            with suppress(OSError):
                self._part.unlink()
        self.stream.close()
