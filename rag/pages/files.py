"""Read the file that a document was made from, if it is still the same."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from index.errors import CorpusError
from index.limits import LARGEST_ARCHIVE
from index.reading.containers.content import container_of, content
from index.reading.documents import MAX_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from index.types import Document

PDF = "pdf"
Stamp = tuple[int, int, int]


def stamp_of(file: Path, folder: Path, path: str) -> Stamp:
    """
    Return what changes with a file, or with the archive or mail that holds it: size, time of change and inode.

    Raises
    ------
    CorpusError
        It is gone, cannot be reached, or is outside its folder.

    """
    try:
        file = container_of(file, folder) or file
        inside = file.resolve().is_relative_to(folder.resolve())
        found = file.stat()
    except (OSError, RuntimeError):  # before Python 3.13 a loop of links raises the latter
        inside, found = False, None
    if not inside or found is None:
        raise CorpusError(
            f"{path}: the file is gone, so that its pages cannot be shown.",
            hint="Its text is in the index; bring it up to date with `rag index`.",
            kind="page_gone",
        )
    return found.st_size, found.st_mtime_ns, found.st_ino


def content_of(file: Path, folder: Path, document: Document) -> bytes:
    """
    Return the content of a document's file, which may lie in an archive or be attached to a mail.

    Raises
    ------
    CorpusError
        It cannot be read, or is not what was indexed.

    """
    try:
        outer = container_of(file, folder)
        with (outer or file).open("rb") as stream:
            data = stream.read((LARGEST_ARCHIVE if outer else MAX_BYTES) + 1)
    except OSError as error:
        reason = error.strerror or error
        raise CorpusError(f"{document.path}: cannot be read ({reason}).", kind="page_gone") from error
    if outer is not None:
        try:
            data = content(data, outer.relative_to(folder).as_posix(), file.relative_to(folder).as_posix())
        except CorpusError as error:
            raise CorpusError(error.message, hint=error.hint, kind="page_gone") from error
    if hashlib.sha256(data).hexdigest() != document.sha256:
        raise CorpusError(
            f"{document.path}: the file has changed since it was indexed, so that its pages cannot be shown.",
            hint="Bring the index up to date with `rag index`.",
            kind="page_changed",
        )
    return data
