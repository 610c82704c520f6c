"""Requests for a page of a PDF, and the answers. Lengths are in points, 1/72 inch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rectangle:
    """
    A place on a page as it is shown, whichever way the file turns it.

    Parameters
    ----------
    left, right
        Points from the page's left edge.
    top, bottom
        Points from its upper edge, growing downwards.

    """

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    A page that is to be shown.

    Parameters
    ----------
    page
        Number of the page, from 0.
    text
        The part of the document's text that was read from this page; see
        `index.reading.extraction.pages.texts.text_of_page`.
    ranges
        Half-open ranges of ``text`` that are to be found on the page.
    drawn
        Whether a picture is wanted too.

    """

    page: int
    text: str
    ranges: tuple[tuple[int, int], ...] = ()
    drawn: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """
    A page with its marks.

    Parameters
    ----------
    pages
        Number of pages of the file.
    label
        What the file itself calls this page ("iv", "A-3"), empty if it only has a number.
    width, height
        Size of the page.
    marks
        For each range that was wanted, the places of its words: a rectangle for each line or cell, in the order of the
        text; none if they are not on this page.
    image
        A PNG, empty if none was wanted.
    pixels
        Width and height of the picture.

    """

    pages: int
    label: str
    width: float
    height: float
    marks: tuple[tuple[Rectangle, ...], ...]
    image: bytes = b""
    pixels: tuple[int, int] = (0, 0)
