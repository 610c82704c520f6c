"""``/api/documents``: which articles there are, and what stands in them."""

from typing import Annotated, Any

from fastapi import FastAPI, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from index.errors import CorpusError
from index.types import Document, Metadata
from ui.api.errors import RefusedError
from ui.api.plain.forms import DocumentSent, TextSent
from ui.api.service import Service
from ui.api.table import REFUSALS, TAG_PLAIN
from ui.conversation.session import document_of

_MOST = 2**31
Start = Annotated[int, Query(ge=0, le=_MOST, description="The first character.")]
End = Annotated[int | None, Query(ge=0, le=_MOST, description="Behind the last one; the text's end by default.")]


def register(api: FastAPI, service: Service) -> None:
    """Add the routes."""

    def documents() -> Response:
        """List the articles, by path."""
        return JSONResponse([_described(one.path, one.metadata) for one in service.engine.listed()])

    def document(path: str, request: Request, start: Start = 0, end: End = None) -> Response:
        """Return the text of an article, or a range of its characters: what a citation quotes stands there."""
        try:
            found = document_of(service.engine, path, service.owner_of(request))
        except CorpusError as error:
            raise RefusedError("There is no such article.", status=404, param="path", code="not_found") from error
        whole = len(found.text)
        last = whole if end is None else end
        if not start <= last <= whole:
            words = f"There is no such range: the text has {whole} characters, and `start` comes before `end`."
            raise RefusedError(words, status=416, param="start", code="no_such_range")
        place = {"characters": whole, "start": start, "end": last, "text": found.text[start:last]}
        return JSONResponse({**_described(found.path, found.metadata), **_known(found), **place})

    api.add_api_route(
        "/api/documents",
        documents,
        methods=["GET"],
        tags=[TAG_PLAIN],
        response_model=None,
        responses={200: {"model": list[DocumentSent], "description": "The articles."}, **REFUSALS},
    )
    api.add_api_route(
        "/api/documents/{path:path}",
        document,
        methods=["GET"],
        tags=[TAG_PLAIN],
        response_model=None,
        responses={200: {"model": TextSent, "description": "The article."}, **REFUSALS},
    )


def _described(path: str, known: Metadata) -> dict[str, Any]:
    return {
        "path": path,
        "title": known.title,
        "source": known.source,
        "date": known.date,
        "language": known.language,
    }


def _known(document: Document) -> dict[str, Any]:
    return {
        "authors": list(document.metadata.authors),
        "url": document.metadata.url,
        "pages": len(document.pages) or None,
        "sha256": document.sha256,
    }
