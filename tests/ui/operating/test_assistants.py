"""The tools for assistants over HTTP in the app: with the protocol's own client, and behind the app's access checks."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.rag.fakes import ScriptedEngine
from tests.rag.mcp.articles import ARTICLES, HARBOUR, articles, run
from tests.ui.conftest import free_port
from tests.ui.doors import connected, raw, status_of
from ui import launch
from ui.launching.opening import Opening
from ui.operating.options import Operation
from ui.server.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    import gradio as gr

USER, PASSWORD = "leser", "ein langes Passwort"
QUESTION = {"question": "Was kostet der Hafen von Talheim?"}
JSON = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
BASIC = {"Authorization": "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}


class Slow(ScriptedEngine):
    """Waits before each word if a test wants that."""

    def __init__(self) -> None:
        super().__init__("zwölf ", "Millionen ", "Euro")
        self.began, self.may_go_on = threading.Event(), threading.Event()
        self.may_go_on.set()
        self.before_piece = lambda: self.began.set() or self.may_go_on.wait(30)


@pytest.fixture(scope="module")
def engine() -> Slow:
    return Slow()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, engine: Slow) -> Iterator[gr.Blocks]:
    rag = articles(tmp_path_factory.mktemp("articles"), engine)
    served = launch(
        rag,
        port=free_port(),
        block=False,
        credentials=Credentials.of(USER, PASSWORD),
        operation=Operation(assistants=True, metrics=True),
    )
    yield served
    served.close(verbose=False)


@asynccontextmanager
async def talking(app: gr.Blocks, *, mode: Any = "auto", password: str = PASSWORD) -> AsyncIterator[Client]:
    async with httpx2.AsyncClient(auth=(USER, password), timeout=60) as http:
        transport = streamable_http_client(f"{app.local_url}mcp", http_client=http)
        async with Client(transport, mode=mode) as client:
            yield client


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_an_assistant_asks_searches_and_reads(app: gr.Blocks, mode: str) -> None:
    async def work() -> None:
        async with talking(app, mode=mode) as client:
            assert [tool.name for tool in (await client.list_tools()).tools] == [
                "ask",
                "search",
                "read",
                "list_articles",
            ]
            answer = (await client.call_tool("ask", QUESTION)).structured_content
            assert answer["answer"] == HARBOUR
            [cited] = answer["citations"]
            assert ARTICLES[cited["path"]][cited["start"] : cited["end"]] == cited["quote"]
            assert (await client.call_tool("search", {"query": "Turm"})).structured_content["hits"]
            around = {name: cited[name] for name in ("path", "start", "end")}
            assert HARBOUR in (await client.call_tool("read", around)).structured_content["text"]
            assert len((await client.list_resources()).resources) == len(ARTICLES)

    run(work)


def test_several_assistants_ask_at_once(app: gr.Blocks) -> None:
    async def work() -> None:
        async with talking(app) as one, talking(app) as other:
            calls = [client.call_tool("ask", QUESTION) for client in (one, other) * 3]
            assert {result.structured_content["answer"] for result in await asyncio.gather(*calls)} == {HARBOUR}

    run(work)


def test_with_a_wrong_password_nothing_is_answered(app: gr.Blocks) -> None:
    async def work() -> None:
        with pytest.raises(BaseException, match="401|Unauthorized|unhandled errors"):
            async with talking(app, password="falsch und lang genug") as client:
                await client.list_tools()

    run(work)


def body(method: str = "tools/call", **params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()


def posted(app: gr.Blocks, sent: bytes, **headers: str) -> bytes:
    return raw(app.local_url, "POST", "/mcp", {**JSON, **BASIC, **headers}, sent)


@pytest.mark.parametrize(
    ("method", "headers", "sent", "status"),
    [
        ("GET", {}, b"", 405),
        ("DELETE", {}, b"", 405),
        ("POST", {"Origin": "http://elsewhere.example"}, body("ping"), 403),
        ("POST", {"Sec-Fetch-Site": "cross-site"}, body("ping"), 403),
        ("POST", {"Content-Type": "text/plain"}, body("ping"), 400),
        ("POST", {}, b"", 400),
        ("POST", {}, b"nonsense", 400),
        ("POST", {}, b"\xff\xfe", 400),
        ("POST", {}, b"[" * 50_000, 400),
        ("POST", {"MCP-Protocol-Version": "1999-01-01"}, body("ping"), 400),
        ("POST", {"MCP-Protocol-Version": "x" * 3000}, body("ping"), 400),
        ("POST", {}, body(name="ask", arguments={"question": "x" * 1_000_000}), 413),
    ],
)
def test_odd_requests_are_refused(
    app: gr.Blocks, method: str, headers: dict[str, str], sent: bytes, status: int
) -> None:
    answer = raw(app.local_url, method, "/mcp", {**JSON, **BASIC, **headers}, sent)
    assert status_of(answer) in {status, 406, 415}
    assert b"Traceback" not in answer
    assert str(Path(__file__).parents[3]).encode() not in answer
    assert b"site-packages" not in answer


@pytest.mark.parametrize(
    "arguments", [{}, {"question": 1}, {"question": "x" * 900_000}, {"question": "Wer?", "kind": "\x00"}]
)
def test_wrong_arguments_are_told_in_a_line(app: gr.Blocks, arguments: dict[str, Any]) -> None:
    answer = posted(app, body(name="ask", arguments=arguments))
    assert status_of(answer) == 200
    assert b'"isError":true' in answer.replace(b" ", b"")
    assert len(answer) < 4000


def test_what_assistants_send_counts_with_all_that_is_on_its_way(
    app: gr.Blocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.server.bodies.BODIES_PER_ADDRESS", 100_000)
    lines = ["POST /mcp HTTP/1.1", f"Host: {app.local_url.split('/')[2]}", "Content-Length: 90000"]
    lines += [f"{name}: {value}" for name, value in {**JSON, **BASIC}.items()]
    with connected(app.local_url) as first:
        first.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + b" " * 80_000)
        # This happens as soon as the first request has been read.
        assert in_time(lambda: status_of(posted(app, body("ping") + b" " * 30_000)) == 429), "more was taken"
    assert in_time(lambda: status_of(posted(app, body("tools/list"))) == 200), "what had gone was counted for ever"


def in_time(happened: Callable[[], bool]) -> bool:
    """Tell whether something happens within a few seconds."""
    for _ in range(200):
        if happened():
            return True
        time.sleep(0.02)
    return False


def test_a_client_that_vanishes_while_it_is_answered_stops_the_model(app: gr.Blocks, engine: Slow) -> None:
    engine.began.clear()
    engine.closed.clear()
    engine.may_go_on.clear()
    written = engine.yielded
    sent = body(name="ask", arguments={"question": "Was kostet der Hafen von Talheim heute?"})
    head = ["POST /mcp HTTP/1.1", f"Host: {app.local_url.split('/')[2]}", f"Content-Length: {len(sent)}"]
    head += [f"{name}: {value}" for name, value in {**JSON, **BASIC}.items()]
    with connected(app.local_url) as connection:
        connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + sent)
        assert engine.began.wait(20)
    # For the app the question has ended, although the model is still waiting.
    for _ in range(400):
        if "quellentreu_questions_under_way 0.0" in httpx2.get(f"{app.local_url}metrics", headers=BASIC).text:
            break
        time.sleep(0.05)
    else:
        raise AssertionError("the question goes on")
    assert not engine.may_go_on.is_set()
    engine.may_go_on.set()
    assert engine.closed.wait(20)
    assert engine.yielded - written < 3

    async def work() -> None:
        async with talking(app) as client:
            assert (await client.call_tool("ask", QUESTION)).structured_content["answer"] == HARBOUR

    run(work)


def test_who_asks_too_much_is_told_to_wait(tmp_path: Any) -> None:
    rag = articles(tmp_path)
    served = launch(rag, port=free_port(), block=False, operation=Operation(assistants=True), questions_per_minute=0.05)
    try:
        sent = body(name="ask", arguments=QUESTION)
        answers = [raw(served.local_url, "POST", "/mcp", JSON, sent) for _ in range(3)]
        assert HARBOUR.encode() in answers[0]
        assert b"Too many questions" in answers[-1]
        assert HARBOUR.encode() not in answers[-1]
    finally:
        served.close(verbose=False)


def test_as_long_as_the_articles_are_being_opened_it_says_so(tmp_path: Any) -> None:
    may_end = threading.Event()
    opening = Opening(lambda told: may_end.wait(60))
    opening.begin()
    served = launch(
        articles(tmp_path), port=free_port(), block=False, operation=Operation(assistants=True), opening=opening
    )
    try:
        assert status_of(raw(served.local_url, "POST", "/mcp", JSON, body("tools/list"))) == 503
        answer = raw(served.local_url, "GET", "/readyz")
        assert status_of(answer) == 503
        assert b"The articles are being opened." in answer
        may_end.set()
        opening.wait()
        assert status_of(raw(served.local_url, "POST", "/mcp", JSON, body("tools/list"))) == 200
    finally:
        may_end.set()
        served.close(verbose=False)
