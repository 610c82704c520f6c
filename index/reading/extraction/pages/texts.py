"""Find the part of a document's text that is on a page, and the pages that a part of it is on."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from index.types import Span

if TYPE_CHECKING:
    from index.types import Document

# The rest of a paragraph that continues on the next page, and its footnotes, which may be on the page before.
_SIGN = re.compile(r"#{1,6} |- ")
_OVER = re.compile(r"[^\n]*(?:\n\n\[[^\n]*)*")


def text_of_page(document: Document, page: int) -> Span:
    """
    Return the part of a document's text that is on a page.

    It extends beyond the end of the page to that of the paragraph and its footnotes, as some of these are on the page.

    Parameters
    ----------
    document
        A document with pages.
    page
        Number of the page, from 1.

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
    Return the pages, from 1, that a part of a text may be on; those where it begins and ends come first.

    Parameters
    ----------
    document
        The document; the result is empty if it has no pages.
    start, end
        Offsets into its text.

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
    """Return the start of a page, moved before the sign of a heading or list item if only that stands before it."""
    line = text.rfind("\n", 0, start) + 1
    return line if _SIGN.fullmatch(text, line, start) else start


def _end_over(text: str, end: int) -> int:
    found = _OVER.match(text, end)
    return found.end() if found else end
