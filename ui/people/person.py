"""Who asks, once that is known, and the header that tells the app's own parts."""

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
"""Removed from every incoming request, and set by the guard once the sender is known."""
_WRITTEN = re.compile(r"(reader|editor) ([A-Za-z0-9_-]{43}) (\S*)")


@dataclass(frozen=True, slots=True)
class Person:
    """
    Somebody who has been let in.

    Parameters
    ----------
    name
        Name of the user, or of a program's token.
    role
        An editor may change what belongs to everybody; a reader may not.
    key
        43 characters of base64: identifies the person's conversations, files and feedback. It never leaves the server.

    """

    name: str
    role: Role
    key: str

    @property
    def header(self) -> str:
        """The person as the value of the header for the app's own parts."""
        return f"{self.role} {self.key} {quote(self.name, safe='')}"


def person_in(headers: Mapping[str, Any]) -> Person | None:
    """
    Return who asks; None if the app has no users.

    Parameters
    ----------
    headers
        Headers of the request behind the guard, by lower-case name.

    """
    match = _WRITTEN.fullmatch(str(headers.get(HEADER) or ""))
    if match is None:
        return None
    return Person(unquote(match[3]), EDITOR if match[1] == EDITOR else READER, match[2])


def person_of(request: Any) -> Person | None:
    """Return who sends a Starlette or Gradio request; None if the app has no users."""
    return person_in(getattr(request, "headers", None) or {})


def derived_key(secret: str, name: str) -> str:
    """Return the key of a name that a proxy vouches for; the secret is kept in the users file."""
    digest = hmac.new(secret.encode(), name.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
