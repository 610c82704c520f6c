"""Which part of a document's text stands on a page, and on which pages a part of it stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from index.types import Span

if TYPE_CHECKING:
    from index.types import Document

# What is left of a paragraph that goes on to the next page, and its footnotes, which may stand on the page before.
_SIGN = re.compile(r"#{1,6} |- ")
_OVER = re.compile(r"[^\n]*(?:\n\n\[[^\n]*)*")


def text_of_page(document: Document, page: int) -> Span:
    """
    Return the part of a document's text that stands on a page.

    It goes on over the end of the page to the end of the paragraph and of its footnotes: some of these are on the page.

    Parameters
    ----------
    document
        One with pages.
    page
        From 1.

    """
    starts, text = document.pages, document.text
    if not 1 <= page <= len(starts):
        return Span(len(text), len(text))
    start = _begin(text, starts[page - 1])
    end = _begin(text, starts[page]) if page < len(starts) else len(text)
    if start < end < len(text) and text[end - 1] != "\n":
        end = _end_over(text, end)
    return Span(start, end)


def pages_of(document: Document, start: int, end: int) -> tuple[int, ...]:
    """
    Return the pages, from 1, on which a part of a text can stand: those it begins and ends on first.

    Parameters
    ----------
    document
        The document; one without pages gives none.
    start, end
        Offsets of its text.

    """
    first = bisect_right(document.pages, start)
    if not first:
        return ()
    last = max(first, bisect_right(document.pages, max(start, end - 1)))
    found = [
        page for page in range(first, last + 1) if text_of_page(document, page).end > text_of_page(document, page).start
    ]
    before = first - 1
    while before >= 1 and document.pages[before - 1] == document.pages[first - 1]:
        before -= 1  # pages without text
    if before >= 1 and text_of_page(document, before).end > start:
        found.append(before)
    return tuple(found)


def _begin(text: str, start: int) -> int:
    """Return where the line begins of which a page has all but the sign that makes it a heading or an item."""
    line = text.rfind("\n", 0, start) + 1
    return line if _SIGN.fullmatch(text, line, start) else start


def _end_over(text: str, end: int) -> int:
    found = _OVER.match(text, end)
    return found.end() if found else end
