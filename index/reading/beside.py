"""
Read the small file beside a document that `rag add` writes: it holds the address and date of a web page.

A page, a PDF or a workbook is kept byte for byte, so what is known about it from elsewhere cannot be written into it.
``report.pdf.meta.yaml`` lies beside ``report.pdf``: ``url`` and ``date``, written like front matter, with what the next
fetch compares. Its address takes precedence over one that the file names itself: any page may claim to be another.
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
    """Return what the file beside a document says about it; nothing if there is no such file or it cannot be read."""
    return written(file.with_name(file.name + ENDING))


def written(file: Path) -> FrontMatter:
    """Return what such a file says; nothing if it cannot be read."""
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

    A date that the text itself names takes precedence over the one beside the file, which in turn takes precedence over
    the day on which the file was made.

    """
    metadata = document.metadata
    url = web_address(about.get("url"))
    date = plausible(iso_date(about.get("date")))
    if url:
        metadata = replace(metadata, url=url)
    if date and (metadata.dated_by_file or not metadata.date):
        metadata = replace(metadata, date=date, dated_by_file=False)
    return document if metadata == document.metadata else replace(document, metadata=metadata)
