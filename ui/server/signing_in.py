"""Sign users in: by name and password, by a program's token, or by a trusted proxy that names them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
import time
import unicodedata
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.errors import RagError
from ui.limits import LONGEST_NAME, MOST_KEYS
from ui.people.audit import Audit
from ui.people.book import checked_name
from ui.people.file import PeopleFile
from ui.people.passwords import fits, warm_up
from ui.people.person import READER, Person, derived_key
from ui.people.turns import Turns
from ui.people.watched import Watched
from ui.server.asking import Proxies, address_in, peer_in
from ui.server.credentials import borne, given
from ui.server.rates import Buckets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from starlette.types import Scope

    from ui.people.book import Book

_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")
# Headers that cannot name the user, because they mean something else or a request could set them itself.
_TAKEN = re.compile(
    r"(authorization|cookie|host|origin|content-.*|sec-.*|forwarded|x-forwarded-(for|host|proto)|x-real-ip|x-quellentreu-.*)",
    re.IGNORECASE,
)
_MOST_TOLD = 30  # lines a minute in the audit file about guesses, from all addresses together
_BASIC = {"www-authenticate": 'Basic realm="Quellentreu", charset="UTF-8"'}


@dataclass(frozen=True, slots=True)
class Stranger:
    """
    Somebody who is not let in.

    Parameters
    ----------
    status, words, headers
        Of the answer.
    guess
        A password or token was given and is wrong.
    name
        Name that was given with it.

    """

    status: int = 401
    words: str = "Name and password, please."
    headers: tuple[tuple[str, str], ...] = tuple(_BASIC.items())
    guess: bool = False
    name: str = ""


_BROKEN = Stranger(503, "The list of users cannot be read; the log says why.", ())
_BUSY = Stranger(429, "Too many sign in at once. Try again in 1 s.", (("retry-after", "1"),))
# Gradio asks its own server whether it is up, and takes a 401 as a yes.
_BY_PROXY = Stranger(
    401, "The proxy signs users in; come by way of it, or with a token.", (("www-authenticate", "Bearer"),)
)


class SignIn:
    """
    Identifies who asks.

    Parameters
    ----------
    file
        The users file.
    header
        Header in which a proxy names the user; empty if users have passwords.
    proxies
        The proxies trusted to do so.
    clock
        Returns the seconds since 1970.

    Attributes
    ----------
    header
        The header in lower case; empty if there is none.

    Raises
    ------
    RagError
        The file or the header's name cannot be used, or no proxy is named.

    """

    def __init__(
        self,
        file: Path,
        *,
        header: str = "",
        proxies: Proxies | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if header and (not _HEADER.fullmatch(header) or _TAKEN.fullmatch(header)):
            raise RagError(
                "--user-header: this cannot be a header that names a user.", hint="Use one such as X-Remote-User."
            )
        if header and not (proxies and proxies.networks):
            raise RagError("--user-header needs the proxy that sends it.", hint="Name it with --forwarded-from.")
        self._people = Watched(PeopleFile(file))
        self.header = header.lower()
        self._proxies = proxies or Proxies()
        self._clock = clock
        self.audit = Audit(file)
        self._key = secrets.token_bytes(32)
        self._right: OrderedDict[bytes, str] = OrderedDict()
        self._at_home: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._turns = Turns()
        self._told = Buckets(1, burst=1)
        self._told_in_all = Buckets(_MOST_TOLD)
        if not header:
            warm_up()

    async def identify(
        self,
        scope: Scope,
        headers: Mapping[str, str],
        *,
        bearer: bool,
        wrong: Callable[[str, str], float] = lambda _address, _name: 0.0,
    ) -> Person | Stranger:
        """
        Return who sends a request.

        Parameters
        ----------
        scope
            ASGI scope of the request.
        headers
            Headers of the request by lower-case name, decoded as Latin-1.
        bearer
            The route is for programs and accepts tokens.
        wrong
            Returns how many passwords were wrong lately, from an address and for a name.

        """
        book = self._people.book()
        if book is None:
            return _BROKEN
        authorization = headers.get("authorization", "")
        if bearer and (secret := borne(authorization)):
            return book.bearer(secret.decode("latin-1"), self._clock()) or Stranger(guess=True)
        if self.header:
            return self._by_proxy(book, scope)
        name, colon, password = _decoded(given(authorization)).partition(":")
        if not colon:
            return Stranger()
        address = address_in(scope)
        at_home = (address, name) in self._at_home
        return await self._by_password(book, name, password, address, -1.0 if at_home else wrong(address, name))

    def refused(self, name: str, address: str) -> None:
        """Log that a guesser was told to come back later: at most once a minute per address, and limited in total."""
        book = self._people.book()
        if not self._told.take(address) and not self._told_in_all.take(""):
            # An unknown name may be a password that was typed into the wrong field.
            known = book is not None and book.user(name) is not None
            self.audit.note("sign-in refused", by=address, **({"user": name} if known else {}))

    def _by_proxy(self, book: Book, scope: Scope) -> Person | Stranger:
        named = [value for one, value in scope["headers"] if one.decode("latin-1").lower() == self.header]
        if peer_in(scope) not in self._proxies or len(named) != 1:
            return _BY_PROXY
        try:
            name = checked_name(named[0].decode())
        except (RagError, UnicodeDecodeError):
            return _BY_PROXY
        user = book.user(name)
        return user.person if user is not None else Person(name, READER, derived_key(book.secret, name))

    async def _by_password(
        self, book: Book, name: str, password: str, address: str, weight: float
    ) -> Person | Stranger:
        user = book.user(name)
        kept = user.hash if user is not None else ""
        digest = hmac.new(self._key, f"{name}:{password}".encode(), hashlib.sha256).digest()
        # A browser sends the password with each request. If it was right before and the hash is the same, it still is.
        if not kept or self._right.get(digest) != kept:
            if not await self._turns.take(address, weight):
                return _BUSY
            try:
                right = await asyncio.to_thread(fits, password, kept)
            finally:
                self._turns.leave()
            if not right:
                return Stranger(guess=True, name=name[:LONGEST_NAME])
            self._right[digest] = kept
            self._at_home[address, name] = None
            for known in (self._right, self._at_home):
                while len(known) > MOST_KEYS:
                    known.popitem(last=False)
        # The user may have been removed meanwhile.
        now = self._people.book()
        user = now.user(name) if now is not None else None
        return user.person if user is not None and user.hash == kept else Stranger()


def _decoded(raw: bytes) -> str:
    """Return name and password in NFC form, however their characters were composed; both empty if not UTF-8."""
    try:
        return unicodedata.normalize("NFC", raw.decode())
    except UnicodeDecodeError:
        return ":" if raw else ""
