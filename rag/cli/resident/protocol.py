"""
What client and resident process send to each other: JSON, one object per line.

The client sends one request: ``{"v": 1, "do": "run", "words": [..], "terminal": {..}}``, or ``"status"`` or ``"stop"``
instead of ``"run"``. What comes back is ``{"begun": true}``, then pieces of standard output ``{"o": ".."}`` and
standard error ``{"e": ".."}``, and last ``{"x": exit code}``, ``{"refused": why}`` if the client has to run the command
itself, or ``{"said": ..}``.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from typing import Any

VERSION = 1
LONGEST_REQUEST = 1_000_000  # bytes
LONGEST_PIECE = 50_000_000  # bytes of one line of an answer
_CREDENTIALS = struct.Struct("3i")  # process, user, group


class ProtocolError(Exception):
    """What was received is not a message, or is too long."""


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send one message; raise an `OSError` if the other side is gone."""
    connection.sendall(json.dumps(message).encode() + b"\n")


class Reader:
    """Takes messages from a connection, each at most ``longest`` bytes long."""

    def __init__(self, connection: socket.socket, longest: int) -> None:
        self._connection = connection
        self._longest = longest
        self._left = b""

    def next(self) -> dict[str, Any] | None:
        """
        Return the next message, None at the end.

        Raises
        ------
        ProtocolError
            It is not a message.
        OSError
            The connection broke, or nothing came for too long.

        """
        parts = [self._left]
        size = len(self._left)
        while b"\n" not in parts[-1]:
            piece = self._connection.recv(65536)
            if not piece:
                return None
            parts.append(piece)
            size += len(piece)
            if size > self._longest:
                raise ProtocolError("a message is too long")
        line, _, self._left = b"".join(parts).partition(b"\n")
        try:
            message = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ProtocolError("a message is not JSON") from error
        if not isinstance(message, dict):
            raise ProtocolError("a message is not an object")
        return message


def is_own(connection: socket.socket) -> bool:
    """Tell whether the other side is this user; if the system does not say, the folder's permissions must suffice."""
    peer = getattr(socket, "SO_PEERCRED", None)
    if peer is None:
        return True
    _, user, _ = _CREDENTIALS.unpack(connection.getsockopt(socket.SOL_SOCKET, peer, _CREDENTIALS.size))
    return bool(user == os.getuid())
