"""Let only editors change the files that belong to everybody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ui.people.person import EDITOR, person_in
from ui.server.bodies import API, again, say

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_CALLS = f"{API}/component_server"
_WORDS = "Only editors may change what is everybody's. Ask whoever runs this app."


class Rights:
    """
    An ASGI middleware behind `ui.server.bodies.Bodies`, which has read and checked the body.

    Parameters
    ----------
    app
        Receives the requests that their senders may make.
    reserved
        Names of the functions that only editors may call.

    """

    def __init__(self, app: ASGIApp, *, reserved: frozenset[str]) -> None:
        self._app = app
        self._reserved = reserved

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a call, or pass a request on."""
        if not self._reserved or scope["type"] != "http" or scope["path"].rstrip("/") != _CALLS:
            await self._app(scope, receive, send)
            return
        person = person_in({name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]})
        if person is None or person.role == EDITOR or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        message = await receive()
        body = message.get("body", b"")
        if json.loads(body or b"{}").get("fn_name") in self._reserved:
            await say(send, 403, _WORDS)
            return
        await self._app(scope, again(body, receive), send)
