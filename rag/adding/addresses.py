"""Decide which addresses may be fetched: those of hosts on the public internet, each resolved once and then kept."""

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

# Services of cloud providers whose IP addresses count as public.
_METADATA = frozenset(
    {"168.63.129.16", "100.100.100.200", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "192.0.0.192"}
)
# IPv4 addresses written as IPv6 ones by translators (RFC 6052), and by a network's own translators (RFC 8215), which
# not every version of Python treats as private.
_OWN_TRANSLATOR = ipaddress.ip_network("64:ff9b:1::/48")
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), _OWN_TRANSLATOR)


@dataclass(frozen=True, slots=True)
class Target:
    """
    An address with the machines that its host was resolved to.

    Parameters
    ----------
    url
        The address, without a fragment.
    scheme, host, port
        Parts of the address.
    machines
        IP addresses to connect to, the next if one cannot be reached. They are kept because a name that is resolved
        twice could lead elsewhere the second time.

    """

    url: str
    scheme: str
    host: str
    port: int
    machines: tuple[str, ...]

    @property
    def origin(self) -> tuple[str, str, int]:
        """The origin, which has its own `robots.txt`."""
        return self.scheme, self.host, self.port


def looked_up(host: str, port: int) -> Sequence[str]:
    """Return the IP addresses of a host; raise an `OSError` if it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


def web(written: str) -> str:
    """
    Return an address without its fragment.

    Raises
    ------
    RefusedError
        It is not a web address.

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
    Resolves addresses and checks them.

    Parameters
    ----------
    allow_private
        Whether this machine and those of the local network may be contacted. Services that only a cloud's own machines
        reach, its metadata among them, never are.
    look_up
        Returns the IP addresses of a host.

    """

    allow_private: bool = False
    look_up: Callable[[str, int], Sequence[str]] = looked_up

    def target(self, written: str) -> Target:
        """
        Resolve the host of an address and check where it is.

        Raises
        ------
        RefusedError
            It is not a web address, its host is not found, or one of its IP addresses may not be contacted.

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
        """Return why an IP address may not be contacted; empty if it may."""
        address = ipaddress.ip_address(number.partition("%")[0])
        for one in _meant(address):
            if one.is_link_local or one.is_multicast or one.is_unspecified or str(one) in _METADATA:
                return "reserved"
            if not self.allow_private and not is_public(one):
                return "private"
        return ""


def is_public(address: Address) -> bool:
    """Tell whether an IP address is on the public internet."""
    # Site-local addresses (fec0::/10, RFC 3879) are deprecated, yet global to Python; IPv4 has no such kind.
    local = getattr(address, "is_site_local", False) or address in _OWN_TRANSLATOR
    return address.is_global and not address.is_reserved and not local


def _meant(address: Address) -> list[Address]:
    """Return the IP addresses that one leads to: itself, and IPv4 addresses written within an IPv6 one."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if any(address in network for network in _TRANSLATED):
        meant = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return [address, meant] if address in _OWN_TRANSLATOR else [meant]
    teredo = address.teredo or ()
    return [address, *(one for one in (address.ipv4_mapped, address.sixtofour, *teredo) if one is not None)]
