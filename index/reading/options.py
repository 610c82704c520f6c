"""Options for which files are read, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.limits import MOST_SCANNED_PAGES
from index.reading.extraction.recognition.scans import AUTO

if TYPE_CHECKING:
    from index.reading.json_records import Fields


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """
    Options for which files are read, and how.

    Parameters
    ----------
    json
        Which fields of the records of JSON files are read; None reads no JSON.
    languages
        Languages for text recognition, such as ``deu+eng``; ``auto`` or ``off``.
    scanned_pages
        Most pages per file that text recognition reads.

    """

    json: Fields | None = None
    languages: str = AUTO
    scanned_pages: int = MOST_SCANNED_PAGES
