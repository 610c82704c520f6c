"""
Restore an index from a backup.

The files get numbers that no file of the folder has, and the manifest that names them is published last, as in a sync:
if a run is interrupted before that, the previous index keeps working, and readers that have it open can continue.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import zipfile
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from filelock import FileLock, Timeout

from index.atomic import replace_atomically
from index.backup.contents import LONGEST_TEXT, NOTES, Part, blocks, contents_of, no_backup, opened
from index.errors import IndexDamagedError, IndexMismatchError, RagError
from index.storage import manifest as manifests
from index.storage.failures import free_bytes, writing_failed
from index.storage.manifest import MANIFEST, Manifest, derived_name, store_name
from index.storage.vectors.stores import FAISS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LOCK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Restored:
    """
    What a restore did.

    Parameters
    ----------
    generation
        Generation of the restored index.
    bytes
        Number of bytes written.
    whole
        Whether it can be searched at once; else its vectors were in another store, and the next sync puts them there.

    """

    generation: int
    bytes: int
    whole: bool


def restore(file: Path, index_dir: Path, *, force: bool = False, store: str = FAISS) -> Restored:
    """
    Restore an index from a backup; the previous index stays in place until the new one is complete.

    Parameters
    ----------
    file
        The backup. All of it is compared with its digests before anything is written.
    index_dir
        Folder of the index, created if missing.
    force
        Whether to replace an existing index.
    store
        The vector store of an index that is replaced, see `index.storage.vectors.stores`.

    Raises
    ------
    RagError
        The file is not a complete backup, there is an index and no ``force``, or the index cannot be written.

    """
    _refuse_index(index_dir, force=force)
    try:
        with file.open("rb") as stream, opened(stream, file) as archive:
            parts, manifest = _checked(archive, file, stream.seek(0, 2))
            return _restore(archive, file, parts, manifest, index_dir, force=force, store=store)
    except OSError as error:
        raise RagError(f"The backup {file} cannot be read ({error.strerror or error}).") from error


def _refuse_index(index_dir: Path, *, force: bool) -> None:
    if not force and (index_dir / MANIFEST).exists():
        hint = "Name another folder with --index, or replace it with --force."
        raise RagError(f"There is already an index in {index_dir}; it stays as it was.", hint=hint)


def _checked(archive: zipfile.ZipFile, file: Path, size: int) -> tuple[dict[str, Part], Manifest]:
    """Return the parts and the manifest of a backup, after comparing every byte with its digest."""
    parts = {part.name: part for part in contents_of(archive, file, size).parts}
    for part in parts.values():
        _copy(archive, part, file, None)
    if any(parts[name].bytes > LONGEST_TEXT for name in (MANIFEST, *NOTES) if name in parts):
        raise no_backup(file, "its manifest is too large")
    try:
        manifest = manifests.parse(archive.read(MANIFEST), file / MANIFEST)
    except IndexDamagedError as error:
        raise no_backup(file, "its manifest is damaged") from error
    except IndexMismatchError as error:
        raise no_backup(file, "another version of this program made it") from error
    stores = {one.store for one in manifest.segments}
    derived = {f"{one.derived}/{name}" for one in manifest.segments for name in one.digests}
    digests = all(parts[one.store].sha256 == one.store_sha256 for one in manifest.segments if one.store in parts)
    rest = parts.keys() - {MANIFEST, *NOTES}
    if rest not in (stores, stores | derived) or not digests or len(stores) != len(manifest.segments):
        raise no_backup(file, "its files are not those that its manifest names")
    return parts, manifest


def _restore(
    archive: zipfile.ZipFile,
    file: Path,
    parts: Mapping[str, Part],
    manifest: Manifest,
    index_dir: Path,
    *,
    force: bool,
    store: str,
) -> Restored:
    total = sum(part.bytes for part in parts.values())
    try:
        if free_bytes(index_dir) < total:
            hint = "Free some disk space or name another folder with --index."
            raise RagError(f"The backup needs {total / 1e6:.0f} MB of free space for {index_dir}.", hint=hint)
        index_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(index_dir / manifests.LOCK, timeout=LOCK_SECONDS):
            _refuse_index(index_dir, force=force)  # another process may have made one meanwhile
            made = _renamed(manifest, _free(index_dir))
            whole = _fill(archive, file, parts, manifest, made, index_dir, store)
            manifests.clean(index_dir, keep=made, store=store)
            _restore_notes(archive, parts, index_dir)
    except Timeout as error:
        hint = "Wait until it has finished."
        raise RagError(f"Another process is writing the index in {index_dir}.", hint=hint) from error
    except (OSError, sqlite3.Error) as error:
        raise writing_failed(error, index_dir) from error
    return Restored(made.generation, total, whole)


def _free(index_dir: Path) -> int:
    try:
        return manifests.free_generation(index_dir, manifests.read(index_dir))
    except RagError:  # a damaged index, or one of another version, is replaced
        return manifests.free_generation(index_dir, None)


def _renamed(manifest: Manifest, first: int) -> Manifest:
    """Return a copy of a manifest with files numbered from ``first``."""
    segments = tuple(
        replace(one, store=store_name(number), derived=derived_name(number))
        for number, one in enumerate(manifest.segments, start=first)
    )
    return replace(manifest, generation=first + len(segments) - 1, segments=segments).sealed()


def _fill(
    archive: zipfile.ZipFile,
    file: Path,
    parts: Mapping[str, Part],
    manifest: Manifest,
    made: Manifest,
    index_dir: Path,
    store: str,
) -> bool:
    """Write the files of a generation and publish it; tell whether its derived files are among them."""
    whole = False
    try:
        for before, after in zip(manifest.segments, made.segments, strict=True):
            names = {before.store: after.store}
            names |= {f"{before.derived}/{name}": f"{after.derived}/{name}" for name in before.digests}
            for name, new in names.items():
                if name not in parts:
                    continue
                whole = whole or name != before.store
                target = index_dir / new
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as out:
                    _copy(archive, parts[name], file, out)
                    out.flush()
                    os.fsync(out.fileno())
        manifests.publish(index_dir, made)
    except BaseException:
        # The next sync removes what a killed run leaves. After publishing, nothing is discarded.
        for number in range(made.generation - len(made.segments) + 1, made.generation + 1):
            manifests.discard(index_dir, number, store=store)
        raise
    return whole


def _restore_notes(archive: zipfile.ZipFile, parts: Mapping[str, Part], index_dir: Path) -> None:
    for name in NOTES:
        with suppress(OSError):
            if name in parts:
                replace_atomically(index_dir / name, archive.read(name))
            else:
                (index_dir / name).unlink(missing_ok=True)


def _copy(archive: zipfile.ZipFile, part: Part, file: Path, out: BinaryIO | None) -> None:
    """Read a member, compare it with its digest, and write it to ``out`` if that is given."""
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(part.name) as stream:
            for block in blocks(stream):  # type: ignore[arg-type]
                digest.update(block)
                size += len(block)
                if out is not None:
                    out.write(block)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError) as error:
        raise no_backup(file, f"{part.name} is damaged") from error
    if digest.hexdigest() != part.sha256 or size != part.bytes:
        raise no_backup(file, f"{part.name} has changed since it was written")
