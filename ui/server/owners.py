"""
Identify the browser that asks, by a random key in a cookie, of which the server knows only the digest.

Only the key distinguishes users, since everybody who may come in shares one name and password. It is meant for the
app's own pages only: no script can read it, and no other site can make a browser send it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from collections import OrderedDict
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from index.collections.owners import SHARED, Owner
from rag.runtime.owned_collections import OwnedUploads
from ui.people.person import EDITOR, HEADER, Person, person_in, person_of
from ui.render.failures import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import gradio as gr
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "quellentreu"
USER_COOKIE = "quellentreu-user"
_USER_DIGITS = 16
_KEY = re.compile(rf"(?:^|;)\s*{COOKIE}=([A-Za-z0-9_-]{{43}})\s*(?=;|$)")
_KEY_BYTES = 32  # 43 characters
_KEPT_SECONDS = 400 * 86_400  # browsers keep none longer
MOST_SESSIONS = 10_000
_API = "/gradio_api"
_PAGE = "/"
_CALLS = f"{_API}/component_server"
# Routes that report on a session's questions; the session is named last in the path, or in the query.
_STREAMS = (f"{_API}/call/", f"{_API}/heartbeat/")
_QUEUE = f"{_API}/queue/data"
_NOT_FOUND = b"There is nothing here.\n"


def introduced(
    headers: Iterable[tuple[bytes, bytes]], person: Person | None, naming: str = ""
) -> list[tuple[bytes, bytes]]:
    """
    Return a request's headers with its sender added, for the parts of the app behind the guard.

    If there are users, the browser's key does not count: the user's own key replaces it, so that whatever belongs to
    a key belongs to the user in any browser. Headers by which the request itself claims a sender are removed.

    Parameters
    ----------
    headers
        As they were received.
    person
        Who sends the request; None if the app has no users.
    naming
        Header in which a proxy names the sender; it has been read already.

    """
    read = {HEADER.encode(), naming.encode()}
    kept = [(name, value) for name, value in headers if name.lower() not in read]
    if person is None:
        return kept
    others = [(name, value) for name, value in kept if name.lower() != b"cookie"]
    said = f"{COOKIE}={person.key}".encode()
    return [*others, (b"cookie", said), (HEADER.encode(), person.header.encode())]


def owner_in(cookies: str) -> Owner | None:
    """Return the owner of the key in a ``Cookie`` header, None if there is no key."""
    match = _KEY.search(cookies)
    return Owner.of(match[1]) if match else None


class Owners:
    """
    Identifies who asks, and knows which session belongs to whom.

    Parameters
    ----------
    shared
        Whether own files belong to everybody who reaches the page.
    changed
        Called on each change of such files with what was done, by whom, and the file's name.

    """

    def __init__(self, *, shared: bool = False, changed: Callable[[str, str, str], None] | None = None) -> None:
        self.shared = shared
        self._changed = changed
        self._sessions: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, request: gr.Request) -> Owner | None:
        """Return whose files a request is about, None if it carries no key."""
        return SHARED if self.shared else owner_in(request.headers.get("cookie", ""))

    def may_change(self, request: gr.Request) -> bool:
        """Tell whether the sender may change the files that the page shows."""
        person = person_of(request)
        return not self.shared or person is None or person.role == EDITOR

    def note(self, event: str, by: str, file: str) -> None:
        """Report a change of files that belong to everybody."""
        if self.shared and self._changed is not None:
            self._changed(event, by, file)

    def admit(self, session: str, cookies: str) -> bool:
        """Tell whether a session belongs to the sender; a session not yet known does from now on."""
        digest = _digest(cookies)
        with self._lock:
            if self._sessions.setdefault(session, digest) != digest:
                return False
            self._sessions.move_to_end(session)
            while len(self._sessions) > MOST_SESSIONS:
                self._sessions.popitem(last=False)
            return True

    def is_foreign(self, session: str, cookies: str) -> bool:
        """Tell whether a session belongs to somebody else."""
        with self._lock:
            return self._sessions.get(session, digest := _digest(cookies)) != digest

    def check(self, request: gr.Request) -> None:
        """
        Make sure that a request is about its own session.

        Raises
        ------
        RequestError
            The session belongs to somebody else.

        """
        session = getattr(request, "session_hash", None)
        if session and not self.admit(session, request.headers.get("cookie", "")):
            raise RequestError("This page belongs to another browser.", hint="Reload the page.")


def notes(engine: object, owners: Owners) -> list[str]:
    """Remove own files that are too old; return what whoever starts the app should know about own files, as lines."""
    owned = getattr(engine, "owned_uploads", None)
    if not isinstance(owned, OwnedUploads) or not owned.limits.files:
        return []
    found = []
    if expired := owned.expire():
        days = owned.shared_limits.days
        found.append(f"Own files of {expired} browsers, unused for {days} days, were removed (RAG_UPLOAD_DAYS).")
    count = owned.get(SHARED).count()
    if owners.shared:
        found.append("Own files are shared: everybody who reaches the page sees, asks and can remove them.")
    elif count:
        what = "1 own file belongs" if count == 1 else f"{count} own files belong"
        found.append(f"{what} to no browser and stays hidden, but is kept; --share-uploads shows such to everybody.")
    return found


def _digest(cookies: str) -> str:
    owner = owner_in(cookies)
    return "" if owner is None else owner.digest


class KeyRing:
    """
    An ASGI middleware that gives each browser its key and keeps sessions apart.

    Parameters
    ----------
    app
        The application behind it.
    owners
        Know which session belongs to whom.

    """

    def __init__(self, app: ASGIApp, *, owners: Owners) -> None:
        self._app = app
        self._owners = owners

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request about somebody else's session as if it did not exist, and pass all others on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        cookies = headers.get("cookie", "")
        if self._is_foreign(scope, cookies):
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": _NOT_FOUND})
            return
        given = _given(scope, headers)
        if not given:
            await self._app(scope, receive, send)
            return

        async def with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *((b"set-cookie", one) for one in given)]}
            await send(message)

        await self._app(scope, receive, with_cookies)

    def _is_foreign(self, scope: Scope, cookies: str) -> bool:
        path: str = scope["path"].rstrip("/")
        if path == _QUEUE:
            sessions = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [])
            return not all(self._owners.admit(session, cookies) for session in sessions)
        if path.startswith(_STREAMS):
            return self._owners.is_foreign(unquote(path.rsplit("/", 1)[1]), cookies)
        return False


def _given(scope: Scope, headers: dict[str, str]) -> list[bytes]:
    """Return the cookies that an answer sets."""
    is_page = scope["method"] == "GET" and scope["path"] == _PAGE
    cookies = headers.get("cookie", "")
    if (person := person_in(headers)) is not None:
        # The user's key stays here. The page gets only what distinguishes users, to keep their conversations apart.
        whose = hashlib.sha256(b"quellentreu page\0" + person.key.encode()).hexdigest()[:_USER_DIGITS]
        return [_written(USER_COOKIE, whose, scope)] if is_page else []
    given = []
    if is_page and USER_COOKIE in cookies:
        given.append(_written(USER_COOKIE, "", scope, **{"max-age": 0}))
    if _gets_key(scope, headers):
        match = _KEY.search(cookies)
        key = match[1] if match else secrets.token_urlsafe(_KEY_BYTES)
        given.append(_written(COOKIE, key, scope, **{"httponly": True, "max-age": _KEPT_SECONDS}))
    return given


def _gets_key(scope: Scope, headers: dict[str, str]) -> bool:
    """
    Tell whether an answer sets a key, or extends the life of the present one.

    A browser that follows a link from another site does not send its key with the page, but with everything that the
    page requests next: taking it for a new browser would cost it everything that belongs to its key. Some browsers say
    where they come from only over TLS or on this machine; otherwise they get the key with the page's first call.
    """
    if scope["method"] == "POST":
        return bool(scope["path"].rstrip("/") == _CALLS and not _KEY.search(headers.get("cookie", "")))
    return bool(scope["path"] == _PAGE and headers.get("sec-fetch-site", "") in {"none", "same-origin"})


def _written(name: str, value: str, scope: Scope, **more: Any) -> bytes:
    cookie: SimpleCookie = SimpleCookie({name: value})
    attributes: dict[str, Any] = {"path": "/", "samesite": "Strict", **more}
    if scope.get("scheme") == "https":
        attributes["secure"] = True
    cookie[name].update(attributes)
    return cookie[name].OutputString().encode("latin-1")
