"""Where a resident process is found: one socket for each combination of index, settings and program version."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

NAME = "quellentreu"
_FOLDER_MODE = 0o700
# Variables that affect neither the index nor answers.
_APART = ("RAG_SERVE", "RAG_UI_", "RAG_USERS")
_OTHERS = ("HOME", "XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE", "OMP_NUM_THREADS")
_DEFAULTS = {"index": ".rag", "corpus": "corpus"}


class UnsafeError(Exception):
    """The folder of the sockets cannot be made or is not this user's alone; the message is one line."""


@dataclass(frozen=True)
class Place:
    """
    The files of one resident process.

    Parameters
    ----------
    folder
        Accessible to this user alone.
    key
        Distinguishes it from other processes.

    """

    folder: Path
    key: str

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.folder / f"{self.key}.sock"

    @property
    def lock(self) -> Path:
        """Lock file that it holds while it runs; names the process."""
        return self.folder / f"{self.key}.lock"

    @property
    def log(self) -> Path:
        """What it prints if it was started automatically."""
        return self.folder / f"{self.key}.log"


def place_of(index: str | Path | None, corpus: str | Path | None) -> Place:
    """
    Return the place for an index and a corpus as they were named; None stands for one that was not.

    Raises
    ------
    UnsafeError
        See `runtime_folder`.

    """
    return Place(runtime_folder(), key_of(index, corpus))


def key_of(index: str | Path | None, corpus: str | Path | None) -> str:
    """Return what distinguishes a resident process: a digest of folders, settings and the program's own files."""
    named = {
        name: os.path.normpath(str(value or os.environ.get(f"RAG_{name.upper()}") or _DEFAULTS[name]))
        for name, value in (("index", index), ("corpus", corpus))
    }
    variables = {
        name: value
        for name, value in os.environ.items()
        if (name.startswith("RAG_") and not name.startswith(_APART) and name not in {"RAG_INDEX", "RAG_CORPUS"})
        or name in _OTHERS
    }
    # A relative name means a different file in a different working folder.
    meant = (*named.values(), *(value for name, value in variables.items() if name.startswith("RAG_")))
    relative = any(not value.startswith("/") and os.path.lexists(value) for value in meant)
    relative |= any(not value.startswith("/") for value in named.values())
    here = os.getcwd() if relative else ""  # noqa: PTH109
    parts = (build(), here, repr(sorted(named.items())), repr(sorted(variables.items())))
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:24]


def build() -> str:
    """Return a digest that changes with the program: of the times and sizes of its files, and of the Python used."""
    home = Path(__file__).parents[3]
    found: list[str] = [sys.version, sys.prefix, str(home)]
    folders = [str(home / "rag"), str(home / "index")]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name != "__pycache__":
                        folders.append(entry.path)
                elif entry.name.endswith((".py", ".toml", ".json", ".npz")):
                    status = entry.stat()
                    found.append(f"{entry.path} {status.st_mtime_ns} {status.st_size}")
    return hashlib.sha256("\n".join(sorted(found)).encode("utf-8", "surrogateescape")).hexdigest()


def runtime_folder() -> Path:
    """
    Return the folder of the sockets, made if it is missing: below XDG_RUNTIME_DIR, else in the user's cache.

    Raises
    ------
    UnsafeError
        It cannot be made, or others than this user can reach it.

    """
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given and Path(given).is_absolute() and _is_own(Path(given)):
        folder = Path(given) / NAME
    else:
        from platformdirs import user_cache_dir  # noqa: PLC0415 - only where it is needed

        folder = Path(user_cache_dir(NAME, appauthor=False)) / "run"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
    except OSError as error:
        raise UnsafeError(f"The folder {folder} cannot be made ({error.strerror or error}).") from error
    if not _is_own(folder) or stat.S_IMODE(folder.lstat().st_mode) & 0o077:
        raise UnsafeError(f"The folder {folder} is not this user's alone (mode 0700).")
    return folder


def _is_own(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
