"""``/api/ask``: a question, and its answer as the shell prints it, whole or event by event."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rag.types import Answer, AskOptions, Event, Finished
from ui.api.answering import answered, beating, begun, events, while_connected
from ui.api.errors import told
from ui.api.plain.forms import AnswerSent
from ui.api.plain.requests import Question
from ui.api.plain.stepping import stepped
from ui.api.service import Service
from ui.api.streaming import EVENT_STREAM, HEARTBEAT, event, streamed
from ui.api.table import REFUSALS, TAG_PLAIN


def register(api: FastAPI, service: Service) -> None:
    """Add the route."""

    async def ask(body: Question, request: Request) -> Response:
        """Answer a question in the articles' own sentences."""
        options = service.options(request, body.filter.model_dump() if body.filter else None)
        service.admit(request)
        answering = events(service, body.question, **_options(body, options))
        if body.stream or EVENT_STREAM in request.headers.get("accept", ""):
            language = request.headers.get("accept-language", "en")
            steps = await while_connected(request, begun(beating(answering)))
            return streamed(_lines(service, steps, language))
        answer = await while_connected(request, _located(service, answering))
        return JSONResponse(answer.to_json())

    api.add_api_route(
        "/api/ask",
        ask,
        methods=["POST"],
        tags=[TAG_PLAIN],
        response_model=None,
        responses={
            200: {
                "description": "The answer. With `stream`, it is sent as the events `evidence`, `likely`, `delta` and "
                "`sentence`; the last event is `finished` with the answer, or `error`.",
                "model": AnswerSent,
                "content": {EVENT_STREAM: {}},
            },
            **REFUSALS,
        },
    )


def _options(body: Question, given: AskOptions) -> AskOptions:
    """Add the options that were given; the engine chooses the others."""
    options: AskOptions = {**given, "history": [(question, answer) for question, answer in body.history]}
    if body.strictness is not None:
        options["strictness"] = body.strictness
    if body.k is not None:
        options["k"] = body.k
    if body.kind is not None:
        options["kind"] = body.kind
    if body.fresh:
        options["fresh"] = True
    return options


async def _located(service: Service, answering: AsyncGenerator[Event]) -> Answer:
    return await _with_rectangles(service, await answered(answering))


async def _with_rectangles(service: Service, answer: Answer) -> Answer:
    located = getattr(service.engine, "located", None)
    return answer if located is None else await asyncio.to_thread(located, answer)


async def _lines(service: Service, steps: AsyncGenerator[Event | None], language: str) -> AsyncGenerator[str]:
    try:
        async with aclosing(steps):
            async for step in steps:
                if step is None:
                    yield HEARTBEAT
                    continue
                said = step
                if isinstance(step, Finished):
                    said = Finished(await _with_rectangles(service, step.answer))
                name, data = stepped(said)
                yield event(data, name)
    except Exception as error:  # noqa: BLE001 - it is said in the stream, which has begun
        yield event(told(error, shared=service.shared, language=language).body, "error")
