"""Raw sockets to send requests to the app with."""

from __future__ import annotations

import contextlib
import json
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@contextlib.contextmanager
def connected(url: str, *, seconds: float = 20.0) -> Iterator[socket.socket]:
    """Open a connection to the app without sending anything yet."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=seconds) as connection:
        yield connection


def said(connection: socket.socket) -> bytes:
    """Read until the app closes the connection."""
    heard = bytearray()
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65536):
            heard += piece
    return bytes(heard)


def raw(url: str, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> bytes:
    """Send a request exactly as it is written here, and return all that comes back."""
    lines = [f"{method} {target} HTTP/1.1"]
    given = {"Host": urlsplit(url).netloc, "Content-Length": str(len(body)), "Connection": "close", **(headers or {})}
    lines += [f"{name}: {value}" for name, value in given.items()]
    with connected(url) as connection:
        with contextlib.suppress(ConnectionError):  # the app may close it before everything is sent
            connection.sendall("\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body)
        return said(connection)


def status_of(answer: bytes) -> int:
    """Return the status, or 0 if nothing came back."""
    parts = answer.split(b" ", 2)
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0


def sent(url: str, path: str, body: Any, headers: Mapping[str, str] | None = None) -> bytes:
    """Send a value as JSON, or bytes as they are."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return raw(url, "POST", f"/gradio_api/{path}", {"Content-Type": "application/json", **(headers or {})}, data)
