"""Say in one line why an index cannot be read or written, and how to fix it."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from index.errors import IndexDamagedError, IndexReadOnlyError, RagError

if TYPE_CHECKING:
    from pathlib import Path

MEND = "Your articles are untouched; repair the index with `rag index CORPUS`."
DOUBT = ".doubt"
_ELSEWHERE = "or name another folder with --index"
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM)
_NO_ROOM = 1_000_000  # bytes; if a library gives no reason, less free space than this is taken for the cause


def damaged(file: Path, reason: str) -> IndexDamagedError:
    """Return the error for a file of an index that has changed since it was written."""
    return IndexDamagedError(f"The index file {file} is damaged ({_one_line(reason)}).", hint=MEND)


def noticed(file: Path, reason: str) -> IndexDamagedError:
    """Return the same error for damage noticed while reading, and mark the file so that the next sync checks it."""
    with suppress(OSError):
        doubt_of(file).touch()
    return damaged(file, reason)


def doubt_of(file: Path) -> Path:
    """Return the path of the marker file which says that a file of an index has to be checked."""
    return file.with_name(f".{file.name}{DOUBT}")


def unreadable(file: Path, error: OSError) -> IndexDamagedError:
    """Return the error for a file of an index that the system does not allow to be read."""
    reason = error.strerror or error
    return IndexDamagedError(f"The index file {file} cannot be read ({reason}).", hint=f"Make it readable. {MEND}")


def writing_failed(error: OSError | sqlite3.Error, index_dir: Path) -> RagError:
    """
    Return the error to raise when writing an index failed.

    Parameters
    ----------
    error
        The error of the system or of SQLite.
    index_dir
        Folder of the index. Whatever could be read in it before can still be read.

    """
    if isinstance(error, OSError):
        return _of_system(error, index_dir)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return _full(index_dir)
    if code == sqlite3.SQLITE_READONLY:
        return _read_only(index_dir)
    if code in {sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}:
        return _forbidden(index_dir)
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return RagError(f"The index in {index_dir} is damaged ({_line(error)}).", hint=MEND)
    if code in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, 0} and free_bytes(index_dir) < _NO_ROOM:
        return _full(index_dir)
    return _other(index_dir, _line(error))


def free_bytes(folder: Path) -> int:
    """Return the free disk space, in bytes, where a folder is or will be."""
    existing = next(parent for parent in (folder, *folder.resolve().parents) if parent.exists())
    return shutil.disk_usage(existing).free


def _of_system(error: OSError, index_dir: Path) -> RagError:
    if error.errno in _FULL or (error.errno is None and free_bytes(index_dir) < _NO_ROOM):
        return _full(index_dir)
    if error.errno == errno.EROFS:
        return _read_only(index_dir)
    if error.errno in _FORBIDDEN:
        return _forbidden(index_dir)
    if error.errno == errno.EFBIG:
        message = f"The index in {index_dir} cannot be written: a file would be larger than the system allows."
        return RagError(message, hint=f"Raise the limit (`ulimit -f`) {_ELSEWHERE}.")
    return _other(index_dir, error.strerror or _line(error))


def _full(index_dir: Path) -> RagError:
    message = f"The index in {index_dir} cannot be written: no space left on the disk."
    return RagError(message, hint=f"Free some disk space {_ELSEWHERE}.")


def _read_only(index_dir: Path) -> RagError:
    message = f"The index in {index_dir} cannot be written: it is on a read-only disk."
    return IndexReadOnlyError(message, hint="Name another folder with --index.")


def _forbidden(index_dir: Path) -> RagError:
    message = f"The index in {index_dir} cannot be written: permission denied."
    return IndexReadOnlyError(message, hint=f"Make the folder writable for your account {_ELSEWHERE}.")


def _other(index_dir: Path, reason: str) -> RagError:
    return RagError(f"The index in {index_dir} cannot be written: {reason}.", hint=f"Check the disk {_ELSEWHERE}.")


def _line(error: Exception) -> str:
    return _one_line(str(error)).rstrip(".")


def _one_line(text: str) -> str:
    return " ".join(text.split())
