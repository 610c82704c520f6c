"""A server that speaks the OpenAI protocol: vLLM, llama.cpp's server, Ollama and others."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from index.errors import ModelError
from rag.generation.engine import PlainReading, first_words_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from rag.generation.engine import Message, Reading

TIMEOUT = httpx.Timeout(connect=5.0, read=120.0, write=30.0, pool=5.0)


class OpenAIEngine:
    """
    A model behind ``POST {url}/chat/completions``.

    Parameters
    ----------
    url
        Base of the protocol; ``/v1`` is added where the URL has no path.
    fingerprint
        Identifies server and model.
    api_key
        Sent as a bearer token where not empty.
    model
        The server's name for the model; the first one it lists where empty.

    """

    def __init__(self, url: str, *, fingerprint: str, api_key: str = "", model: str = "") -> None:
        base = httpx.URL(url)
        self._url = str(base.copy_with(path="/v1") if base.path in ("", "/") else base).rstrip("/")
        self._fingerprint = fingerprint
        self._model = model
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx.Client(timeout=TIMEOUT, headers=headers)

    @property
    def fingerprint(self) -> str:
        """Identifies server and model."""
        return f"{self._fingerprint}:{self._model}" if self._model else self._fingerprint

    def load(self) -> None:
        """Ask the server for its models: the first one where the user named none."""
        if self._model:
            return
        try:
            response = self._client.get(f"{self._url}/models")
            response.raise_for_status()
            self._model = str(response.json()["data"][0]["id"])
        except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
            raise self._unreachable(error) from error

    @contextmanager
    def read(self, messages: Sequence[Message]) -> Iterator[Reading]:
        """Read a conversation whose last message, the user's, is yet to be ended: the server gets it with each ending."""
        yield PlainReading(messages, stream=self.stream, first_words=self._first_words)

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str]:
        """Yield the continuation of a whole conversation piece by piece; closing the iterator hangs up."""
        self.load()
        request = self._request(messages, max_tokens) | {"stream": True}
        try:
            with self._client.stream("POST", f"{self._url}/chat/completions", json=request) as response:
                self._raise_error(response)
                for line in response.iter_lines():
                    if line.startswith("data:") and (piece := _content(line.removeprefix("data:").strip())):
                        yield piece
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    def _first_words(self, messages: Sequence[Message]) -> list[tuple[str, float]]:
        self.load()
        request = self._request(messages, 1) | {"logprobs": True, "top_logprobs": 20}
        try:
            response = self._client.post(f"{self._url}/chat/completions", json=request)
            if response.status_code in {400, 422}:  # it knows no probabilities: its first word has to do
                plain = self._request(messages, 1)
                response = self._client.post(f"{self._url}/chat/completions", json=plain)
            self._raise_error(response)
            return first_words_of(response.json())
        except (httpx.HTTPError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise self._unreachable(error) from error

    def _request(self, messages: Sequence[Message], max_tokens: int) -> dict[str, Any]:
        return {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "max_tokens": max_tokens,
            "temperature": 0.0,
            "seed": 0,
        }

    def _raise_error(self, response: httpx.Response) -> None:
        if response.is_error:
            response.read()
            raise ModelError(
                f"The server at {self._url} answered {response.status_code}: {response.text[:200].strip()!r}.",
                hint="Check RAG_LLM, RAG_LLM_API_MODEL and RAG_LLM_API_KEY.",
            )

    def count_tokens(self, text: str) -> int:
        """Return an estimate: the protocol has no way to ask."""
        return -(-len(text) // 3)

    def _unreachable(self, error: Exception) -> ModelError:
        return ModelError(
            f"The server at {self._url} does not answer as an OpenAI-compatible one: {error}.",
            hint="Is it running? Check RAG_LLM.",
        )


def _content(data: str) -> str:
    if data == "[DONE]":
        return ""
    try:
        event: dict[str, Any] = json.loads(data)
    except ValueError as error:
        raise ModelError(f"The server sent no JSON: {data[:80]!r}.", hint="Check RAG_LLM.") from error
    return "".join(choice.get("delta", {}).get("content") or "" for choice in event.get("choices", ()))
