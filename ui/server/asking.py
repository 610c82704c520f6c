"""
The address of a client, defined once for passwords, requests, questions and connections.

It is the address that a connection comes from. ``X-Forwarded-For`` and similar headers count only if the connection
comes from a proxy named with ``--forwarded-from``; otherwise anybody could pretend to be somebody else with each
request.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from index.errors import RagError
from ui.people.person import person_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from starlette.types import ASGIApp, Receive, Scope, Send

    _Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LONGEST_ADDRESS = 64
_NAMED_PREFIX = 64
"""Bits of an IPv6 address that identify a network: within it a machine can choose its addresses freely."""
_PEER = "quellentreu.peer"
# Gradio also derives addresses from the last two.
_FORWARDED = re.compile(rb"forwarded|x-forwarded-.*|x-real-ip|x-gradio-server")
_PLAIN_VALUE = {
    b"x-forwarded-for": re.compile(rb"[0-9A-Fa-f.:,\[\] \t]{1,1000}"),
    b"x-forwarded-host": re.compile(rb"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?"),
    b"x-forwarded-proto": re.compile(rb"https?"),
}
_UVICORN_VARIABLE = "FORWARDED_ALLOW_IPS"


def _bare(host: str) -> str:
    """Return an address in the form used for comparison: an IPv4 address mapped to IPv6 becomes IPv4 again."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host[:_LONGEST_ADDRESS]
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def counted(host: str) -> str:
    """
    Return what an address is counted by: itself, or its network if it is an IPv6 address.

    Parameters
    ----------
    host
        Host of a connection; empty if there is none.

    """
    bare = _bare(host)
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return bare
    if isinstance(address, ipaddress.IPv4Address) or address.is_loopback:
        return bare
    return str(ipaddress.ip_network((address, _NAMED_PREFIX), strict=False))


def address_of(request: Any) -> str:
    """Return what the sender of a Starlette or Gradio request is counted by."""
    client = getattr(request, "client", None)
    return counted(client.host if client else "")


def address_in(scope: Scope) -> str:
    """Return what the sender of an ASGI request is counted by."""
    client = scope.get("client")
    return counted(client[0] if client else "")


def sender_of(request: Any) -> str:
    """Return what a sender's questions are counted by: the person, whatever the address, or else the address."""
    person = person_of(request)
    return f"person {person.key}" if person is not None else address_of(request)


def peer_in(scope: Scope) -> str:
    """Return the address of the connection itself, which no header can change; empty if unknown."""
    return str(scope.get(_PEER, ("",))[0])


@dataclass(frozen=True, slots=True)
class Proxies:
    """
    The trusted proxies.

    Parameters
    ----------
    networks
        Their networks; none by default.

    """

    networks: tuple[_Network, ...] = ()

    @classmethod
    def of(cls, text: str) -> Proxies:
        """
        Read addresses and networks, separated by commas.

        Raises
        ------
        RagError
            One of them is neither; the error says which.

        """
        networks = []
        for one in filter(None, (part.strip() for part in text.split(","))):
            try:
                networks.append(ipaddress.ip_network(one))
            except ValueError as error:
                raise RagError(
                    f"--forwarded-from: {one[:_LONGEST_ADDRESS]!r} is neither an address nor a network.",
                    hint="Write the proxy's address or network, such as 127.0.0.1 or 10.0.0.0/24.",
                ) from error
        return cls(tuple(networks))

    def __contains__(self, host: str) -> bool:
        try:
            address = ipaddress.ip_address(_bare(host))
        except ValueError:
            return False
        return any(address in network for network in self.networks)


class Callers:
    """
    An ASGI middleware that determines who asks, and removes headers by which a request may not identify itself.

    Parameters
    ----------
    app
        Finds the address in the request, under ``client``.
    proxies
        Those that may name an address other than their own.
    naming
        Header in which they name the user, passed on unchanged; empty for none.

    """

    def __init__(self, app: ASGIApp, *, proxies: Proxies, naming: str = "") -> None:
        self._app = app
        self._proxies = proxies
        self._naming = naming.encode()
        trusted = [str(network) for network in proxies.networks]
        self._named: Any = ProxyHeadersMiddleware(self._settle, trusted_hosts=trusted)  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = scope.get("client") or ("", 0)
        peer = (_bare(client[0]), client[1])
        scope = {**scope, "client": peer, _PEER: peer}
        if peer[0] in self._proxies:
            scope["headers"] = list(_usable(scope["headers"], self._naming))
            await self._named(scope, receive, send)
            return
        scope["headers"] = [item for item in scope["headers"] if not _FORWARDED.fullmatch(item[0])]
        await self._app(scope, receive, send)

    async def _settle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Use the proxy's own address if the one it names is not an address."""
        host, port = scope["client"]
        try:
            ipaddress.ip_address(host)
        except ValueError:
            host, port = scope[_PEER]
        await self._app({**scope, "client": (_bare(host), port)}, receive, send)


def _usable(headers: Iterable[tuple[bytes, bytes]], naming: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Leave out client headers that a proxy passes on and that may contain anything."""
    for name, value in headers:
        wanted = _PLAIN_VALUE.get(name)
        if wanted is None and name != naming and _FORWARDED.fullmatch(name):
            continue
        if wanted is None or wanted.fullmatch(value):
            yield name, value


@contextlib.contextmanager
def only_our_own() -> Iterator[None]:
    """Keep the server itself from trusting such headers, which it does by default if they come from this machine."""
    before = os.environ.get(_UVICORN_VARIABLE)
    os.environ[_UVICORN_VARIABLE] = ""
    try:
        yield
    finally:
        if before is None:
            del os.environ[_UVICORN_VARIABLE]
        else:
            os.environ[_UVICORN_VARIABLE] = before
