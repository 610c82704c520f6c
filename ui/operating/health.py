"""
Health checks and metrics, for monitoring the app.

`/healthz` and `/readyz` answer everybody who reaches the port and reveal nothing secret. The metrics are behind the
password like everything else; a separate token opens them, and nothing else, to a collector.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from index.errors import RagError
from ui.server.bodies import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from ui.operating.attending import Attended

HEALTH, READY, METRICS = "/healthz", "/readyz", "/metrics"
LEAST_TOKEN = 20
TOKEN_VARIABLE = "RAG_UI_METRICS_TOKEN"  # noqa: S105 - the variable's name


class _Opening(Protocol):
    @property
    def is_ready(self) -> bool: ...

    @property
    def is_over(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Readiness:
    """
    Tells why no question can be answered yet, or any more.

    Parameters
    ----------
    engine
        What answers.
    opening
        Opens the articles; None if they are open.

    """

    engine: Attended
    opening: _Opening | None = None

    def reason(self) -> str:
        """Return the reason in one line; empty if questions can be answered."""
        if self.engine.is_stopping:
            return "The server is being stopped."
        if self.opening is not None and not self.opening.is_ready:
            return "The articles could not be opened." if self.opening.is_over else "The articles are being opened."
        # An engine without models to load is ready.
        state: str = getattr(self.engine, "model_state", "ready")
        return {
            "cold": "The language model is not loaded yet.",
            "loading": "The language model is being loaded.",
            "failed": "The language model could not be loaded.",
        }.get(state, "")


class Health:
    """
    An ASGI middleware that answers the two health checks.

    Parameters
    ----------
    app
        Answers everything else.
    readiness
        See `Readiness`.

    """

    def __init__(self, app: ASGIApp, *, readiness: Readiness) -> None:
        self._app = app
        self._readiness = readiness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass a request on."""
        if scope["type"] != "http" or scope["path"] not in {HEALTH, READY}:
            await self._app(scope, receive, send)
        elif scope["method"] not in {"GET", "HEAD"}:
            await say(send, 405, "Nothing can be sent there.", allow="GET, HEAD")
        elif scope["path"] == HEALTH or not (reason := self._readiness.reason()):
            await say(send, 200, "ok" if scope["path"] == HEALTH else "ready")
        else:
            await say(send, 503, reason)


def check_token(token: str) -> str:
    """
    Return the token for the metrics if it is valid, empty for none.

    Raises
    ------
    RagError
        It is too short, or has characters that a header cannot carry.

    """
    if token and (len(token) < LEAST_TOKEN or not (token.isascii() and token.isprintable()) or " " in token):
        raise RagError(
            f"{TOKEN_VARIABLE} has fewer than {LEAST_TOKEN} characters, or others than letters, digits and signs.",
            hint="Choose a longer one, such as `openssl rand -hex 32` prints.",
        )
    return token


class TokenDoor:
    """
    An ASGI middleware before the password check: lets a collector with the token see the metrics, and nothing else.

    Parameters
    ----------
    app
        Answers everything else, and checks the password.
    page
        Returns the metrics.
    token
        Empty for none.
    guarded
        Whether there is a password, which opens the metrics too.

    """

    def __init__(self, app: ASGIApp, *, page: Callable[[], bytes], token: str, guarded: bool) -> None:
        self._app = app
        self._page = page
        self._digest = hashlib.sha256(token.encode()).digest() if token else b""
        self._guarded = guarded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass a request on."""
        if scope["type"] != "http" or scope["path"] != METRICS or not self._digest:
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"authorization", b"")
        kind, _, token = given.partition(b" ")
        bearer = kind.lower() == b"bearer"
        if bearer and hmac.compare_digest(hashlib.sha256(token.strip()).digest(), self._digest):
            await _figures(scope, send, self._page)
        elif self._guarded and not bearer:
            await self._app(scope, receive, send)
        else:
            await _refuse(send)


class Figures:
    """
    An ASGI middleware behind the password check: shows the metrics.

    Parameters
    ----------
    app
        Answers everything else.
    page
        Returns them.

    """

    def __init__(self, app: ASGIApp, *, page: Callable[[], bytes]) -> None:
        self._app = app
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass a request on."""
        if scope["type"] == "http" and scope["path"] == METRICS:
            await _figures(scope, send, self._page)
        else:
            await self._app(scope, receive, send)


async def _figures(scope: Scope, send: Send, page: Callable[[], bytes]) -> None:
    from ui.operating.metrics import CONTENT_TYPE  # noqa: PLC0415 - only where there are figures

    if scope["method"] not in {"GET", "HEAD"}:
        await say(send, 405, "Nothing can be sent there.", allow="GET, HEAD")
        return
    body = page()
    headers: list[Any] = [
        (b"content-type", CONTENT_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _refuse(send: Send) -> None:
    body = b"The token, please.\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"www-authenticate", b"Bearer"),
    ]
    await send({"type": "http.response.start", "status": 401, "headers": headers})
    await send({"type": "http.response.body", "body": body})
