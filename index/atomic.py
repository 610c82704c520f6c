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
    Write a file so that a reader sees the old or the new one, never a part.

    Parameters
    ----------
    file
        Where.
    data
        What it will hold.
    mode
        Its permissions; by default its owner alone may read and write it.
    owner
        Numbers of its user and group; by default those of the process.

    """
    with staged(file, data, mode=mode, owner=owner) as put:
        put()


@contextmanager
def staged(
    file: Path, data: bytes, *, mode: int | None = None, owner: tuple[int, int] | None = None
) -> Iterator[Callable[[], None]]:
    """
    Write a file beside its place; a function puts it there, and needs no more room on the disk for that.

    What has not been put there is deleted at the end. The parameters are those of `replace_atomically`.
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
        with suppress(FileNotFoundError):  # it has taken its place
            os.unlink(name)  # noqa: PTH108
