"""The file that a document was read from, where it is still the same."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from index.errors import CorpusError
from index.reading.documents import MAX_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from index.types import Document

PDF = "pdf"
Stamp = tuple[int, int, int]


def stamp_of(file: Path, folder: Path, path: str) -> Stamp:
    """
    Return what changes when a file does: size, time of change and number on its disk.

    Raises
    ------
    CorpusError
        It is gone, cannot be reached, or lies outside of its folder.

    """
    try:
        inside = file.resolve().is_relative_to(folder.resolve())
        found = file.stat()
    except (OSError, RuntimeError):  # before Python 3.13 a loop of links is the latter
        inside, found = False, None
    if not inside or found is None:
        raise CorpusError(
            f"{path}: the file is gone, so that its pages cannot be shown.",
            hint="Its text is in the index; bring it up to date with `rag index`.",
            kind="page_gone",
        )
    return found.st_size, found.st_mtime_ns, found.st_ino


def content_of(file: Path, document: Document) -> bytes:
    """
    Return the content of a document's file.

    Raises
    ------
    CorpusError
        It cannot be read, or is not what was indexed.

    """
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or error
        raise CorpusError(f"{document.path}: cannot be read ({reason}).", kind="page_gone") from error
    if hashlib.sha256(data).hexdigest() != document.sha256:
        raise CorpusError(
            f"{document.path}: the file has changed since it was indexed, so that its pages cannot be shown.",
            hint="Bring the index up to date with `rag index`.",
            kind="page_changed",
        )
    return data
