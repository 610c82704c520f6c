"""The asyncio counterparts of `RAG.ask`, `RAG.stream` and `RAG.search`."""

from __future__ import annotations

import asyncio
import functools
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Protocol

from index.errors import RagError
from rag.runtime.streaming import iterate
from rag.types import Event, Finished

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from typing import Unpack

    from rag.runtime.streaming import AnswerStream
    from rag.types import Answer, AskOptions, Hit


class _Synchronous(Protocol):
    @property
    def stream(self) -> Callable[..., AnswerStream]: ...

    @property
    def search(self) -> Callable[..., list[Hit]]: ...


class AsyncTwins:
    """Methods for asyncio; the work is done in threads, so that the event loop is not blocked."""

    async def aask(self: _Synchronous, question: str, **options: Unpack[AskOptions]) -> Answer:
        """Answer a question like `RAG.ask`, with the same parameters. Cancelling the task stops the language model."""
        async with aclosing(iterate(self.stream(question, **options))) as events:
            async for event in events:
                if isinstance(event, Finished):
                    return event.answer
        raise RagError("The answer broke off.", hint="Ask again.")

    def astream(self: _Synchronous, question: str, **options: Unpack[AskOptions]) -> AsyncGenerator[Event]:
        """Answer event by event like `RAG.stream`, with the same parameters. Closing the iterator stops the model."""
        return iterate(self.stream(question, **options))

    async def asearch(self: _Synchronous, query: str, **options: Any) -> list[Hit]:
        """Find passages like `RAG.search`, with the same parameters."""
        return await asyncio.to_thread(functools.partial(self.search, query, **options))
