"""What is known of a file of the user's own, and how much a collection of them takes."""

from __future__ import annotations

from dataclasses import dataclass

from index.reading.extraction.recognition.scans import AUTO


@dataclass(frozen=True, slots=True)
class Upload:
    """
    A file of the user's own, as it lies in the collection.

    Parameters
    ----------
    path
        What citations, `RAG.document` and filters call it.
    name
        The file's name, made safe.
    title
        The document's title.
    size
        Bytes of the file.
    characters
        Length of the text that was read from it.
    pages
        Number of pages with text, None where the format has none.
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
    """How much the collection takes: bytes of one file, number of files, bytes in all; and how scans are read."""

    file_bytes: int
    files: int
    total_bytes: int
    languages: str = AUTO
