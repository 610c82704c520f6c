"""When a client goes away, its answer is stopped, whether it is sent as a stream or as a whole."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.rag.building import synced
from tests.rag.fakes import ScriptedEngine
from tests.ui.api.serving import chat, client, served
from tests.ui.doors import connected
from tests.ui.fakes import FakeRag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("/v1/chat/completions", chat("Wie viel Geld?")),
    "chat stream": ("/v1/chat/completions", chat("Wie viel Geld?", stream=True)),
    "ask": ("/api/ask", {"question": "Wie viel Geld?"}),
    "ask stream": ("/api/ask", {"question": "Wie viel Geld?", "stream": True}),
}


def request(url: str, path: str, body: object) -> bytes:
    data = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: {url.removeprefix('http://')}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data


def eventually(is_so: Callable[[], bool]) -> bool:
    for _ in range(500):
        if is_so():
            return True
        time.sleep(0.02)
    return False


class Slow(FakeRag):
    """Never ends by itself: it repeats an event until it is stopped."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()

    def _answer(self, question: str, history: Any) -> Iterator[Any]:
        first, *rest = super()._answer(question, history)
        yield first
        self.begun.set()
        while True:
            time.sleep(0.01)
            yield rest[0]


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def url(slow: Slow) -> Iterator[str]:
    with served(slow) as address:
        yield address


@pytest.mark.parametrize("name", CASES)
def test_the_answer_stops_when_the_client_goes(slow: Slow, url: str, name: str) -> None:
    path, body = CASES[name]
    with connected(url) as connection:
        connection.sendall(request(url, path, body))
        assert slow.begun.wait(20)
        assert not slow.closed.is_set()
    assert slow.closed.wait(20)
    assert not slow.finished.is_set()


def test_many_that_go_leave_nothing_behind(url: str) -> None:
    def answering() -> int:
        return sum(thread.name == "answer" for thread in threading.enumerate())

    for _ in range(3):
        connections = []
        for path, body in CASES.values():
            opened = connected(url)
            connections.append(opened)
            opened.__enter__().sendall(request(url, path, body))
        assert eventually(lambda: answering() > 0)
        for opened in connections:
            opened.__exit__(None, None, None)
        assert eventually(lambda: answering() == 0)
    with client(url) as http:
        assert http.get("/v1/models").status_code == 200


@pytest.mark.parametrize("name", CASES)
def test_the_language_model_stops_writing(corpus: Path, tmp_path: Path, name: str) -> None:
    model = ScriptedEngine(*["Yuan "] * 300)
    writing = threading.Event()

    def slowly() -> None:
        writing.set()
        time.sleep(0.05)

    model.before_piece = slowly
    path, body = CASES[name]
    with served(synced(corpus, tmp_path / "index", model)) as url:
        with connected(url) as connection:
            asked = "Wie viele Yuan will Cambricon aufnehmen?"
            mine = (
                chat(asked, model="corpus", stream="stream" in name) if "chat" in name else {**body, "question": asked}
            )
            connection.sendall(request(url, path, mine))
            assert writing.wait(20)
        assert model.closed.wait(20)
    assert model.yielded < 300


class Embedding(FakeRag):
    """Embeds slowly, and counts the texts."""

    def __init__(self) -> None:
        super().__init__()
        self.embedded = 0
        self.begun = threading.Event()
        self.may_go_on = threading.Event()

    embedding_fingerprint = "small@1"

    def embed(self, texts: list[str], *, queries: bool = False) -> Any:
        import numpy as np

        self.embedded += len(texts)
        self.begun.set()
        self.may_go_on.wait(20)
        return np.ones((len(texts), 2), dtype=np.float32)


def test_texts_are_not_embedded_for_somebody_who_has_gone() -> None:
    engine = Embedding()
    with served(engine) as url:
        with connected(url) as connection:
            connection.sendall(request(url, "/v1/embeddings", {"model": "articles", "input": ["x"] * 500}))
            assert engine.begun.wait(20)
        with client(url) as http:  # by now the server has noticed that the connection is closed
            http.get("/v1/models")
            time.sleep(0.1)
            engine.may_go_on.set()
            http.post("/v1/embeddings", json={"model": "articles", "input": "x"})
        assert engine.embedded <= 3 * 16 + 1
