"""
The folder where models are kept, and the record of what was verified.

Each model has its own folder. A file gets its final name only when it is complete and verified, and
``record.json`` beside it keeps the SHA-256, size and modification time of that moment: a later start compares
size and time, which costs nothing, and hashes a gigabyte only when one of them differs or when asked to.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from filelock import FileLock, Timeout

from index.errors import ModelError
from index.progress import tell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


RECORD = "record.json"
_FORMAT = 1
_BLOCK = 1 << 20
_REPORT = 32 * _BLOCK
_TEMPORARY = ".tmp-"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """State of a file when its SHA-256 was last compared."""

    sha256: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Record:
    """
    What a folder of the cache holds.

    Parameters
    ----------
    converter
        The converter that wrote the files, with its version; empty for files kept as downloaded.
    sources
        SHA-256 of the files they were made from, by name.
    files
        Records of the files themselves, by name.

    """

    converter: str
    sources: dict[str, str]
    files: dict[str, FileRecord]


@dataclass(frozen=True, slots=True)
class Check:
    """Result of checking a folder: its state, the reason, and whether files were hashed to find out."""

    state: Literal["missing", "damaged", "intact"]
    detail: str = ""
    hashed: bool = False


def cache_folder() -> Path:
    """Return where models are kept: ``RAG_MODEL_CACHE``, or this program's folder in the user's cache."""
    named = os.environ.get("RAG_MODEL_CACHE", "").strip()
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_cache_dir  # noqa: PLC0415 - only where it is needed

    return Path(user_cache_dir("quellentreu", appauthor=False))


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file, read block by block."""
    digest = hashlib.sha256()
    total = path.stat().st_size
    done = 0
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            done += len(block)
            if done % _REPORT == 0:
                tell(f"Verifying {path.name}", done, total)
    return digest.hexdigest()


def sync_file(path: Path) -> None:
    """Flush a written file to the disk, so that a later rename cannot expose half of it."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def write_text_atomically(path: Path, text: str) -> None:
    """Write a small file under its final name in one step."""
    # Not mkstemp, whose files only the owner can read: a cache may be shared.
    temporary = path.with_name(f"{_TEMPORARY}{secrets.token_hex(8)}")
    try:
        with temporary.open("x", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_record(folder: Path, *, converter: str, sources: dict[str, str], files: Mapping[str, str]) -> None:
    """Write ``record.json`` for files of ``folder`` whose SHA-256 (the values of ``files``) is known."""
    recorded = {}
    for name, sha256 in files.items():
        status = (folder / name).stat()
        recorded[name] = FileRecord(sha256=sha256, size=status.st_size, mtime_ns=status.st_mtime_ns)
    record = Record(converter=converter, sources=sources, files=recorded)
    text = json.dumps({"format": _FORMAT, **asdict(record)}, indent=1, sort_keys=True)
    write_text_atomically(folder / RECORD, text + "\n")


def read_record(folder: Path) -> Record | None:
    """Return the record of a folder, None if there is none that can be read."""
    try:
        data = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if data["format"] != _FORMAT:
            return None
        files = {
            str(name): FileRecord(sha256=str(entry["sha256"]), size=int(entry["size"]), mtime_ns=int(entry["mtime_ns"]))
            for name, entry in data["files"].items()
        }
        sources = {str(name): str(sha256) for name, sha256 in data["sources"].items()}
        return Record(converter=str(data["converter"]), sources=sources, files=files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def check_files(
    folder: Path,
    expected: Mapping[str, str],
    *,
    sources: Mapping[str, str],
    converter: str = "",
    verify: bool = False,
) -> Check:
    """
    Check that a folder holds the files that its record and the catalogue name.

    Parameters
    ----------
    folder
        A folder of the cache.
    expected
        Names of the files that must be there, each with its SHA-256 in the catalogue, or with an empty
        string if only the record knows it (files made on this machine).
    sources
        SHA-256 of the files that they must have been made from, by name.
    converter
        The converter that must have made them, without its version.
    verify
        Hash every file, even those with the size and time of an earlier verification.

    """
    absent = [name for name in expected if not (folder / name).is_file()]
    if absent:
        return Check("missing", f"{absent[0]} is missing")
    record = read_record(folder) or Record(converter=converter, sources=dict(sources), files={})
    if record.sources != dict(sources) or not record.converter.startswith(converter):
        return Check("missing", "made from another version of the model")
    # The catalogue takes precedence over the record.
    wanted = {name: sha256 or _recorded(record, name) for name, sha256 in expected.items()}
    hashed = False
    for name, sha256 in wanted.items():
        path = folder / name
        status = path.stat()
        if not verify and record.files.get(name) == FileRecord(sha256, status.st_size, status.st_mtime_ns):
            continue
        if not sha256:
            return Check("damaged", f"{RECORD} does not know {name}", hashed)
        hashed = True
        if sha256_of(path) != sha256:
            return Check("damaged", f"{name} differs from its SHA-256", hashed)
    if hashed:
        # A mere change of date (a copied cache) must not cost a full verification at every start; but a cache that
        # cannot be written to is verified each time.
        with suppress(OSError):
            write_record(folder, converter=record.converter, sources=record.sources, files=wanted)
    return Check("intact", "", hashed)


def _recorded(record: Record, name: str) -> str:
    """Return the SHA-256 of a file in a record, empty if the record does not contain it."""
    entry = record.files.get(name)
    return entry.sha256 if entry is not None else ""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """
    Hold the exclusive right to change a model's folder, among threads and processes alike.

    The operating system frees the lock when its holder dies, so that no stale lock remains.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.parent / f".{folder.name}.lock")
    while True:
        try:
            lock.acquire(timeout=0.5)
            break
        except Timeout:
            tell(f"Waiting for another process that fetches {folder.name}", 0, 0)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """Give a temporary folder on the disk of ``parent``, which is always removed afterwards."""
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_leftovers(folder: Path) -> None:
    """Remove the temporary files of killed processes; only while the folder is `locked`."""
    for path in folder.glob(f"{_TEMPORARY}*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def replace_folder(new: Path, final: Path) -> None:
    """Move a finished folder out of a `scratch` folder to ``final``; nobody sees it half full."""
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.exists():
        # A folder cannot be renamed onto one that is not empty; the old one is moved into the scratch folder first.
        final.replace(new.with_name(f"{new.name}.old"))
    new.replace(final)


def folder_size(folder: Path) -> int:
    """Return the total size of all files in a folder in bytes, 0 if there is no such folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def require_space(folder: Path, needed: int, purpose: str) -> None:
    """
    Check that the disk has room for what is about to be written.

    Raises
    ------
    ModelError
        There is not enough room; the error says how much is needed, how much is free, and where.

    """
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ModelError(
            f"{purpose} needs {needed / 1e9:.1f} GB in {folder}, where {free / 1e9:.1f} GB are free.",
            hint="Make room, or name another folder with RAG_MODEL_CACHE.",
        )
