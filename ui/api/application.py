"""
The application that answers programs, and the one place where its routes are registered.

The checks in front of the app (`ui.server`) read the routes from here, and so do the tests that try every one of them:
a route added below is guarded, described and tested without being named elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.responses import JSONResponse, Response

from ui.api import errors
from ui.api.answering import HungUpError
from ui.api.openai import chat, embeddings, models
from ui.api.plain import ask, documents, search
from ui.api.table import REFUSALS, TAG_PLAIN
from ui.server.routes import Routes, is_for_programs

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from ui.api.service import Service

DESCRIPTION = "/api/openapi.json"
_PARTS = (chat, models, embeddings, ask, search, documents)
_NOBODY_WAITS = 499
_SECURITY = {
    "password": {"type": "http", "scheme": "basic"},
    "key": {"type": "http", "scheme": "bearer", "description": "The password itself, or a token if the app has users."},
}


def create_api(service: Service) -> FastAPI:
    """
    Make the application.

    Parameters
    ----------
    service
        What answers.

    Returns
    -------
    fastapi.FastAPI
        Must be put behind `ui.server`, which checks the password and limits requests; by itself it does neither.

    """
    api = FastAPI(
        title="Quellentreu",
        description="Answers questions from a folder of articles, in the articles' own sentences with their exact places.",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    errors.register(api, shared=service.shared)
    api.add_exception_handler(HungUpError, _say_nothing)
    for part in _PARTS:
        part.register(api, service)

    def description() -> Response:
        """Return this description."""
        return JSONResponse(_described(api))

    api.add_api_route(
        DESCRIPTION,
        description,
        methods=["GET"],
        tags=[TAG_PLAIN],
        response_model=None,
        responses={200: {"model": dict[str, Any], "description": "The OpenAPI description."}, **REFUSALS},
    )
    return api


def routes_of(api: FastAPI) -> Routes:
    """Return the routes, for the checks in front of them."""
    return Routes.of(api.routes)


class Programs:
    """
    An ASGI middleware that passes requests from programs to their own application.

    Parameters
    ----------
    app
        Receives all other requests.
    api
        Receives those under the addresses for programs.

    """

    def __init__(self, app: ASGIApp, *, api: ASGIApp) -> None:
        self._app = app
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        its_own = scope["type"] == "http" and is_for_programs(scope["path"])
        await (self._api if its_own else self._app)(scope, receive, send)


def _described(api: FastAPI) -> dict[str, Any]:
    described = api.openapi()
    described.setdefault("components", {})["securitySchemes"] = _SECURITY
    # The empty alternative: no credentials if only this machine can reach the app.
    described["security"] = [{"password": []}, {"key": []}, {}]
    return described


async def _say_nothing(_: Request, __: Exception) -> Response:
    return Response(status_code=_NOBODY_WAITS)
