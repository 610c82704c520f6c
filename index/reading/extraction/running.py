"""Headers and footers that are repeated on each page of a document."""

from __future__ import annotations

import re

from index.text.locale import alternatives

_PAGE_NUMBER = re.compile(
    rf"{alternatives('files.page')}?[\s\d–/-]*{alternatives('files.page_of')}?[\s\d–/-]*", re.IGNORECASE
)


def is_page_number(text: str) -> bool:
    """Tell whether a header or footer says nothing but the page's number."""
    return _PAGE_NUMBER.fullmatch(text) is not None
