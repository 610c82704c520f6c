"""Serve the app below a path of a proxy, such as `https://example.org/articles/`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.errors import RagError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_PREFIX = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*){1,10}")
_LONGEST = 100


def read_prefix(text: str) -> str:
    """
    Return a prefix as it is used, without a slash at its end; empty for none.

    Raises
    ------
    RagError
        It is not a path.

    """
    prefix = text.strip().rstrip("/")
    if prefix and (len(prefix) > _LONGEST or not _PREFIX.fullmatch(prefix)):
        raise RagError(f"--root-path: {text[:_LONGEST]!r} is not a path.", hint="Write it as in /articles.")
    return prefix


class Prefix:
    """
    An ASGI middleware that removes the prefix from a path; a proxy may have done so already.

    Parameters
    ----------
    app
        Knows only its own paths.
    prefix
        As `read_prefix` returns it.

    """

    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        prefix = self._prefix
        if scope["type"] != "http" or not prefix:
            await self._app(scope, receive, send)
        elif scope["path"] == prefix:
            # The page requests its parts by relative paths, so its address must end with a slash.
            query = scope["query_string"]
            target = prefix.encode() + b"/" + (b"?" + query if query else b"")
            headers = [(b"location", target), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 308, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
        elif scope["path"].startswith(f"{prefix}/"):
            path = scope["path"].removeprefix(prefix)
            await self._app({**scope, "path": path, "raw_path": path.encode()}, receive, send)
        else:
            await self._app(scope, receive, send)
