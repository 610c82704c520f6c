"""The description of a user's own file, and the limits of a collection of such files."""

from __future__ import annotations

from dataclasses import dataclass

from index.reading.extraction.recognition.scans import AUTO


@dataclass(frozen=True, slots=True)
class Upload:
    """
    A user's own file in the collection.

    Parameters
    ----------
    path
        Its path in citations, `RAG.document` and filters.
    name
        The file's name, made safe.
    title
        The document's title.
    size
        Size of the file in bytes.
    characters
        Length of the text that was read from it.
    pages
        Number of pages with text, None if the format has none.
    unread
        What could not be read of it, see `rag.types.UnreadPart`.

    """

    path: str
    name: str
    title: str
    size: int
    characters: int
    pages: int | None = None
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """Limits of a collection: bytes per file, number of files, bytes in all; and how scans are read."""

    file_bytes: int
    files: int
    total_bytes: int
    languages: str = AUTO
