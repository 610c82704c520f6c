"""What a person may choose about which files are read, and how."""

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
    What a person may choose about reading.

    Parameters
    ----------
    json
        Where the records of JSON files have their text; None reads no JSON.
    languages
        What text recognition is asked for, such as ``deu+eng``; ``auto`` or ``off``.
    scanned_pages
        How many pages of a file it reads at most.

    """

    json: Fields | None = None
    languages: str = AUTO
    scanned_pages: int = MOST_SCANNED_PAGES
