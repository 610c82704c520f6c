"""Make files that no other account of the machine may read, whatever the process's umask is."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def private_folder(folder: Path) -> None:
    """
    Make a folder that only its owner may enter; an existing folder is restricted to its owner.

    Raises
    ------
    OSError
        It cannot be made.

    """
    folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
    _set(folder, FOLDER_MODE)


def tighten(folder: Path) -> None:
    """
    Remove all rights of others from a folder and its contents.

    Links are left alone, and so are files of other accounts, which this process may not change.
    """
    if not folder.is_dir() or folder.is_symlink():
        return
    _set(folder, FOLDER_MODE)
    for parent, folders, files in os.walk(folder):
        for name in folders:
            _set(folder / parent / name, FOLDER_MODE)
        for name in files:
            _set(folder / parent / name, FILE_MODE)


def tighten_folder(folder: Path, *, holding: frozenset[str]) -> None:
    """
    Remove all rights of others from a folder, but only if it contains nothing but entries with these names.

    A folder that a user named may be his home, or hold files that others should read.
    """
    with suppress(OSError):
        if {entry.name for entry in os.scandir(folder)} <= holding:
            _set(folder, FOLDER_MODE)


def tighten_file(file: Path) -> None:
    """Remove all rights of others from a file, if it exists."""
    if file.is_file():
        _set(file, FILE_MODE)


def open_private(file: Path, *, append: bool = False) -> int:
    """
    Open a file for writing that only its owner may read, from the start; an existing file is restricted as well.

    Parameters
    ----------
    file
        Path of the file, which is created if missing.
    append
        Append to its content instead of replacing it.

    Returns
    -------
    Its descriptor, for `os.fdopen`.

    Raises
    ------
    OSError
        It cannot be opened.

    """
    how = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if append else os.O_TRUNC) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(file, how, FILE_MODE)
    _set(file, FILE_MODE)
    return descriptor


def _set(path: Path, mode: int) -> None:
    # The file may be gone, belong to another account, or be on a file system without rights.
    with suppress(OSError):
        if not path.is_symlink() and path.stat().st_mode & 0o777 != mode:
            path.chmod(mode)
