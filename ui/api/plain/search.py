"""``/api/search``: passages, as the shell prints them."""

from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ui.api.plain.forms import HitSent
from ui.api.plain.requests import Wanted
from ui.api.service import Service
from ui.api.table import REFUSALS, TAG_PLAIN


def register(api: FastAPI, service: Service) -> None:
    """Add the route."""

    def search(body: Wanted, request: Request) -> Response:
        """Find the passages nearest to a question or to words, best first."""
        given = service.options(request, body.filter.model_dump() if body.filter else None)
        options: dict[str, Any] = {name: given[name] for name in ("filter", "owner") if name in given}
        hits = service.engine.search(body.query, k=body.k, **options)
        return JSONResponse([hit.to_json() for hit in hits])

    api.add_api_route(
        "/api/search",
        search,
        methods=["POST"],
        tags=[TAG_PLAIN],
        response_model=None,
        responses={200: {"model": list[HitSent], "description": "The passages."}, **REFUSALS},
    )
