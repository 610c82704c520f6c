"""The users file: read as a whole, checked, and replaced as a whole under a lock."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from index.atomic import replace_atomically
from index.errors import RagError
from index.printable import escaped
from ui.people.book import Book

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_VERSION = 1
_OTHERS = 0o077
_LOCK_SECONDS = 20.0
_LONGEST = 10_000_000
_FORM = TypeAdapter(Book)


class PeopleFile:
    """
    The file and its lock.

    Parameters
    ----------
    path
        Where it is, or will be created with the first user.

    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Book:
        """
        Return the file's contents.

        Raises
        ------
        RagError
            It is missing, others may read it, or it is not a users file.

        """
        said = escaped(str(self.path))
        try:
            with self.path.open("rb") as stream:
                mode = os.fstat(stream.fileno()).st_mode
                data = stream.read(_LONGEST + 1)
        except FileNotFoundError as error:
            raise RagError(f"{said}: there is no users file.", hint="`rag users add NAME` makes one.") from error
        except PermissionError as error:
            raise RagError(
                f"{said}: this process may not read the users file.",
                hint="It must belong to the user that the app runs as: use `chown` on it.",
            ) from error
        except OSError as error:
            raise RagError(f"{said}: {error.strerror or 'cannot be read'}.", hint="Name another users file.") from error
        if os.name == "posix" and stat.S_IMODE(mode) & _OTHERS:
            raise RagError(
                f"{said}: other users than its owner can read the users file.", hint="Use `chmod 600` on it."
            )
        try:
            book = _FORM.validate_json(data)
        except ValidationError as error:
            raise RagError(f"{said}: this is not a users file.", hint="Restore it from a backup.") from error
        if book.version != _VERSION:
            raise RagError(f"{said}: written by another version.", hint="Use the version that wrote it.")
        return book

    def change(self, change: Callable[[Book], Book], *, begin: bool = False) -> Book:
        """
        Replace the file's contents under the lock; return the new book.

        Parameters
        ----------
        change
            Makes the new book from the old; if it raises, the file stays as it is.
        begin
            Create the file if there is none.

        """
        try:
            with FileLock(self.path.with_name(f"{self.path.name}.lock"), timeout=_LOCK_SECONDS, mode=0o600):
                is_new = begin and not self.is_there()
                old = Book() if is_new else self.read()
                new = change(old)
                # Left by a process that was killed while writing; under the lock nobody else writes now.
                for left in self.path.parent.glob(f".{self.path.name}-*"):
                    left.unlink(missing_ok=True)
                # The app reads the file as its owner: somebody else who may write here must not change the owner.
                owner = None if is_new else _owner(self.path)
                replace_atomically(self.path, _FORM.dump_json(new, indent=1), owner=owner)
        except Timeout as error:
            raise RagError("Another process is writing the users file.", hint="Try again.") from error
        except OSError as error:
            why = error.strerror or "cannot be written"
            raise RagError(f"{escaped(str(self.path))}: {why}.", hint="Name a folder that can be written.") from error
        return new

    def is_there(self) -> bool:
        """Tell whether there is a file, even one that cannot be read."""
        try:
            return self.path.exists()
        except OSError:
            return True

    def mark(self) -> tuple[int, ...]:
        """Return a value that changes whenever the file does."""
        try:
            found = self.path.stat()
        except OSError:
            return ()
        return (found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size)


def _owner(file: Path) -> tuple[int, int] | None:
    """Return the ids of a file's user and group; None if the file belongs to the process's own user."""
    if os.name != "posix":
        return None
    found = file.stat()
    return None if found.st_uid == os.geteuid() else (found.st_uid, found.st_gid)
