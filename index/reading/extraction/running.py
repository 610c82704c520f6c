"""Headers and footers that come again on each page of a document."""

from __future__ import annotations

import re

_PAGE_NUMBER = re.compile(r"(?:Seite|Page|S\.|p\.)?[\s\d–/-]*(?:von|of)?[\s\d–/-]*", re.IGNORECASE)


def is_page_number(text: str) -> bool:
    """Tell whether a header or footer says nothing but the page's number."""
    return _PAGE_NUMBER.fullmatch(text) is not None
