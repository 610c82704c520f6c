"""Check the web addresses that files name as their own."""

from __future__ import annotations

from urllib.parse import urlsplit

from index.limits import LONGEST_ADDRESS


def web_address(written: str) -> str:
    """
    Return an address in a form that may be shown and opened; empty if it is not a web address.

    Examples
    --------
    >>> web_address(" https://example.org/a?b=1 "), web_address("javascript:alert(1)"), web_address("a.html")
    ('https://example.org/a?b=1', '', '')

    """
    written = written.strip()
    if len(written) > LONGEST_ADDRESS or any(ord(letter) <= 0x20 or letter in "\"'<>\\^`{|}\x7f" for letter in written):
        return ""
    try:
        parts = urlsplit(written)
        host = parts.hostname
    except ValueError:
        return ""
    # A reader must not be led to follow a link with a user name or a password in it.
    return written if parts.scheme.lower() in {"http", "https"} and host and not parts.username else ""
