"""Answer one question: pass its events on to asyncio, and stop when nobody waits for the answer any more."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, TypeVar

from index.errors import RagError
from rag.runtime.streaming import AnswerStream
from rag.types import Finished

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Coroutine
    from typing import Any, Unpack

    from starlette.requests import Request

    from rag.types import Answer, AskOptions, Event
    from ui.api.service import Service

HEARTBEAT_SECONDS = 10.0
"""Proxies wait a minute for the next byte, many of them less."""
_Result = TypeVar("_Result")
_Item = TypeVar("_Item")


class HungUpError(Exception):
    """The client has gone; no answer is needed any more."""


async def events(service: Service, question: str, **options: Unpack[AskOptions]) -> AsyncGenerator[Event]:
    """
    Answer a question, event by event; closing this iterator stops the language model.

    Parameters
    ----------
    service
        What answers.
    question
        As it was received.
    **options
        See `rag.types.AskOptions`.

    """
    with service.resting():
        made = service.engine.stream(question, **options)
        stream = made if isinstance(made, AnswerStream) else AnswerStream(lambda: made)
        async with contextlib.aclosing(stream.batches()) as batches:
            async for batch in batches:
                for event in batch:
                    yield event


async def answered(source: AsyncGenerator[Event]) -> Answer:
    """Return the answer that the events end with; raises `RagError` if they end without one."""
    async with contextlib.aclosing(source):
        async for event in source:
            if isinstance(event, Finished):
                return event.answer
    raise RagError("The answer broke off.", hint="Ask again.")


async def begun(source: AsyncGenerator[_Item]) -> AsyncGenerator[_Item]:
    """
    Wait for the first item, so that an error in the question is known before the answer begins to be sent.

    Raises
    ------
    Exception
        Whatever is raised instead of the first item.

    """
    first = await anext(source)

    async def all_of_them() -> AsyncGenerator[_Item]:
        async with contextlib.aclosing(source):
            yield first
            async for item in source:
                yield item

    return all_of_them()


async def beating(source: AsyncGenerator[_Item], *, seconds: float = HEARTBEAT_SECONDS) -> AsyncGenerator[_Item | None]:
    """
    Pass items on, and yield None whenever none has come for a while.

    Sending something for each None keeps a proxy from closing the connection, and reveals when nobody reads.

    Parameters
    ----------
    source
        Where the items come from; it is closed with this iterator.
    seconds
        Seconds without an item before None is yielded.

    """
    waiting = asyncio.ensure_future(anext(source))
    try:
        while True:
            await asyncio.wait((waiting,), timeout=seconds)
            if not waiting.done():
                yield None
                continue
            try:
                item = waiting.result()
            except StopAsyncIteration:
                return
            yield item
            waiting = asyncio.ensure_future(anext(source))
    finally:
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await _settled(waiting)
        await source.aclose()


async def while_connected(request: Request, work: Coroutine[Any, Any, _Result]) -> _Result:
    """
    Run something for as long as the client is connected.

    Parameters
    ----------
    request
        The request, whose body has been read.
    work
        Cancelled if the connection is closed meanwhile.

    Raises
    ------
    HungUpError
        The connection was closed.

    """
    working, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait((working, gone), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise HungUpError
        return working.result()
    finally:
        gone.cancel()
        if not working.done():
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await _settled(working)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _settled(work: Awaitable[object]) -> None:
    with contextlib.suppress(Exception):  # nobody is left to be told
        await work
