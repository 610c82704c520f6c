"""Which addresses may be fetched: web addresses whose host lies on the public internet, looked up once and held to."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from index.limits import LONGEST_ADDRESS
from index.reading.web_addresses import web_address
from rag.adding.types import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Of a cloud's own services, at an address that is public by its number.
_METADATA = frozenset(
    {"168.63.129.16", "100.100.100.200", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "192.0.0.192"}
)
# Addresses of version 4 written as ones of version 6, by translators (RFC 6052), and by those of a network's own
# (RFC 8215), which not every version of Python takes for private.
_OWN_TRANSLATOR = ipaddress.ip_network("64:ff9b:1::/48")
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), _OWN_TRANSLATOR)


@dataclass(frozen=True, slots=True)
class Target:
    """
    An address with the machine that it was found to lie on.

    Parameters
    ----------
    url
        The address, without a fragment.
    scheme, host, port
        Of the address.
    machines
        The numbers that are connected to, the next where one cannot be reached: a name that is looked up twice could
        lead elsewhere the second time.

    """

    url: str
    scheme: str
    host: str
    port: int
    machines: tuple[str, ...]

    @property
    def origin(self) -> tuple[str, str, int]:
        """What has a `robots.txt` of its own."""
        return self.scheme, self.host, self.port


def looked_up(host: str, port: int) -> Sequence[str]:
    """Return the numbers of a host; raise an `OSError` where it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


def web(written: str) -> str:
    """
    Return an address without its fragment.

    Raises
    ------
    RefusedError
        It is none of the web.

    """
    address = written.strip()
    if len(address) > LONGEST_ADDRESS:
        raise RefusedError(f"the address is longer than {LONGEST_ADDRESS} characters.", kind="address")
    try:
        named = urlsplit(address)
        has_password, port = named.username is not None, named.port
    except ValueError:
        raise RefusedError("the address cannot be read.", kind="address") from None
    if has_password:
        raise RefusedError("an address with a name or password in it is not fetched.", kind="address")
    if not web_address(address) or port == 0:
        raise RefusedError(
            "not an address of the web.", kind="address", hint="Write it with http:// or https:// and a host."
        )
    return urldefrag(address).url


@dataclass(frozen=True, slots=True)
class Addresses:
    """
    Tells where an address leads.

    Parameters
    ----------
    allow_private
        Whether machines of the own network and this one may be asked. Those that only a cloud's own machines reach,
        its metadata among them, never are.
    look_up
        Returns the numbers of a host.

    """

    allow_private: bool = False
    look_up: Callable[[str, int], Sequence[str]] = looked_up

    def target(self, written: str) -> Target:
        """
        Look a host up and check where it lies.

        Raises
        ------
        RefusedError
            It is no address of the web, its host is not found, or one of its numbers may not be asked.

        """
        url = web(written)
        parts = urlsplit(url)
        scheme, host = parts.scheme.lower(), (parts.hostname or "").rstrip(".")
        port = parts.port or (443 if scheme == "https" else 80)
        try:
            numbers = list(dict.fromkeys(self.look_up(host, port)))
        except (OSError, UnicodeError):
            numbers = []
        if not numbers:
            raise RefusedError(f"the host {host} is not found.", kind="connection")
        for number in numbers:
            if why := self._forbidden(number):
                hint = "Where you mean it: --allow-private." if why == "private" else ""
                raise RefusedError(f"{host} has a {why} address ({number}).", kind="address", hint=hint)
        return Target(url, scheme, host, port, tuple(numbers))

    def _forbidden(self, number: str) -> str:
        """Return why a number may not be asked; nothing where it may."""
        address = ipaddress.ip_address(number.partition("%")[0])
        for one in _meant(address):
            if one.is_link_local or one.is_multicast or one.is_unspecified or str(one) in _METADATA:
                return "reserved"
            if not self.allow_private and not is_public(one):
                return "private"
        return ""


def is_public(address: Address) -> bool:
    """Tell whether a number lies on the public internet."""
    # Site local ones (fec0::/10, RFC 3879) are out of use, and global to Python; those of version 4 have no such kind.
    local = getattr(address, "is_site_local", False) or address in _OWN_TRANSLATOR
    return address.is_global and not address.is_reserved and not local


def _meant(address: Address) -> list[Address]:
    """Return the numbers that one of version 6 leads to, those of version 4 among them."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if any(address in network for network in _TRANSLATED):
        meant = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return [address, meant] if address in _OWN_TRANSLATOR else [meant]
    teredo = address.teredo or ()
    return [address, *(one for one in (address.ipv4_mapped, address.sixtofour, *teredo) if one is not None)]
