"""
Who asks: the one notion of an address, for passwords, requests, questions and connections alike.

It is the address that a connection comes from. What a request says of itself in ``X-Forwarded-For`` and the like
counts only where the connection comes from a proxy that was named with ``--forwarded-from``; else anybody could be
somebody else with each request.
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
"""Bits of an IPv6 address that name a network: within it a machine takes what addresses it likes."""
_PEER = "quellentreu.peer"
# Gradio makes addresses of the last two, too.
_FORWARDED = re.compile(rb"forwarded|x-forwarded-.*|x-real-ip|x-gradio-server")
_PLAIN_VALUE = {
    b"x-forwarded-for": re.compile(rb"[0-9A-Fa-f.:,\[\] \t]{1,1000}"),
    b"x-forwarded-host": re.compile(rb"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?"),
    b"x-forwarded-proto": re.compile(rb"https?"),
}
_UVICORN_VARIABLE = "FORWARDED_ALLOW_IPS"


def _bare(host: str) -> str:
    """Return an address as it is compared: an IPv4 address that came by way of IPv6 as itself."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host[:_LONGEST_ADDRESS]
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def counted(host: str) -> str:
    """
    Return what an address is counted by: itself, or the network of an IPv6 address.

    Parameters
    ----------
    host
        Of a connection; empty where there is none.

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
    """Return what the sender of a request of Starlette's or Gradio's is counted by."""
    client = getattr(request, "client", None)
    return counted(client.host if client else "")


def address_in(scope: Scope) -> str:
    """Return what the sender of an ASGI request is counted by."""
    client = scope.get("client")
    return counted(client[0] if client else "")


def sender_of(request: Any) -> str:
    """Return what a sender's questions are counted by: who asks, whatever the address, or where nobody knows, that."""
    person = person_of(request)
    return f"person {person.key}" if person is not None else address_of(request)


def peer_in(scope: Scope) -> str:
    """Return the address of the connection itself, which no header can change; empty where it is not known."""
    return str(scope.get(_PEER, ("",))[0])


@dataclass(frozen=True, slots=True)
class Proxies:
    """
    The proxies whose word counts.

    Parameters
    ----------
    networks
        Where they are; none by default.

    """

    networks: tuple[_Network, ...] = ()

    @classmethod
    def of(cls, text: str) -> Proxies:
        """
        Read addresses and networks, with commas between them.

        Raises
        ------
        RagError
            One is neither; says which.

        """
        networks = []
        for one in filter(None, (part.strip() for part in text.split(","))):
            try:
                networks.append(ipaddress.ip_network(one))
            except ValueError as error:
                raise RagError(
                    f"--forwarded-from: {one[:_LONGEST_ADDRESS]!r} is neither an address nor a network.",
                    hint="Name the proxy as in 127.0.0.1 or 10.0.0.0/24.",
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
    An ASGI middleware that says who asks, and takes from a request what it may not say of itself.

    Parameters
    ----------
    app
        Finds the address in the request, under ``client``.
    proxies
        Those that may name another address than their own.
    naming
        A header of theirs that says who asks, and is passed on as it is; empty for none.

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
        """Take the proxy's own address where the one it names is none."""
        host, port = scope["client"]
        try:
            ipaddress.ip_address(host)
        except ValueError:
            host, port = scope[_PEER]
        await self._app({**scope, "client": (_bare(host), port)}, receive, send)


def _usable(headers: Iterable[tuple[bytes, bytes]], naming: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Leave out what a proxy passes on of its client's: it may be anything."""
    for name, value in headers:
        wanted = _PLAIN_VALUE.get(name)
        if wanted is None and name != naming and _FORWARDED.fullmatch(name):
            continue
        if wanted is None or wanted.fullmatch(value):
            yield name, value


@contextlib.contextmanager
def only_our_own() -> Iterator[None]:
    """Keep the server itself from believing such headers, which by default it does from this machine."""
    before = os.environ.get(_UVICORN_VARIABLE)
    os.environ[_UVICORN_VARIABLE] = ""
    try:
        yield
    finally:
        if before is None:
            del os.environ[_UVICORN_VARIABLE]
        else:
            os.environ[_UVICORN_VARIABLE] = before
