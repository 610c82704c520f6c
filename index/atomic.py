"""Write a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def replace_atomically(file: Path, data: bytes, *, mode: int | None = None) -> None:
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

    """
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            os.chmod(name, mode)  # noqa: PTH101
        os.replace(name, file)  # noqa: PTH105 - the name is a string from mkstemp
    except BaseException:
        with suppress(FileNotFoundError):  # it had taken its place already
            os.unlink(name)  # noqa: PTH108
        raise
