"""Write a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def replace_atomically(
    file: Path, data: bytes, *, mode: int | None = None, owner: tuple[int, int] | None = None
) -> None:
    """
    Write a file so that a reader sees either the old or the new version, never a part of one.

    Parameters
    ----------
    file
        Path of the file.
    data
        Its new content.
    mode
        Permissions of the file; by default only its owner may read and write it.
    owner
        Numeric ids of its user and group; by default those of the process.

    """
    with staged(file, data, mode=mode, owner=owner) as put:
        put()


@contextmanager
def staged(
    file: Path, data: bytes, *, mode: int | None = None, owner: tuple[int, int] | None = None
) -> Iterator[Callable[[], None]]:
    """
    Write a temporary file beside its target; the function yielded moves it there without needing more disk space.

    A file that was not moved is deleted at the end. The parameters are those of `replace_atomically`.
    """
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if owner is not None:
            os.chown(name, *owner)
        if mode is not None:
            os.chmod(name, mode)  # noqa: PTH101
        yield lambda: os.replace(name, file)  # noqa: PTH105 - the name is a string from mkstemp
    finally:
        with suppress(FileNotFoundError):  # it was moved to its target
            os.unlink(name)  # noqa: PTH108
