"""Name a page's file: a folder for the host, and a name that cannot lead anywhere else."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_OTHER = re.compile(r"[^\w.]+")
_LONGEST = 100  # bytes of a name without its ending
_DIGITS = 10


def names(url: str, suffix: str) -> Iterator[str]:
    """
    Yield possible names for the file of an address, plainest first.

    Parameters
    ----------
    url
        The address.
    suffix
        The file's ending.

    Examples
    --------
    >>> list(names("https://example.org/a/Der Text.html?b=1", ".html"))
    ['example.org/a-Der-Text-ec9d2e0dd9.html']

    """
    parts = urlsplit(url)
    folder = _plain(parts.hostname or "") or "host"
    path = unquote(parts.path)
    path = path[: -len(suffix)] if path.lower().endswith(suffix) else path
    name = _plain(path) or "index"
    digest = hashlib.sha256(url.encode()).hexdigest()[:_DIGITS]
    if not parts.query:
        yield f"{folder}/{name}{suffix}"
    yield f"{folder}/{name}-{digest}{suffix}"


def _plain(text: str) -> str:
    """Reduce a text to letters, digits, full stops and dashes; the first and the last are letters or digits."""
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"\.{2,}", ".", _OTHER.sub("-", text)).strip("-._")
    # Cut to the bytes that a name may have, without splitting a letter.
    return text.encode("utf-8", "ignore")[:_LONGEST].decode("utf-8", "ignore").strip("-._")
