"""``/v1/embeddings``: the vectors of texts, from the model that is used to find passages."""

import asyncio
import base64
from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

import numpy as np
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ui.api.answering import while_connected
from ui.api.errors import RefusedError
from ui.api.openai import models
from ui.api.openai.forms import Embedding, EmbeddingList, EmbeddingUsage
from ui.api.openai.requests import EmbeddingsRequest
from ui.api.openai.turns import Turns
from ui.api.openai.usage import tokens
from ui.api.service import Service
from ui.api.table import REFUSALS, TAG_OPENAI
from ui.limits import EMBEDDED_AT_ONCE, EMBEDDERS
from ui.server.asking import sender_of

if TYPE_CHECKING:
    from index.protocols import Vectors

_FORMATS = {None, "float", "base64"}
_TYPES = {None, "passage", "query"}


def register(api: FastAPI, service: Service) -> None:
    """Add the route."""
    turns = Turns(EMBEDDERS)

    async def embedded(sender: str, texts: list[str], *, queries: bool) -> "Vectors":
        async def embed(part: Sequence[str]) -> "Vectors":
            return await asyncio.to_thread(service.engine.embed, part, queries=queries)

        async with aclosing(turns.parts(sender, texts, EMBEDDED_AT_ONCE, embed)) as parts:
            vectors: Vectors = np.concatenate([part async for part in parts])
        return vectors

    async def embeddings(body: EmbeddingsRequest, request: Request) -> Response:
        """Embed texts."""
        fingerprint = await asyncio.to_thread(lambda: service.engine.embedding_fingerprint)
        models.check(service, body.model, fingerprint, fingerprint.partition("@")[0])
        texts = _texts(body)
        if body.encoding_format not in _FORMATS:
            raise RefusedError("`encoding_format` is `float` or `base64`.", param="encoding_format")
        if body.input_type not in _TYPES:
            raise RefusedError("`input_type` is `passage` or `query`.", param="input_type")
        vectors = await while_connected(
            request, embedded(sender_of(request), texts, queries=body.input_type == "query")
        )
        if body.dimensions not in {None, vectors.shape[1]}:
            words = f"The model's vectors have {vectors.shape[1]} dimensions, and cannot have fewer or more."
            raise RefusedError(words, param="dimensions")
        encode = _base64 if body.encoding_format == "base64" else _floats
        used = tokens(*texts)
        answer = EmbeddingList(
            data=[Embedding(index=number, embedding=encode(vector)) for number, vector in enumerate(vectors)],
            model=fingerprint,
            usage=EmbeddingUsage(prompt_tokens=used, total_tokens=used),
        )
        return JSONResponse(answer.model_dump(mode="json"))

    api.add_api_route(
        "/v1/embeddings",
        embeddings,
        methods=["POST"],
        tags=[TAG_OPENAI],
        response_model=None,
        responses={
            200: {"model": EmbeddingList, "description": "Unit vectors, in the order of the texts."},
            **REFUSALS,
        },
    )


def _texts(body: EmbeddingsRequest) -> list[str]:
    for number, text in enumerate(body.input):
        if not isinstance(text, str):
            raise RefusedError("Send texts; token numbers are not supported.", param=f"input.{number}")
        if not text.strip():
            raise RefusedError("A text is empty.", param=f"input.{number}")
    return body.input


def _floats(vector: "Vectors") -> list[float]:
    return [float(value) for value in vector]


def _base64(vector: "Vectors") -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()
