from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from index.errors import ModelError
from index.progress import told
from rag.inference.embedding import server as server_embedding
from rag.inference.embedding.server import ServerEmbedder
from tests.rag.inference.embedding_server import Embedding, embedding_server

if TYPE_CHECKING:
    from collections.abc import Iterator


class Handler(Embedding):
    """Embeds a text as its length and first letter; answers in reverse order, as the protocol allows."""

    def embed(self) -> None:
        request = self.asked()
        self.server.requests.append((self.path, request))
        if self.headers.get("Authorization") != "Bearer geheim":
            self._send(401, {"error": "no key\nat all"})
        elif self.server.failures:
            self._send(self.server.failures.pop(0), {"error": "overloaded"})
        elif len(request["input"]) > self.server.most:
            self._send(413, {"error": "too many"})
        elif self.server.answer is not None:
            self._send(200, self.server.answer)
        else:
            rows = [
                {"index": i, "embedding": [float(len(text)), float(ord(text[0])), *[0.0] * self.server.wider]}
                for i, text in enumerate(request["input"])
            ]
            self._send(200, {"data": rows[::-1]})

    def _send(self, status: int, body: object) -> None:
        self.send(status, body, Retry_After="0")


@pytest.fixture
def server() -> Iterator[Any]:
    with embedding_server(Handler, requests=[], failures=[], most=1000, answer=None, wider=0) as served:
        yield served


def embedder(server: Any, **options: Any) -> ServerEmbedder:
    return ServerEmbedder(f"http://127.0.0.1:{server.server_port}?k=1", fingerprint="s", api_key="geheim", **options)


def expected(*texts: str) -> np.ndarray:
    vectors = np.array([[len(text), ord(text[0])] for text in texts], dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_batches_come_back_in_order_as_unit_vectors(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_embedding, "BATCH_SIZE", 3)
    texts = [chr(97 + n) * (n + 1) for n in range(8)]
    done: list[tuple[int, int]] = []
    with told(lambda _, count, total: done.append((count, total))):
        vectors = embedder(server).embed_passages(texts)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, expected(*texts), rtol=1e-6)
    assert done == [(3, 8), (6, 8), (8, 8)]
    assert [len(request["input"]) for _, request in server.requests[1:]] == [3, 3, 2]
    assert {path for path, _ in server.requests} == {"/v1/embeddings?k=1"}
    assert {request["model"] for _, request in server.requests} == {"tiny"}


def test_no_texts_give_no_rows_of_the_right_width(server: Any) -> None:
    assert embedder(server).embed_passages([]).shape == (0, 2)


def test_a_query_has_the_prefix_that_its_model_wants(server: Any) -> None:
    made = embedder(server, query_prefix="query: ", passage_prefix="passage: ", model="e5")
    np.testing.assert_allclose(made.embed_query("Wer?"), expected("query: Wer?")[0], rtol=1e-6)
    np.testing.assert_allclose(made.embed_passages(["Wir."]), expected("passage: Wir."), rtol=1e-6)
    assert server.requests[-1][1]["model"] == "e5"


def test_the_fingerprint_tells_models_widths_and_prefixes_apart(server: Any) -> None:
    prints = [embedder(server).fingerprint, embedder(server, model="b").fingerprint]
    prints.append(embedder(server, passage_prefix="passage: ").fingerprint)
    server.wider = 1
    prints.append(embedder(server).fingerprint)
    assert prints[0] == "s:tiny:2"
    assert len(set(prints)) == 4


def test_a_request_that_is_too_large_is_halved(server: Any) -> None:
    server.most = 3
    texts = ["a", "bb", "ccc", "dddd", "eeeee", "f"]
    np.testing.assert_allclose(embedder(server).embed_passages(texts), expected(*texts), rtol=1e-6)


def test_a_server_that_is_busy_is_asked_again(server: Any) -> None:
    server.failures = [429, 503]
    np.testing.assert_allclose(embedder(server).embed_query("Wer?"), expected("Wer?")[0], rtol=1e-6)


def test_a_server_that_stays_busy_is_one_line(server: Any) -> None:
    server.failures = [503] * 10
    with pytest.raises(ModelError, match="503") as caught:
        embedder(server).embed_query("Wer?")
    assert "\n" not in str(caught.value)
    assert len(server.requests) == server_embedding.ATTEMPTS


def test_a_refusal_is_one_line_that_names_the_settings_and_no_secret(server: Any) -> None:
    made = ServerEmbedder(f"http://ich:pw@127.0.0.1:{server.server_port}/v1?key=x1", fingerprint="s", api_key="falsch")
    with pytest.raises(ModelError, match="401.*RAG_EMBEDDING_API_KEY") as caught:
        made.embed_query("Wer?")
    assert "\n" not in str(caught.value)
    assert not any(secret in str(caught.value) for secret in ("pw", "x1", "falsch"))


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"data": [{"index": 0, "embedding": []}]},
        {"data": [{"index": 1, "embedding": [1.0]}]},
        {"data": [{"index": 0, "embedding": [0.0, 0.0]}]},
        {"data": [{"index": 0, "embedding": [float("nan"), 1.0]}]},
        {"data": [{"index": 0, "embedding": "AAAA"}]},
    ],
)
def test_what_is_no_vector_is_one_line(server: Any, answer: object) -> None:
    server.answer = answer
    with pytest.raises(ModelError, match="OpenAI-compatible") as caught:
        embedder(server).embed_query("Wer?")
    assert "\n" not in str(caught.value)


def test_another_width_in_the_middle_is_noticed(server: Any) -> None:
    made = embedder(server)
    made.embed_query("Wer?")
    server.wider = 3
    with pytest.raises(ModelError, match="5 numbers"):
        made.embed_query("Wer?")


def test_a_server_that_is_not_there_is_one_line() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(ModelError, match="Is it running") as caught:
        ServerEmbedder(f"http://127.0.0.1:{port}", fingerprint="s").embed_query("Wer?")
    assert "\n" not in str(caught.value)
