"""``/v1/chat/completions``: a question after its conversation, and the answer in checked sentences."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from index.collections.registry import ARTICLES
from ui.api.answering import beating, begun, events, while_connected
from ui.api.errors import RefusedError, told
from ui.api.openai import models
from ui.api.openai.completing import Asked, chunks, completion
from ui.api.openai.conversation import read
from ui.api.openai.forms import Chunk, Completion
from ui.api.openai.requests import ChatRequest
from ui.api.openai.usage import tokens
from ui.api.service import Service
from ui.api.streaming import EVENT_STREAM, HEARTBEAT, event, streamed
from ui.api.table import REFUSALS, TAG_OPENAI

if TYPE_CHECKING:
    from rag.types import AskOptions

_DONE = "data: [DONE]\n\n"


def check(body: ChatRequest) -> None:
    """
    Refuse what is not supported, so that nobody assumes it was done.

    Raises
    ------
    RefusedError
        The error says what is not supported.

    """
    refused = (
        ("n", body.n not in {None, 1}, "There is only one answer to a question"),
        ("tools", bool(body.tools), "Tools are not called"),
        ("functions", bool(body.functions), "Functions are not called"),
        ("audio", body.audio is not None, "Answers are text"),
        ("modalities", any(one != "text" for one in body.modalities or ()), "Answers are text"),
        (
            "response_format",
            (body.response_format or {}).get("type", "text") != "text",
            "Answers are the sources' own sentences; for JSON, ask `/api/ask`",
        ),
        ("logprobs", bool(body.logprobs), "Probabilities of tokens are not available"),
        ("web_search_options", body.web_search_options is not None, "Only the articles are searched"),
    )
    for param, wrong, words in refused:
        if wrong:
            raise RefusedError(f"`{param}` cannot be used. {words}.", param=param, code="unsupported_parameter")


def register(api: FastAPI, service: Service) -> None:
    """Add the route."""

    async def chat_completions(body: ChatRequest, request: Request) -> Response:
        """Answer the last message of the user from the articles."""
        collection = models.check(service, body.model)
        check(body)
        conversation = read(body.messages)
        service.admit(request)
        spoken = [text for turn in conversation.history for text in turn]
        asked = Asked(body.model, service.address(request), tokens(conversation.note, *spoken, conversation.question))
        restrict = None if collection == ARTICLES else {"collection": collection}
        options: AskOptions = {**service.options(request, restrict), "history": conversation.history}
        answering = events(service, conversation.question, **options)
        if not body.stream:
            whole = await while_connected(request, completion(asked, answering))
            return JSONResponse(whole.model_dump(mode="json"))
        with_usage = bool(body.stream_options and body.stream_options.include_usage)
        parts = await while_connected(request, begun(beating(chunks(asked, answering, usage=with_usage))))
        language = request.headers.get("accept-language", "en")
        return streamed(_lines(service, parts, language))

    api.add_api_route(
        "/v1/chat/completions",
        chat_completions,
        methods=["POST"],
        tags=[TAG_OPENAI],
        response_model=None,
        responses={
            200: {
                "description": "The answer. If `stream` is true, it is sent in chunks, each of them final, and then `[DONE]`.",
                "model": Completion,
                "content": {EVENT_STREAM: {}},
            },
            **REFUSALS,
        },
    )


async def _lines(service: Service, parts: AsyncGenerator[Chunk | None], language: str) -> AsyncGenerator[str]:
    try:
        async with aclosing(parts):
            async for part in parts:
                yield HEARTBEAT if part is None else event(_written(part))
    except Exception as error:  # noqa: BLE001 - it is said in the stream, which has begun
        yield event(told(error, shared=service.shared, language=language).body)
    yield _DONE


def _written(part: Chunk) -> dict[str, Any]:
    """Return a chunk as JSON without unset fields; the finish reason is always there, as clients look for it."""
    written = part.model_dump(mode="json")
    if part.usage is None:
        del written["usage"]
    for choice in written["choices"]:
        choice["delta"] = {name: value for name, value in choice["delta"].items() if value is not None}
    return written
