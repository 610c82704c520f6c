"""The tools for assistants in the app, at `/mcp`: the protocol over HTTP, behind the same checks as everything else."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import threading
from typing import TYPE_CHECKING, Any, Protocol

from ui.limits import LONGEST_QUESTION_BODY
from ui.render.failures import explain
from ui.render.texts import EN
from ui.server.asking import sender_of
from ui.server.bodies import say

if TYPE_CHECKING:
    from collections.abc import Hashable
    from contextlib import AbstractContextManager

    from starlette.types import ASGIApp, Receive, Scope, Send

    from index.errors import RagError
    from ui.operating.attending import Attended
    from ui.server.rates import QuestionLimit

PATH = "/mcp"


class _Opening(Protocol):
    @property
    def is_ready(self) -> bool: ...


class AssistantsDoor:
    """
    An ASGI middleware that answers assistants.

    Requests are independent: nothing is kept of a client between two of them, and a client that goes away while its
    question is being answered stops the answer.

    Parameters
    ----------
    app
        Answers everything else.
    engine
        Answers the questions.
    limit
        Limits how often somebody may ask; shared with the page, since both ask the same model.
    suggesting
        Pauses while a question is answered.
    shared
        Whether people other than this machine's own users can reach the app, see `explain`.
    opening
        Opens the articles; None if they are open.

    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        engine: Attended,
        limit: QuestionLimit,
        suggesting: AbstractContextManager[object] | None = None,
        shared: bool,
        opening: _Opening | None = None,
    ) -> None:
        self._app = app
        self._engine = engine
        self._limit = limit
        self._suggesting = suggesting
        self._shared = shared
        self._opening = opening
        self._server: Any = None
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass a request on."""
        if scope["type"] != "http" or scope["path"].rstrip("/") != PATH:
            await self._app(scope, receive, send)
        elif scope["method"] != "POST":
            await say(send, 405, "The Model Context Protocol is spoken here, by POST.", allow="POST")
        elif self._opening is not None and not self._opening.is_ready:
            await say(send, 503, "The articles are not open yet.")
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Imported on first use, so that the app starts as quickly as without it.
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager  # noqa: PLC0415

        manager = StreamableHTTPSessionManager(
            self._the_server(), stateless=True, max_request_body_size=LONGEST_QUESTION_BODY
        )
        with self._suggesting or contextlib.nullcontext():
            async with manager.run():
                await manager.handle_request(scope, receive, send)

    def _the_server(self) -> Any:
        from rag.mcp.server import Manners, build  # noqa: PLC0415
        from rag.mcp.tools import Library  # noqa: PLC0415

        with self._lock:
            if self._server is None:
                logging.getLogger("mcp").setLevel(logging.WARNING)  # at a lower level it logs each request
                self._server = build(Library(self._engine), Manners(self._admit, self._told))
            return self._server

    def _admit(self, request: Any) -> Hashable:
        self._limit.admit_sender(request)
        return "mcp", sender_of(request)

    def _told(self, error: RagError) -> str:
        failure = explain(error, EN, shared=self._shared)
        return failure.detail or f"{failure.state} {failure.remedy}".strip()


def is_installed() -> bool:
    """Tell whether the extra `mcp` is installed."""
    return importlib.util.find_spec("mcp") is not None
