"""Turn texts into unit vectors with a server that speaks the OpenAI protocol: vLLM, llama.cpp's server and others."""

from __future__ import annotations

import hashlib
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np

from index.errors import ModelError
from index.progress import EMBEDDING, tell
from rag.inference.openai_protocol import Server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

BATCH_SIZE = 32
# Number of requests to a server that is busy or restarting; the pause doubles each time.
ATTEMPTS = 4
PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 20.0
_TRANSIENT = {429, 502, 503, 504}
_TOO_LARGE = 413


class ServerEmbedder:
    """
    A model behind ``POST {url}/embeddings``.

    Parameters
    ----------
    url
        Base URL of the protocol; ``/v1`` is added if the URL has no path.
    fingerprint
        Identifies the server.
    api_key
        Sent as a bearer token if not empty.
    model
        The server's name for the model; if empty, the first one that it lists.
    query_prefix, passage_prefix
        Prefixes that the model expects before questions and passages ("query: ", "passage: " for the E5 family).

    """

    def __init__(
        self,
        url: str,
        *,
        fingerprint: str,
        api_key: str = "",
        model: str = "",
        query_prefix: str = "",
        passage_prefix: str = "",
    ) -> None:
        self._server = Server(url, api_key=api_key, setting="RAG_EMBEDDING_MODEL")
        self._fingerprint = fingerprint
        self._model = model
        self._query_prefix = query_prefix
        self._passage_prefix = passage_prefix
        self._lock = threading.Lock()
        self._width = 0

    @property
    def fingerprint(self) -> str:
        """Identifies server, model, width of its vectors, and prefixes; asks the server the first time."""
        self._introduce()
        prefixes = f"{self._query_prefix}\0{self._passage_prefix}"
        digest = f"+{hashlib.sha256(prefixes.encode()).hexdigest()[:8]}" if prefixes != "\0" else ""
        return f"{self._fingerprint}:{self._model}:{self._width}{digest}"

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """
        Embed texts as passages.

        Parameters
        ----------
        texts
            Passages.

        Returns
        -------
        Unit vectors, shape ``(len(texts), dimension)``, float32.

        Raises
        ------
        ModelError
            The server refuses, does not answer, or answers with something other than vectors.

        """
        self._introduce()
        found: list[Vectors] = [np.empty((0, self._width), dtype=np.float32)]
        with self._server.client() as client:
            for begin in range(0, len(texts), BATCH_SIZE):
                batch = [self._passage_prefix + text for text in texts[begin : begin + BATCH_SIZE]]
                found.append(self._embed(client, batch))
                tell(EMBEDDING, begin + len(batch), len(texts))
        return np.concatenate(found)

    def embed_query(self, text: str) -> Vectors:
        """Return the unit vector of a question, shape ``(dimension,)``, float32."""
        self._introduce()
        with self._server.client() as client:
            vector: Vectors = self._embed(client, [self._query_prefix + text])[0]
        return vector

    def _introduce(self) -> None:
        """Find out the model's name and the width of its vectors."""
        with self._lock:
            if self._width:
                return
            self._model = self._model or self._server.first_model()
            with self._server.client() as client:
                self._width = self._embed(client, [f"{self._query_prefix}?"]).shape[1]

    def _embed(self, client: httpx.Client, texts: list[str]) -> Vectors:
        response = self._post(client, texts)
        if response.status_code == _TOO_LARGE and len(texts) > 1:
            middle = len(texts) // 2
            return np.concatenate([self._embed(client, texts[:middle]), self._embed(client, texts[middle:])])
        self._server.raise_error(response)
        try:
            vectors = _vectors(response.json(), len(texts))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise self._server.unreachable(error) from error
        if self._width and vectors.shape[1] != self._width:
            raise ModelError(
                f"The embedding server answers with {vectors.shape[1]} numbers a text now, not with {self._width}.",
                hint="Did it change its model? Then `rag index --rebuild`.",
            )
        return vectors

    def _post(self, client: httpx.Client, texts: list[str]) -> httpx.Response:
        request = {"model": self._model, "input": texts, "encoding_format": "float"}
        pause = PAUSE_SECONDS
        for attempt in range(ATTEMPTS):
            try:
                response = client.post(self._server.at("embeddings"), json=request)
            except httpx.HTTPError as error:
                raise self._server.unreachable(error) from error
            if response.status_code not in _TRANSIENT or attempt == ATTEMPTS - 1:
                break
            time.sleep(min(_wanted_pause(response, pause), _LONGEST_PAUSE_SECONDS))
            pause *= 2
        return response


def _wanted_pause(response: httpx.Response, otherwise: float) -> float:
    try:
        return max(0.0, float(response.headers["Retry-After"]))
    except (KeyError, ValueError):  # the header may be a date, but no server of this kind sends one
        return otherwise


def _vectors(answer: Any, count: int) -> Vectors:
    rows = sorted(answer["data"], key=lambda row: int(row["index"]))
    if [int(row["index"]) for row in rows] != list(range(count)):
        raise ValueError(f"it sent {len(rows)} vectors for {count} texts")
    vectors = np.array([row["embedding"] for row in rows], dtype=np.float32)
    if vectors.ndim != 2 or not vectors.shape[1]:
        raise ValueError("it sent something else than vectors")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.all(np.isfinite(lengths)) or not np.all(lengths > 0):
        raise ValueError("it sent a vector that points nowhere")
    unit: Vectors = vectors / lengths
    return unit
