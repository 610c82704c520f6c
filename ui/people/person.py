"""Who asks, once that is known, and how the app's own parts are told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

Role = Literal["reader", "editor"]
READER: Role = "reader"
EDITOR: Role = "editor"
HEADER = "x-quellentreu-person"
"""Put into a request behind the door, and taken from every request before it."""
_WRITTEN = re.compile(r"(reader|editor) ([A-Za-z0-9_-]{43}) (\S*)")


@dataclass(frozen=True, slots=True)
class Person:
    """
    Somebody who has been let in.

    Parameters
    ----------
    name
        Of the user, or of the token of a program.
    role
        An editor may change what is everybody's; a reader may not.
    key
        43 characters of base64: whose conversations, files and feedback they are. It never leaves the server.

    """

    name: str
    role: Role
    key: str

    @property
    def header(self) -> str:
        """As the app's own parts are told of it."""
        return f"{self.role} {self.key} {quote(self.name, safe='')}"


def person_in(headers: Mapping[str, Any]) -> Person | None:
    """
    Return who asks; None where the app has no users.

    Parameters
    ----------
    headers
        Of the request behind the door, by their names in small letters.

    """
    match = _WRITTEN.fullmatch(str(headers.get(HEADER) or ""))
    if match is None:
        return None
    return Person(unquote(match[3]), EDITOR if match[1] == EDITOR else READER, match[2])


def person_of(request: Any) -> Person | None:
    """Return who sends a request of Starlette's or Gradio's; None where the app has no users."""
    return person_in(getattr(request, "headers", None) or {})


def derived_key(secret: str, name: str) -> str:
    """Return the key of a name that a proxy vouches for; the secret is the users file's own."""
    digest = hmac.new(secret.encode(), name.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
