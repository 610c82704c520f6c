"""What is wanted of a page, and what is shown of it. Lengths are in points, 1/72 inch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rectangle:
    """
    A place on a page as it is seen, whatever way the file turns it.

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
        From 0.
    text
        The part of the document's text that was read from this page; see `index.reading.extraction.pages.matching.text_of_page`.
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
        How many the file has.
    label
        What the file itself calls this page ("iv", "A-3"), empty where it says nothing but its number.
    width, height
        Of the page.
    marks
        For each range that was wanted, where its words stand: a rectangle for each line or cell, in the order of the
        text; none where they are not on this page.
    image
        A PNG, empty where none was wanted.
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
