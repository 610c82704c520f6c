"""Fetch pages politely: as the host allows, one request at a time, and each redirect checked before it is followed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from protego import Protego

from index.limits import LARGEST_FILE
from rag.adding.types import Known, Page, RefusedError
from rag.adding.wire import Reply, request
from rag.limits import LARGEST_ROBOTS, LONGEST_DELAY, LONGEST_FETCH, MOST_REDIRECTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.adding.addresses import Addresses, Target

ROBOT = "Quellentreu"
"""The name by which `robots.txt` can address this program."""
DELAY = 1.0  # seconds between requests to one host
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BUSY = frozenset({429, 503})
_REASONS = {
    401: "wants a password",
    403: "may not be read",
    404: "is not there",
    410: "is gone",
    451: "is blocked for legal reasons",
}
_NO_RULES = ""
_ALL_FORBIDDEN = "User-agent: *\nDisallow: /\n"


def named() -> str:
    """Return the user agent: the program's name and version, and nothing about the user or the machine."""
    try:
        return f"{ROBOT}/{version_of('quellentreu')}"
    except PackageNotFoundError:
        return ROBOT


@dataclass
class Fetcher:
    """
    Fetches pages.

    Parameters
    ----------
    addresses
        Resolves an address and checks whether it may be fetched.
    agent
        The user agent.
    sleep, clock
        Wait for some seconds; return the current time in seconds.
    seconds
        Most seconds that a request may take.

    """

    addresses: Addresses
    agent: str = field(default_factory=named)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    seconds: float = LONGEST_FETCH
    _rules: dict[tuple[str, str, int], Protego] = field(default_factory=dict)
    _last: dict[str, float] = field(default_factory=dict)
    _delays: dict[str, float] = field(default_factory=dict)
    _busy: set[str] = field(default_factory=set)

    def page(self, url: str, known: Known | None = None, *, most: int = LARGEST_FILE) -> Page:
        """
        Fetch a page.

        Parameters
        ----------
        url
            Its address.
        known
            What was fetched before; the host is asked whether it has changed since.
        most
            Most bytes of the page.

        Raises
        ------
        RefusedError
            It may not be fetched, or cannot be.

        """
        target, reply = self._followed(url, known, most=most, obey=True)
        if reply.status == 304 and known is not None and known.url == target.url:
            return Page(target.url, None, etag=known.etag, last_modified=known.last_modified)
        if reply.status not in {200, 203}:
            raise RefusedError(f"{_REASONS.get(reply.status, 'was not delivered')} ({reply.status}).", kind="status")
        told = reply.headers.get
        media_type = told("content-type", "").partition(";")[0].strip().lower()
        return Page(target.url, reply.body, media_type, told("etag", ""), told("last-modified", ""))

    def _followed(self, url: str, known: Known | None, *, most: int, obey: bool) -> tuple[Target, Reply]:
        """Follow redirects by hand, so that each target is checked before anything is sent there."""
        seen: set[str] = set()
        for _ in range(MOST_REDIRECTS + 1):
            target = self.addresses.target(url)
            if target.url in seen:
                raise RefusedError("redirects in a circle.", kind="redirect")
            seen.add(target.url)
            if obey:
                self._obey(target)
            reply = self._request(target, known, most=most)
            if reply.status not in _REDIRECTS:
                return target, reply
            location = reply.headers.get("location", "")
            if not location:
                raise RefusedError("redirects to nowhere.", kind="redirect")
            try:
                url = urljoin(target.url, location)
            except ValueError:
                raise RefusedError("redirects to an invalid address.", kind="redirect") from None
        raise RefusedError(f"redirects more than {MOST_REDIRECTS} times.", kind="redirect")

    def _request(self, target: Target, known: Known | None, *, most: int) -> Reply:
        if target.host in self._busy:
            raise RefusedError("the host asked to be left alone for now.", kind="busy")
        self._wait(target.host)
        headers = {"User-Agent": self.agent, "Accept": "*/*"}
        if known is not None and known.url == target.url:
            if known.etag:
                headers["If-None-Match"] = known.etag
            if known.last_modified:
                headers["If-Modified-Since"] = known.last_modified
        try:
            reply = request(target, headers, most=most, seconds=self.seconds)
        finally:
            self._last[target.host] = self.clock()
        if reply.status in _BUSY:
            self._busy.add(target.host)
            after = reply.headers.get("retry-after", "")
            hint = f"Try again in {int(after)} s." if after.isdecimal() and len(after) < 7 else "Try again later."
            raise RefusedError(f"the host asks to be left alone for now ({reply.status}).", kind="busy", hint=hint)
        return reply

    def _wait(self, host: str) -> None:
        if host in self._last:
            left = self._last[host] + self._delays.get(host, DELAY) - self.clock()
            if left > 0:
                self.sleep(left)

    def _obey(self, target: Target) -> None:
        """Raise a `RefusedError` if the host's `robots.txt` forbids an address; note the delay that it asks for."""
        rules = self._rules.get(target.origin)
        if rules is None:
            rules = self._rules[target.origin] = Protego.parse(self._robots(target))
        if not rules.can_fetch(target.url, ROBOT):
            raise RefusedError("the host's robots.txt forbids it, or cannot be read.", kind="robots")
        wanted = rules.crawl_delay(ROBOT) or 0.0
        if wanted > LONGEST_DELAY:
            raise RefusedError(f"the host's robots.txt wants {wanted:g} s between requests.", kind="robots")
        self._delays[target.host] = max(DELAY, wanted, self._delays.get(target.host, 0.0))

    def _robots(self, target: Target) -> str:
        """Return a host's rules: none if it has no such file, everything forbidden if the file cannot be fetched."""
        try:
            _, reply = self._followed(urljoin(target.url, "/robots.txt"), None, most=LARGEST_ROBOTS, obey=False)
        except RefusedError as error:
            if error.kind in {"address", "connection", "too_long", "busy"}:
                raise
            return _ALL_FORBIDDEN
        if 400 <= reply.status < 500:
            return _NO_RULES
        return reply.body.decode("utf-8", "replace") if reply.status == 200 else _ALL_FORBIDDEN
