"""Choose the port that the server listens on."""

from __future__ import annotations

import ipaddress
import socket

from index.errors import RagError

FIRST_PORT, PORTS = 7860, 100


def _is_free(host: str, port: int) -> bool:
    """Tell whether a server can listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise RagError(f"{host} is not an address of this machine.", hint="Try --host 127.0.0.1.") from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError:
            return False
    return True


def choose_port(host: str, port: int | None) -> int:
    """Return the port asked for if it is free, else the first free one from 7860 on."""
    if port is not None:
        if not _is_free(host, port):
            raise RagError(
                f"Port {port} on {host} is in use or not allowed.",
                hint="Choose another with --port, or leave it out to take the next free one.",
            )
        return port
    for candidate in range(FIRST_PORT, FIRST_PORT + PORTS):
        if _is_free(host, candidate):
            return candidate
    raise RagError(
        f"No free port from {FIRST_PORT} to {FIRST_PORT + PORTS - 1} on {host}.",
        hint="Choose one with --port.",
    )


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
