"""A server that speaks the OpenAI protocol: vLLM, llama.cpp's server, Ollama and others."""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import queue
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from index.errors import ModelError
from rag.inference.openai_protocol import Server
from rag.inference.replies import PlainReading, first_words_of
from rag.inference.run import StoppedError, current

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator, Iterator, Sequence

    from rag.inference.protocol import Message, Reading

_LOOK_SECONDS = 0.05
_T = TypeVar("_T")


class OpenAIEngine:
    """
    A model behind ``POST {url}/chat/completions``.

    Parameters
    ----------
    url
        Base URL of the protocol; ``/v1`` is added if it has no path.
    fingerprint
        Identifies server and model.
    api_key
        Sent as a bearer token if not empty.
    model
        The server's name for the model; if empty, the first one that the server lists.

    """

    def __init__(self, url: str, *, fingerprint: str, api_key: str = "", model: str = "") -> None:
        self._server = Server(url, api_key=api_key, setting="RAG_LLM")
        self._fingerprint = fingerprint
        self._model = model
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """Identifies server and model."""
        return f"{self._fingerprint}:{self._model}" if self._model else self._fingerprint

    def load(self) -> None:
        """Ask the server for its models and take the first, if the user named none."""
        if not self._model:
            self._model = self._server.first_model()

    @contextmanager
    def read(self, messages: Sequence[Message]) -> Iterator[Reading]:
        """Take a conversation whose last message, the user's, still lacks its ending; it is sent with each ending."""
        yield PlainReading(
            messages,
            stream=self._stream,
            first_words=self._first_words,
        )

    def _stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str]:
        """Yield the continuation of a whole conversation piece by piece; closing the iterator ends the request."""
        self.load()
        request = self._request(messages, max_tokens) | {"stream": True}
        pieces: queue.SimpleQueue[str] = queue.SimpleQueue()

        async def fetch() -> None:
            async with (
                self._server.async_client() as client,
                client.stream("POST", self._server.at("chat/completions"), json=request) as response,
            ):
                if response.is_error:
                    await response.aread()
                self._server.raise_error(response)
                async for line in response.aiter_lines():
                    if line.startswith("data:"):
                        pieces.put(self._content(line.removeprefix("data:").strip()))

        fetching = self._start(fetch())
        try:
            while not (fetching.done() and pieces.empty()):
                current().check()
                try:
                    piece = pieces.get(timeout=_LOOK_SECONDS)
                except queue.Empty:
                    continue
                if piece:
                    yield piece
            self._result(fetching)
        finally:
            fetching.cancel()

    def _first_words(self, messages: Sequence[Message]) -> list[tuple[str, float]]:
        self.load()
        plain = self._request(messages, 1)

        async def fetch() -> httpx.Response:
            url = self._server.at("chat/completions")
            async with self._server.async_client() as client:
                response = await client.post(url, json=plain | {"logprobs": True, "top_logprobs": 20})
                if response.status_code in {400, 422}:  # it gives no probabilities: use its first word
                    response = await client.post(url, json=plain)
                return response

        fetching = self._start(fetch())
        while not concurrent.futures.wait([fetching], timeout=_LOOK_SECONDS).done:
            if current().stopped:
                fetching.cancel()
                raise StoppedError
        response = self._result(fetching)
        self._server.raise_error(response)
        try:
            answer = response.json()
            _raise_error(answer)
            return first_words_of(answer)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise self._server.unreachable(error) from error

    def _start(self, work: Coroutine[Any, Any, _T]) -> concurrent.futures.Future[_T]:
        """Start a request that any thread can cancel: that closes the connection, and the server stops."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="server", daemon=True).start()
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _result(self, fetching: concurrent.futures.Future[_T]) -> _T:
        try:
            return fetching.result()
        except httpx.HTTPError as error:
            raise self._server.unreachable(error) from error

    def _request(self, messages: Sequence[Message], max_tokens: int) -> dict[str, Any]:
        return {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "max_tokens": max_tokens,
            "temperature": 0.0,
            "seed": 0,
        }

    def _content(self, data: str) -> str:
        if data == "[DONE]":
            return ""
        try:
            event: dict[str, Any] = json.loads(data)
            _raise_error(event)
            return "".join((choice.get("delta") or {}).get("content") or "" for choice in event.get("choices") or ())
        except (ValueError, TypeError, AttributeError) as error:
            raise ModelError(f"The server sent something unexpected: {data[:80]!r}.", hint="Check RAG_LLM.") from error


def _raise_error(event: dict[str, Any]) -> None:
    """Raise an error that the server reports in a response with a successful status."""
    error = event.get("error")
    if error:
        message = error.get("message") if isinstance(error, dict) else error
        raise ModelError(f"The server could not answer: {message or error}.", hint="Check it, or RAG_LLM.")
