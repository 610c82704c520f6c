"""What the parts of adding hand to each other."""

from __future__ import annotations

from dataclasses import dataclass

from index.errors import RagError


class RefusedError(RagError):
    """
    An address that is not added.

    Parameters
    ----------
    message, hint
        As for `RagError`; the message goes on after the address.
    kind
        Why, for programs: ``address`` (none that may be fetched), ``robots``, ``redirect``, ``status``, ``busy`` (the
        host asks to be left alone), ``too_large``, ``too_long``, ``connection``, ``type``, ``feed``, ``changed`` (the
        file was, by the user) or ``place`` (it cannot be written).

    """

    def __init__(self, message: str, *, kind: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Known:
    """
    What a host said of a page when it was fetched, to be asked whether the page has changed since.

    Parameters
    ----------
    url
        Where it came from in the end.
    etag, last_modified
        As the host wrote them; empty where it did not.

    """

    url: str
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """
    What a host gave.

    Parameters
    ----------
    url
        Where it came from in the end.
    body
        Its bytes; None where nothing has changed since.
    media_type
        Such as ``text/html``; empty where the host names none.
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
    What a feed names.

    Parameters
    ----------
    url
        Where the article is.
    date
        ``YYYY-MM-DD``; empty where the feed names none.

    """

    url: str
    date: str = ""
