"""Shut down in good order: accept no further question, finish those under way in a bounded time or hand them back."""

from __future__ import annotations

import contextlib
import logging
import time
from typing import TYPE_CHECKING

from ui.server.bodies import API
from ui.server.routes import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from ui.operating.attending import Attended
    from ui.operating.terminating import Termination

_LOG = logging.getLogger(__name__)
STOP_SECONDS = 20.0
_HANDING_BACK_SECONDS = 3.0
# How long a browser may take to request the answer to the question that it has sent.
_QUIET_SECONDS = 1.0
_LOOK_SECONDS = 0.05
_MAY_COME = {f"{API}/run/predict", f"{API}/cancel", f"{API}/reset"}
"""Requests that are still accepted, because they stop an answer."""
_HEARTBEAT = f"{API}/heartbeat/"


class Traffic:
    """
    What the server still has to do besides the questions that are followed.

    Attributes
    ----------
    requests
        Number of requests being answered; changed only by the server's thread.
    answered
        Number of requests answered so far; likewise.
    jobs
        Returns the number of accepted questions that have yet to begin, or to be handed over.

    """

    def __init__(self) -> None:
        self.requests = 0
        self.answered = 0
        self.jobs: Callable[[], int] = lambda: 0

    @property
    def under_way(self) -> int:
        """Number of requests and jobs under way."""
        return self.requests + self.jobs()


class Stopping:
    """
    An ASGI middleware that counts requests, and refuses new ones once the server is being stopped.

    Parameters
    ----------
    app
        Answers until then.
    attended
        Knows whether the server is being stopped.
    traffic
        Where requests are counted.

    """

    def __init__(self, app: ASGIApp, *, attended: Attended, traffic: Traffic) -> None:
        self._app = app
        self._attended = attended
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on."""
        new = scope["type"] == "http" and scope["method"] == "POST" and scope["path"].rstrip("/") not in _MAY_COME
        if not (new and self._attended.is_stopping):
            # A heartbeat is not counted, because it lasts as long as its page.
            counted = scope["type"] == "http" and not scope["path"].startswith(_HEARTBEAT)
            self._traffic.requests += counted
            try:
                await self._app(scope, receive, send)
            finally:
                self._traffic.requests -= counted
                self._traffic.answered += counted
            return
        body, kind = refusal(scope["path"], 503, "The server is being stopped. Ask again in a few minutes.")
        headers = [
            (b"content-type", kind.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"retry-after", b"60"),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def finish(attended: Attended, traffic: Traffic, seconds: float, termination: Termination) -> None:
    """
    Let the questions under way end; if the process is told to end a second time, break them off at once.

    Parameters
    ----------
    attended
        Knows the questions.
    traffic
        Knows what is still being sent.
    seconds
        How long they may take.
    termination
        Knows how often the process was told to end.

    """
    attended.refuse()
    _LOG.warning("the server is being stopped; questions under way: %s", attended.open_questions)
    with contextlib.suppress(KeyboardInterrupt):
        _until_quiet(lambda: attended.open_questions or traffic.under_way, seconds, lambda: termination.times > 1)
    if handed_back := attended.open_questions:
        _LOG.warning("questions handed back: %s", handed_back)
    attended.hand_back()
    _until_quiet(lambda: traffic.under_way, _HANDING_BACK_SECONDS, lambda: False)


def _until_quiet(busy: Callable[[], int], seconds: float, enough: Callable[[], bool]) -> None:
    """Wait until nothing has been under way for a while: requests accepted before may only now begin."""
    until = time.monotonic() + seconds
    quiet_since = None
    while (now := time.monotonic()) < until and not enough():
        quiet_since = None if busy() else quiet_since or now
        if quiet_since is not None and now - quiet_since >= _QUIET_SECONDS:
            return
        time.sleep(_LOOK_SECONDS)
