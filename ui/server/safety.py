"""
The guard in front of Gradio: every request is checked here first, and whatever is not known to be needed is refused.

The checks, in order: it is one of the app's own routes; it names this machine; it comes from the app's own page;
it carries the password, if there is one; there are not too many requests; it is not too long. Answers get headers
that tell the browser to run nothing but the app's own scripts.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import math
import re
import traceback
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException

from ui.limits import LONGEST_NAME, LONGEST_PATH, LONGEST_PROGRAM_PATH, REQUESTS_PER_MINUTE
from ui.people.person import Person
from ui.server.asking import address_in
from ui.server.bodies import API, CHAT
from ui.server.braking import Brake
from ui.server.credentials import Credentials, is_guess
from ui.server.owners import introduced
from ui.server.ports import is_loopback
from ui.server.rates import Buckets
from ui.server.routes import Routes, refusal
from ui.server.signing_in import SignIn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Left out are, among others, the routes that accept uploads and return files, pass requests on to other machines,
# record runs, and write code.
_EXACT = {
    *("/", "/starting", "/config", "/theme.css", "/robots.txt", "/favicon.ico", "/manifest.json"),
    *(f"{API}/{name}" for name in ("info", "config", "app_id", "startup-events", "theme.css", "login_check", "user")),
    *(f"{API}/{name}" for name in ("queue/join", "queue/data", "cancel", "reset", "component_server")),
    # For what is not queued, such as stopping an answer.
    f"{API}/run/predict",
}
_NAME = rf"[A-Za-z0-9_-]{{1,{LONGEST_NAME}}}"
_FILE = r"[A-Za-z0-9_@~-][A-Za-z0-9._@~-]*"  # no name begins with a dot, so none leads upwards
_PATTERN = re.compile(
    rf"/(assets|static|svelte)(/{_FILE})+|{API}/call/{CHAT}(/{_NAME})?|{API}/heartbeat/{_NAME}",
)
_QUERIED = f"{API}/queue/data"
_QUERY = re.compile(rf"(?:.*&)?session_hash=({_NAME})(?:&.*)?")
_HOST = re.compile(r"[A-Za-z0-9._-]{0,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
# Generated for each request; every other GET returns a file, or waits.
_COSTLY = {"/", "/config", f"{API}/config", f"{API}/info"}
_METHODS = {"GET", "HEAD", "OPTIONS", "POST"}
# Gradio itself requests this when it starts, without a password; the answer is only true or false.
_OPEN = {f"{API}/startup-events"}
_LOG = logging.getLogger(__name__)
_INLINE = re.compile(rb"<script(?![^>]*\ssrc\s*=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_Refusal = tuple[int, str, dict[str, str]]
_NOTHING = "default-src 'none'; frame-ancestors 'none'"


def content_security_policy(page: bytes, scripts: Iterable[str] = ()) -> str:
    """
    Return the policy for a page: scripts from this server, and the inline ones that the page was sent with.

    Parameters
    ----------
    page
        The HTML as it is sent.
    scripts
        Inline scripts that are inserted into the page later.

    Returns
    -------
    str
        Value of the ``Content-Security-Policy`` header.

    Notes
    -----
    Two things cannot be tightened. Gradio makes functions from texts (its HTML component, and `js=` of an event),
    which requires ``unsafe-eval``; and it sets styles in the document, which requires ``unsafe-inline`` for styles. A
    handler in an attribute, a script inserted later, and a ``javascript:`` address do not run.
    """
    inline = {*_INLINE.findall(page), *(script.encode() for script in scripts)}
    hashes = " ".join(sorted(f"'sha256-{base64.b64encode(hashlib.sha256(one).digest()).decode()}'" for one in inline))
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'unsafe-eval' {hashes}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class Guard:
    """
    An ASGI middleware around Gradio's server.

    Parameters
    ----------
    app
        The application that it guards.
    host
        Address that the server listens on.
    credentials
        What each request must carry: the one name and password, or, with several users, their sign-in; None if only
        this machine can reach the server.
    scripts
        Inline scripts of the app that Gradio inserts into the page once it has loaded.
    routes
        The routes for programs, in addition to the page's own.
    paths
        Other paths that are answered behind this, in addition to those that the page needs.
    keyed
        Those of `paths` that accept the tokens of programs, as the routes for programs do.

    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str = "127.0.0.1",
        credentials: Credentials | SignIn | None = None,
        scripts: tuple[str, ...] = (),
        routes: Routes | None = None,
        paths: frozenset[str] = frozenset(),
        keyed: frozenset[str] = frozenset(),
    ) -> None:
        self._app = app
        self._host = host
        self._credentials = credentials
        self._scripts = scripts
        self._routes = routes or Routes()
        self._paths = _EXACT | paths
        self._keyed = keyed
        self._naming = credentials.header if isinstance(credentials, SignIn) else ""
        self._requests = Buckets(REQUESTS_PER_MINUTE)
        self._brake = Brake()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on."""
        if scope["type"] == "websocket":  # Gradio uses none
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refused, person = self._refusal(scope, headers), None
        if refused is None:
            refused, person = await self._entered(scope, headers)
        sender = address_in(scope) if person is None else person.key
        if refused is None and self._costs(scope) and (wait := self._requests.take(sender)):
            refused = _wait(wait, "Too many requests.")
        if refused is not None:
            await _refuse(send, _path(scope), *refused)
            return
        dressed = _Dressed(send, self._scripts, _path(scope))
        try:
            passed = {
                **scope,
                "query_string": self._asked(scope),
                "headers": introduced(scope["headers"], person, self._naming),
            }
            await self._app(passed, receive, dressed.send)
        except Exception as error:  # noqa: BLE001 - whatever it is, the log must not repeat what was sent
            if isinstance(error.__cause__, HTTPException):  # reported in the stream itself, e.g. that a session is gone
                await dressed.give_up()
                return
            place = traceback.extract_tb(error.__traceback__)[-1]
            _LOG.error("a request failed: %s in %s, line %s", type(error).__name__, place.filename, place.lineno)
            await dressed.give_up()

    def _refusal(self, scope: Scope, headers: Mapping[str, str]) -> _Refusal | None:
        """Return status, words and headers of the answer to a request that is not passed on."""
        path, method = _path(scope), scope["method"]
        programs = self._routes.methods(path)
        longest = LONGEST_PROGRAM_PATH if programs else LONGEST_PATH
        if len(path) > longest or not (path in self._paths or _PATTERN.fullmatch(path) or programs):
            return 404, "There is nothing here.", {}
        allowed = programs or _METHODS
        if method not in allowed:
            return 405, "There is no such method.", {"allow": ", ".join(sorted(allowed))}
        if _host(headers.get("host", "")) is None:
            return 400, "The Host header is not the name of a host.", {}
        if self._credentials is None and not self._names_this_machine(headers.get("host", "")):
            # Otherwise a page elsewhere could point its own host name at this machine, and read the answers.
            return 403, "Without a password the app answers only to localhost. Set RAG_UI_PASSWORD.", {}
        if method == "POST" and _from_elsewhere(headers):
            return 403, "This request comes from another site.", {}
        if path == _QUERIED and not _query(scope):
            return 422, "The request names no session.", {}
        return None

    async def _entered(self, scope: Scope, headers: Mapping[str, str]) -> tuple[_Refusal | None, Person | None]:
        """Return why a request is not let in, and who sends it if the app has users."""
        if not isinstance(self._credentials, SignIn):
            return await self._password(scope, headers), None
        path = _path(scope)
        if path in _OPEN:
            return None, None
        programs = path in self._keyed or bool(self._routes.methods(path))
        found = await self._credentials.identify(scope, headers, bearer=programs, wrong=self._brake.weight)
        if isinstance(found, Person):
            return None, found
        address = address_in(scope)
        if found.guess and (seconds := await self._brake.wrong(address, found.name)):
            self._credentials.refused(found.name, address)
            return _slower(seconds), None
        return (found.status, found.words, dict(found.headers)), None

    async def _password(self, scope: Scope, headers: Mapping[str, str]) -> _Refusal | None:
        """Check the password; a wrong one waits here."""
        if not isinstance(self._credentials, Credentials) or _path(scope) in _OPEN:
            return None
        given, programs = headers.get("authorization", ""), bool(self._routes.methods(_path(scope)))
        if self._credentials.admit(given, bearer=programs):
            return None
        if is_guess(given, bearer=programs) and (seconds := await self._brake.wrong(address_in(scope))):
            return _slower(seconds)
        return 401, "Name and password, please.", {"www-authenticate": 'Basic realm="Quellentreu", charset="UTF-8"'}

    def _costs(self, scope: Scope) -> bool:
        """Tell whether a request counts: it changes or asks something, or takes long to answer."""
        path = _path(scope)
        return scope["method"] == "POST" or path in _COSTLY or bool(self._routes.methods(path))

    def _asked(self, scope: Scope) -> bytes:
        """Return the query string that a request may have; on the page's routes, that is at most a session."""
        query: bytes = scope["query_string"]
        return query if self._routes.methods(_path(scope)) else _query(scope)

    def _names_this_machine(self, host: str) -> bool:
        name = _host(host) or ""
        return is_loopback(name) or name.endswith(".localhost") or name == self._host


class _Dressed:
    """Passes an answer on with safe headers; holds a page back until its scripts are known."""

    def __init__(self, send: Send, scripts: tuple[str, ...], path: str) -> None:
        self._send = send
        self._scripts = scripts
        self._path = path
        self._start: Message | None = None
        self._page = b""
        self._begun = self._ended = False

    async def give_up(self) -> None:
        """End an answer that went wrong: with a plain line, or, if it has begun, as it is."""
        if not self._begun:
            await _refuse(self._send, self._path, 500, "Something went wrong; the log says what and where.", {})
        elif not self._ended:
            await self._send({"type": "http.response.body", "body": b""})

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self._ended = True
        if message["type"] == "http.response.start":
            headers = dict(message["headers"])
            if headers.get(b"content-type", b"").startswith(b"text/html"):
                self._start = message
                return
            self._begun = True
            await self._send(_with_headers(message, _NOTHING))
        elif message["type"] == "http.response.body" and self._start is not None:
            self._page += message.get("body", b"")
            if message.get("more_body"):
                return
            await self._send(_with_headers(self._start, content_security_policy(self._page, self._scripts)))
            self._start, self._begun = None, True
            await self._send({"type": "http.response.body", "body": self._page})
        else:
            await self._send(message)


def _with_headers(start: Message, policy: str) -> Message:
    added = {**_HEADERS, "content-security-policy": policy}
    kept = [(name, value) for name, value in start["headers"] if name.decode("latin-1").lower() not in added]
    return {**start, "headers": [*kept, *_encoded(added.items())]}


def _encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _path(scope: Scope) -> str:
    path: str = scope["path"]
    return path if path == "/" else path.rstrip("/")


def _query(scope: Scope) -> bytes:
    """Return the only query parameter that a request may have; the page's script reads the rest itself."""
    if _path(scope) != _QUERIED:
        return b""
    found = _QUERY.fullmatch(scope["query_string"].decode("latin-1"))
    return b"" if found is None else f"session_hash={found[1]}".encode()


def _host(host: str) -> str | None:
    """Return the name in a ``Host`` header, None if it is not a valid one."""
    if not _HOST.fullmatch(host):
        return None
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:  # not an IPv6 address
        return None


def _from_elsewhere(headers: Mapping[str, str]) -> bool:
    """Tell whether a browser says that another site's page sent this request; programs do not say so."""
    if site := headers.get("sec-fetch-site"):
        return site in {"cross-site", "same-site"}
    origin = headers.get("origin")
    try:
        return origin is not None and urlsplit(origin).netloc != headers.get("host", "")
    except ValueError:  # a "[" opens an address that is never closed
        return True


def _wait(seconds: float, words: str) -> tuple[int, str, dict[str, str]]:
    whole = str(math.ceil(seconds))
    return 429, f"{words} Try again in {whole} s.", {"retry-after": whole}


def _slower(seconds: float) -> _Refusal:
    status, words, more = _wait(seconds, "Too many wrong passwords.")
    return status, words, {**more, "connection": "close"}  # each further guess needs a new connection


async def _refuse(send: Send, path: str, status: int, words: str, headers: Mapping[str, str]) -> None:
    body, kind = refusal(path, status, words)
    every = {**_HEADERS, "content-security-policy": _NOTHING, "content-type": kind, **headers}
    every["content-length"] = str(len(body))
    await send({"type": "http.response.start", "status": status, "headers": _encoded(every.items())})
    await send({"type": "http.response.body", "body": body})
