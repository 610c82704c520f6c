"""Types that the modules of `rag.adding` exchange."""

from __future__ import annotations

from dataclasses import dataclass

from index.errors import RagError


class RefusedError(RagError):
    """
    An address that is not added.

    Parameters
    ----------
    message, hint
        As for `RagError`; the message continues after the address.
    kind
        The reason, for programs: ``address`` (may not be fetched), ``robots``, ``redirect``, ``status``, ``busy`` (the
        host asks to be left alone), ``too_large``, ``too_long``, ``connection``, ``type``, ``feed``, ``changed`` (the
        user changed the file) or ``place`` (the file cannot be written).

    """

    def __init__(self, message: str, *, kind: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Known:
    """
    What a host said about a page when it was fetched, used to ask it whether the page has changed since.

    Parameters
    ----------
    url
        Final address of the page, after redirects.
    etag, last_modified
        As the host sent them; empty if it did not.

    """

    url: str
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """
    A fetched page.

    Parameters
    ----------
    url
        Its final address, after redirects.
    body
        Its bytes; None if it has not changed since it was last fetched.
    media_type
        Such as ``text/html``; empty if the host names none.
    etag, last_modified
        See `Known`.

    """

    url: str
    body: bytes | None
    media_type: str = ""
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """
    An article that a feed names.

    Parameters
    ----------
    url
        Address of the article.
    date
        ``YYYY-MM-DD``; empty if the feed names none.

    """

    url: str
    date: str = ""
