"""
The named collections of an index, with the folder of articles and the index of each.

They are listed in one small file in the index's folder, which is replaced atomically. Each has an index below that
folder. A collection that is not listed does not count: an index whose collection was removed while it was written is
never searched.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from index.atomic import replace_atomically
from index.errors import CorpusError, IndexDamagedError, RagError
from index.limits import LONGEST_COLLECTION_NAME, MOST_COLLECTIONS
from index.storage.failures import writing_failed
from index.storage.manifest import MANIFEST, stores
from index.storage.vectors.stores import FAISS
from index.syncing.sync import remove_index

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = "collections.json"
FOLDER = "collections"
# No file of a corpus has such a path, because hidden folders are skipped.
PREFIX = ".collections/"
ARTICLES, UPLOADS, ALL = "articles", "uploads", "all"
RESERVED = (ARTICLES, UPLOADS, ALL)
_FORMAT = 1
_LOCK = ".collections.lock"
_LOCK_SECONDS = 5.0
_NAME = re.compile(rf"[a-z0-9][a-z0-9_-]{{0,{LONGEST_COLLECTION_NAME - 1}}}")
_DEVICES = re.compile(r"con|prn|aux|nul|com\d|lpt\d")  # no folder can have such a name on Windows


@dataclass(frozen=True, slots=True)
class Named:
    """
    A named collection.

    Parameters
    ----------
    name
        Its name.
    folder
        Folder of its articles; absolute.
    index_dir
        Folder of its index.

    """

    name: str
    folder: Path
    index_dir: Path

    @property
    def prefix(self) -> str:
        """Prefix of the paths of its documents, which distinguishes them from all others."""
        return f"{PREFIX}{self.name}/"

    @property
    def is_ready(self) -> bool:
        """Whether it has an index; it has none if the first run did not finish."""
        return (self.index_dir / MANIFEST).is_file()


class Registry:
    """
    The named collections of an index.

    Safe to share between threads and processes: readers see the file as it was before or after a change.

    Parameters
    ----------
    index_dir
        Folder of the index that they belong to; created with the first collection.

    """

    def __init__(self, index_dir: Path) -> None:
        self._index_dir = index_dir
        self._file = index_dir / FILE
        self._read: tuple[tuple[int, int, int] | None, tuple[Named, ...]] = (None, ())

    def all(self) -> tuple[Named, ...]:
        """
        Return the collections in order of names.

        Raises
        ------
        IndexDamagedError
            The file was not written by this class, or is damaged.

        """
        now = _stamp(self._file)
        known, found = self._read
        if known is None or now != known:
            found = tuple(self._named(name, folder) for name, folder in sorted(self._load().items()))
            self._read = now, found
        return found

    def get(self, name: str) -> Named:
        """
        Return a collection.

        Raises
        ------
        CorpusError
            There is none with this name; the message names the existing ones.

        """
        for one in self.all():
            if one.name == name:
                return one
        names = ", ".join((*RESERVED, *(one.name for one in self.all())))
        raise CorpusError(
            f"There is no collection {name[: LONGEST_COLLECTION_NAME * 2]}.", hint=f"It is one of {names}."
        )

    def find(self, path: str) -> tuple[Named, str] | None:
        """Return the collection that a document's path names, and the path within it; None if it names none."""
        if not path.startswith(PREFIX):
            return None
        name, _, inner = path.removeprefix(PREFIX).partition("/")
        return next(((one, inner) for one in self.all() if one.name == name and inner), None)

    def put(self, name: str, folder: Path) -> Named:
        """
        Add a collection, or give an existing one another folder.

        Parameters
        ----------
        name
            Lower case letters from a to z, digits, ``-`` and ``_``.
        folder
            Folder of its articles.

        Raises
        ------
        CorpusError
            The name cannot be used, the folder is missing or is part of an index, or there are too many collections.
        RagError
            The change cannot be written.

        """
        check_name(name)
        place = self._checked(folder)
        with self._writing() as kept:
            if name not in kept and len(kept) >= MOST_COLLECTIONS:
                raise CorpusError(
                    f"There are already {len(kept)} collections.", hint="Remove one with `rag collections remove NAME`."
                )
            kept[name] = place
        return self.get(name)

    def remove(self, name: str, *, store: str = FAISS) -> None:
        """
        Remove a collection and delete its index; its articles are not touched.

        Parameters
        ----------
        name
            Name of the collection.
        store
            The vector store, see `index.syncing.sync.sync`.

        Raises
        ------
        CorpusError
            There is none with this name.
        RagError
            Another process writes its index, its vectors cannot be deleted, or the change cannot be written. A
            partly deleted collection is listed as not ready, and can be indexed or removed again.

        """
        found = self.get(name)
        remove_index(found.index_dir, store=store)
        if any(found.index_dir.glob("derived-*")):
            raise RagError(
                f"The index of {name} cannot be deleted: its vectors are out of reach, or its files are in use.",
                hint="Try again later.",
            )
        with self._writing() as kept:
            kept.pop(name, None)
        shutil.rmtree(found.index_dir, ignore_errors=True)

    def _named(self, name: str, folder: Path) -> Named:
        return Named(name, folder, self._index_dir / FOLDER / name)

    def _checked(self, folder: Path) -> Path:
        """Return the absolute path of a folder of articles, after checking it."""
        if not folder.is_dir():
            raise CorpusError(f"There is no folder {folder}.", hint="Name a folder of articles.")
        place = folder.resolve()
        own = self._index_dir.resolve()
        for one in (place, *place.parents):
            if one == own or (one / MANIFEST).is_file() or stores(one):
                raise CorpusError(
                    f"The folder {folder} is part of the index in {one}.",
                    hint="Name the folder that contains the articles.",
                )
        return place

    @contextmanager
    def _writing(self) -> Iterator[dict[str, Path]]:
        """Yield the stored collections to be changed, and write them back; only one process at a time."""
        try:
            self._index_dir.mkdir(parents=True, exist_ok=True)
            with FileLock(self._index_dir / _LOCK, timeout=_LOCK_SECONDS):
                kept = self._load()
                yield kept
                said = {"format": _FORMAT, "collections": {name: str(folder) for name, folder in sorted(kept.items())}}
                replace_atomically(
                    self._file, json.dumps(said, indent=1, ensure_ascii=False).encode(errors="surrogateescape")
                )
        except Timeout as error:
            raise RagError(
                f"Another process is changing the collections in {self._index_dir}.", hint="Try again in a moment."
            ) from error
        except OSError as error:
            raise writing_failed(error, self._index_dir) from error

    def _load(self) -> dict[str, Path]:
        try:
            data = self._file.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._damaged(f"it cannot be read: {error.strerror or error}") from error
        try:
            said = json.loads(data.decode(errors="surrogateescape"))
            if said["format"] != _FORMAT:
                raise self._damaged("another version of the program wrote it")
            found = {str(name): Path(folder) for name, folder in said["collections"].items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._damaged("its content is damaged") from error
        if not all(is_name(name) and folder.is_absolute() for name, folder in found.items()):
            raise self._damaged("its content is damaged")
        return found

    def _damaged(self, reason: str) -> IndexDamagedError:
        return IndexDamagedError(
            f"The list of collections in {self._file} cannot be used: {reason}.",
            hint="Delete that file and index each folder again with `rag index FOLDER --collection NAME`.",
        )


def is_name(name: str) -> bool:
    """Tell whether a collection can have this name."""
    return name not in RESERVED and bool(_NAME.fullmatch(name)) and not _DEVICES.fullmatch(name)


def check_name(name: str) -> None:
    """Raise `CorpusError` if no collection can have this name."""
    if name in RESERVED:
        raise CorpusError(f"The name {name} has a meaning of its own.", hint="Choose another name for the collection.")
    if not is_name(name):
        raise CorpusError(
            f"A collection cannot be called {name[: LONGEST_COLLECTION_NAME * 2]!r}.",
            hint=f"Use a to z, 0 to 9, - and _, at most {LONGEST_COLLECTION_NAME} characters.",
        )


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(file)  # noqa: PTH116 - once for each question
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino
