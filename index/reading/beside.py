"""
What stands beside a file about it: address and date of a web page, in a small file that `rag add` writes.

A page, a PDF or a workbook is kept as the bytes it was, so what is known of it from elsewhere has no place within.
Beside ``report.pdf`` lies ``report.pdf.meta.yaml``: ``url`` and ``date``, written like front matter, with what the next
fetch compares. The address goes before one that the file names itself: any page may claim to be another.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from index.limits import LONGEST_FRONT_MATTER
from index.markup.front_matter import FrontMatter, read
from index.reading.about import plausible
from index.reading.web_addresses import web_address
from index.text.written_dates import iso_date

if TYPE_CHECKING:
    from pathlib import Path

    from index.types import Document

ENDING = ".meta.yaml"
_NONE = FrontMatter({})


def about_of(file: Path) -> FrontMatter:
    """Return what stands beside a file about it; nothing where there is no such file, or none that can be read."""
    return written(file.with_name(file.name + ENDING))


def written(file: Path) -> FrontMatter:
    """Return what such a file says; nothing where it cannot be read."""
    try:
        if not file.is_file():
            return _NONE
        with file.open("rb") as stream:
            data = stream.read(LONGEST_FRONT_MATTER)
    except (OSError, ValueError):
        return _NONE
    return read(data.decode("utf-8", "replace"))


def described(document: Document, about: FrontMatter) -> Document:
    """
    Return a document with the address and the date that stand beside its file.

    The day that a text names goes before; that of a feed goes before the day on which a file was made.

    """
    metadata = document.metadata
    url = web_address(about.get("url"))
    date = plausible(iso_date(about.get("date")))
    if url:
        metadata = replace(metadata, url=url)
    if date and (metadata.dated_by_file or not metadata.date):
        metadata = replace(metadata, date=date, dated_by_file=False)
    return document if metadata == document.metadata else replace(document, metadata=metadata)
