"""A page of a PDF as it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from index.reading.extraction.pages.types import Rectangle


@dataclass(frozen=True, slots=True)
class PageImage:
    """
    A page of a document with what was cited from it.

    Parameters
    ----------
    path
        The document's path.
    page, pages
        Its number, from 1, and how many the file has.
    label
        What the file itself calls the page ("iv", "A-3"); empty if it gives nothing but its number.
    image, media_type
        The picture and its type, ``image/png``.
    width, height
        Of the picture, in pixels.
    page_width, page_height
        Of the page, in points (1/72 inch), which the rectangles are measured in as well.
    rectangles
        Where the quote is, from the page's upper left corner: one for each line or cell, covering its words and no
        others; none if it is on another page.
    others
        The same for each of the other citations that were asked for.
    text
        What was read from the page.

    """

    path: str
    page: int
    pages: int
    label: str
    image: bytes
    media_type: str
    width: int
    height: int
    page_width: float
    page_height: float
    rectangles: tuple[Rectangle, ...]
    others: tuple[tuple[Rectangle, ...], ...]
    text: str


__all__ = ["PageImage", "Rectangle"]
