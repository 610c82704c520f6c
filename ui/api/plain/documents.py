"""``/api/documents``: the documents that exist, and their texts."""

from typing import Annotated, Any

from fastapi import FastAPI, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from index.collections.registry import ARTICLES
from index.errors import CorpusError
from index.types import Document, Metadata
from rag.retrieval.listing import part_of
from ui.api.errors import RefusedError
from ui.api.plain.forms import ListSent, TextSent
from ui.api.plain.requests import Listed, Range
from ui.api.service import Service
from ui.api.table import REFUSALS, TAG_PLAIN
from ui.conversation.session import document_of


def register(api: FastAPI, service: Service) -> None:
    """Add the routes."""

    def documents(wanted: Annotated[Listed, Query()]) -> Response:
        """List the documents of a collection, sorted by path, one part at a time."""
        named = service.named
        if wanted.collection != ARTICLES and wanted.collection not in named:
            known = ", ".join((ARTICLES, *named))
            raise RefusedError(f"There is no such collection; it is one of {known}.", param="collection")
        listed = service.engine.listed(wanted.collection)
        part = part_of(listed, wanted.restriction, offset=wanted.offset, limit=wanted.limit)
        documents = [_described(one.path, one.metadata) for one in part.documents]
        return JSONResponse({"total": part.total, "next": part.next, "documents": documents, "collections": [*named]})

    def document(path: str, request: Request, wanted: Annotated[Range, Query()]) -> Response:
        """Return the text of a document, or a range of its characters, such as the range that a citation gives."""
        try:
            found = document_of(service.engine, path, service.owner_of(request))
        except CorpusError as error:
            raise RefusedError("There is no such article.", status=404, param="path", code="not_found") from error
        whole = len(found.text)
        start, last = wanted.start, whole if wanted.end is None else wanted.end
        if not start <= last <= whole:
            words = f"There is no such range: the text has {whole} characters, and `start` must not be after `end`."
            raise RefusedError(words, status=416, param="start", code="no_such_range")
        place = {"characters": whole, "start": start, "end": last, "text": found.text[start:last]}
        return JSONResponse({**_described(found.path, found.metadata), **_known(found), **place})

    api.add_api_route(
        "/api/documents",
        documents,
        methods=["GET"],
        tags=[TAG_PLAIN],
        response_model=None,
        responses={200: {"model": ListSent, "description": "A part of the list."}, **REFUSALS},
    )
    api.add_api_route(
        "/api/documents/{path:path}",
        document,
        methods=["GET"],
        tags=[TAG_PLAIN],
        response_model=None,
        responses={200: {"model": TextSent, "description": "The document."}, **REFUSALS},
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
