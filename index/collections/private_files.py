"""Files that no other account of the machine may read, whatever the process's umask says."""

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
    Make a folder that only its owner may enter; one that is there becomes so.

    Raises
    ------
    OSError
        It cannot be made.

    """
    folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
    _set(folder, FOLDER_MODE)


def tighten(folder: Path) -> None:
    """
    Take the rights of all others from a folder and from what lies in it.

    Links are left alone, and so is what belongs to another account: nothing that this process may change.
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
    Take the rights of all others from a folder, where it holds nothing but what has these names.

    A folder that a user named may be his home, or hold what others are to read.
    """
    with suppress(OSError):
        if {entry.name for entry in os.scandir(folder)} <= holding:
            _set(folder, FOLDER_MODE)


def tighten_file(file: Path) -> None:
    """Take the rights of all others from a file, where there is one."""
    if file.is_file():
        _set(file, FILE_MODE)


def open_private(file: Path, *, append: bool = False) -> int:
    """
    Open a file to write, readable by its owner alone from the beginning; one that is there becomes so.

    Parameters
    ----------
    file
        Made where it is missing.
    append
        Write behind what it holds; else in place of it.

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
    # Gone meanwhile, or another account's, or on a file system that knows no rights.
    with suppress(OSError):
        if not path.is_symlink() and path.stat().st_mode & 0o777 != mode:
            path.chmod(mode)
