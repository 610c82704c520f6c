"""Decide which format a page is kept in: the one its host states, checked against its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from index.errors import CorpusError
from index.formats import LISTED, SUFFIXES, check_content, suffix_of
from rag.adding.types import RefusedError

if TYPE_CHECKING:
    from rag.adding.types import Page

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_OF_TYPE = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "application/x-pdf": ".pdf",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    f"{_OFFICE}wordprocessingml.document": ".docx",
    f"{_OFFICE}presentationml.presentation": ".pptx",
    f"{_OFFICE}spreadsheetml.sheet": ".xlsx",
    f"{_OPEN}text": ".odt",
    f"{_OPEN}presentation": ".odp",
    f"{_OPEN}spreadsheet": ".ods",
    "application/epub+zip": ".epub",
    "message/rfc822": ".eml",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/tiff": ".tif",
    "image/webp": ".webp",
}
# A host that does not know the format says one of these; the ending is then taken from the address.
_UNKNOWN = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/x-download"})
_AS_TEXT = frozenset({".txt", ".md", ".csv", ".tsv"})


def suffix(page: Page) -> str:
    """
    Return the ending that a page is kept under, one of `index.formats.SUFFIXES`.

    Raises
    ------
    RefusedError
        The index cannot read the type that the host states, or the page is of another type.

    """
    own = suffix_of(unquote(urlsplit(page.url).path))
    if page.media_type == "text/plain":
        found = own if own in _AS_TEXT else ".txt"
    elif page.media_type in _UNKNOWN:
        found = own
    else:
        found = _OF_TYPE.get(page.media_type, "")
        # "page.htm" and "page.jpeg" keep their ending, as do formats of other packages, which have no type here.
        found = own if own and (_same(own, found) or (not found and own not in _OF_TYPE.values())) else found
    if not found or found not in SUFFIXES:
        what = page.media_type or "no type"
        raise RefusedError(
            f"of a type that is not read ({what[:80]}).", kind="type", hint=f"Readable formats: {LISTED}."
        )
    if not (page.body or b"").strip():
        raise RefusedError("empty.", kind="type")
    try:
        check_content(page.body or b"", found)
    except CorpusError as error:
        raise RefusedError(error.message, kind="type", hint=error.hint) from error
    return found


def _same(one: str, other: str) -> bool:
    return {one, other} in ({".html", ".htm"}, {".jpg", ".jpeg"}, {".tif", ".tiff"})
