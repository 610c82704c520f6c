"""What protects the served app: the password, the routes, the headers and the limits."""

from __future__ import annotations

import asyncio
import base64
import getpass
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from gradio_client import Client
from starlette.routing import Route

from index.errors import RagError
from tests.ui import fakes
from tests.ui.conftest import free_port
from ui import launch, limits
from ui.limits import LONGEST_QUESTION_BODY
from ui.server import braking, safety
from ui.server.credentials import Credentials, read_credentials
from ui.server.rates import Buckets, QuestionLimit, TooManyQuestionsError
from ui.server.routes import Routes
from ui.server.safety import content_security_policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    import gradio as gr
    from starlette.types import Receive, Scope, Send

ROOT = Path(__file__).parents[3]
PASSWORD = "Nur für Leser 🐉"
CREDENTIALS = Credentials.of("leser", PASSWORD)


def basic(user: str = "leser", password: str = PASSWORD) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.fixture
def guarded() -> Iterator[gr.Blocks]:
    served = launch(fakes.FakeRag(), host="0.0.0.0", port=free_port(), block=False, credentials=CREDENTIALS)
    yield served
    served.close(verbose=False)


@pytest.fixture
def client(app: gr.Blocks) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=app.local_url, trust_env=False) as client:
        yield client


# ---- the password ----


def test_an_address_for_others_needs_a_password(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("RAG_UI_PASSWORD", raising=False)
    for host in ("0.0.0.0", "::", "192.168.0.7", "laptop.local", ""):
        with pytest.raises(RagError, match="without a password") as caught:
            launch(fakes.FakeRag(), host=host, port=free_port(), block=False)
        assert "\n" not in str(caught.value)
    # The command reports it before it looks at articles or models.
    code = "from rag.cli.main import main; main()"
    command = [sys.executable, "-c", code, "ui", "--host", "0.0.0.0", "--corpus", str(tmp_path / "none")]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=120)
    assert run.returncode == 2
    assert run.stdout == ""
    assert len(run.stderr.strip().splitlines()) == 1
    assert "RAG_UI_PASSWORD" in run.stderr


def test_everything_is_behind_the_password(guarded: gr.Blocks) -> None:
    url = guarded.local_url
    calls: list[tuple[str, str, Any]] = [
        ("GET", "", None),
        ("GET", "config", None),
        ("GET", "gradio_api/info", None),
        ("GET", "gradio_api/app_id", None),
        ("GET", "theme.css", None),
        ("GET", "gradio_api/queue/data?session_hash=x", None),
        ("POST", "gradio_api/call/chat", {"data": ["Wie viel?"]}),
        ("POST", "gradio_api/queue/join", {"data": [], "fn_index": 0, "session_hash": "x"}),
        ("POST", "gradio_api/component_server", {"fn_name": "article", "component_id": 1, "data": {}}),
        ("POST", "gradio_api/run/predict", {"data": [], "fn_index": 0, "session_hash": "x"}),
        ("POST", "gradio_api/cancel", {}),
        ("POST", "gradio_api/reset", {}),
    ]
    for method, path, body in calls:
        for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic %%%"}):
            answer = httpx.request(method, url + path, json=body, headers=headers, trust_env=False)
            assert answer.status_code in {401, 429}, path
            assert "Cambricon" not in answer.text
    assert answer.headers.get("www-authenticate", "Basic").startswith("Basic")


def test_with_the_password_page_and_endpoint_answer(guarded: gr.Blocks) -> None:
    assert httpx.get(guarded.local_url, headers=basic(), trust_env=False).status_code == 200
    client = Client(guarded.local_url, headers=basic(), verbose=False, analytics_enabled=False)
    assert client.predict("Wie viel Geld?", api_name="/chat")["citations"]


def test_guessing_a_password_is_slowed_down(guarded: gr.Blocks, monkeypatch: pytest.MonkeyPatch) -> None:
    def attempt(number: int) -> int:
        return httpx.get(guarded.local_url, headers=basic(password=f"geraten {number}"), trust_env=False).status_code

    waited: list[float] = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(braking, "_sleep", note)
    assert [attempt(number) for number in range(12)] == [401] * 12
    assert waited == sorted(waited)
    assert waited[-1] == limits.LONGEST_WAIT
    assert httpx.get(guarded.local_url, headers=basic(), trust_env=False).status_code == 200
    assert len(waited) == 12 - limits.FREE_GUESSES  # the right one has not waited


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Bearer abc",
        basic(password="x")["Authorization"],
        basic("Leser")["Authorization"],
    ],
)
def test_other_credentials_are_refused(header: str) -> None:
    assert CREDENTIALS.admit(basic()["Authorization"])
    assert not CREDENTIALS.admit(header)
    assert PASSWORD not in repr(CREDENTIALS)


def test_the_password_comes_from_the_environment_or_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAG_UI_PASSWORD", raising=False)
    monkeypatch.delenv("RAG_UI_USER", raising=False)
    assert read_credentials() is None
    monkeypatch.setattr(getpass, "getpass", lambda prompt: PASSWORD)
    typed = read_credentials("leser", ask=True)
    assert typed is not None
    assert typed.admit(basic()["Authorization"])
    monkeypatch.setenv("RAG_UI_PASSWORD", PASSWORD + "!")
    given = read_credentials()
    assert given is not None
    assert given.admit(basic("quellentreu", PASSWORD + "!")["Authorization"])
    assert "RAG_UI_PASSWORD" not in os.environ
    monkeypatch.setenv("RAG_UI_PASSWORD", "kurz")
    with pytest.raises(RagError, match="fewer than"):
        read_credentials()
    with pytest.raises(RagError, match="colon"):
        Credentials.of("a:b", PASSWORD)


# ---- routes, origins, headers ----


@pytest.mark.parametrize(
    "path",
    [
        "gradio_api/file=/etc/hostname",
        "gradio_api/file=pyproject.toml",
        "gradio_api/file=ui/app.py",
        "gradio_api/file/pyproject.toml",
        "gradio_api/file=http://127.0.0.1:9/",
        "gradio_api/proxy=http://127.0.0.1:9/",
        "gradio_api/runs",
        "gradio_api/run-history/buckets",
        "gradio_api/vibe-code/",
        "gradio_api/openapi.json",
        "gradio_api/stream/x/1/2/playlist.m3u8",
        "gradio_api/deep_link",
        "gradio_api/token",
        "gradio_api/dev/reload",
        "gradio_api/custom_component/1/client/component/index.js",
        "monitoring",
        "docs",
        "openapi.json",
        "static/../../../pyproject.toml",
        "static/%2e%2e/%2e%2e/routes.py",
        "assets/..%2f..%2f..%2froutes.py",
        "static//etc/hostname",
    ],
)
def test_only_the_apps_own_routes_are_served(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code in {403, 404}


def test_nothing_can_be_uploaded_past_the_panel(client: httpx.Client) -> None:
    page = {"files": ("seite.html", b"<script>alert(1)</script>", "text/html")}
    assert client.post("gradio_api/upload", files=page).status_code == 404
    assert client.post("upload", files=page).status_code == 404


def test_another_sites_page_cannot_ask(client: httpx.Client) -> None:
    body = {"data": ["Wie viel?"]}
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
    ):
        assert client.post("gradio_api/call/chat", json=body, headers=headers).status_code == 403
    assert client.post("gradio_api/call/chat", json=body, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert client.post("gradio_api/call/chat", json=body).status_code == 200


def test_a_foreign_name_for_this_machine_is_refused_without_a_password(app: gr.Blocks, guarded: gr.Blocks) -> None:
    foreign = {"Host": "rebound.example"}
    assert httpx.get(app.local_url, headers=foreign, trust_env=False).status_code == 403
    assert httpx.get(guarded.local_url, headers=foreign | basic(), trust_env=False).status_code == 200
    for name in ("localhost:80", "127.0.0.1", "[::1]:7860"):
        assert httpx.get(app.local_url, headers={"Host": name}, trust_env=False).status_code == 200


def test_answers_carry_safe_headers(client: httpx.Client) -> None:
    for path in ("", "theme.css", "config", "gradio_api/nothing", "assets/nothing.js"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    policy = dict(
        part.strip().partition(" ")[::2] for part in client.get("").headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert "unsafe-inline" not in policy["script-src"]
    assert policy["connect-src"] == "'self'"
    assert len(re.findall("sha256-", policy["script-src"])) >= 4


def test_the_policy_knows_inline_scripts_only() -> None:
    page = b'<script>a()</script><script type="module" src="x.js"></script><SCRIPT data-x>\nb()\n</SCRIPT>'
    assert len(re.findall("sha256-", content_security_policy(page))) == 2


# ---- limits ----


def test_a_request_that_is_too_long_is_refused(client: httpx.Client) -> None:
    body = b'{"data": ["' + b"x" * LONGEST_QUESTION_BODY + b'"]}'
    headers = {"Content-Type": "application/json"}
    assert client.post("gradio_api/call/chat", content=body, headers=headers).status_code == 413

    def pieces() -> Iterator[bytes]:
        for at in range(0, len(body), 1_000_000):
            yield body[at : at + 1_000_000]

    # A request without a length in its header is cut off.
    try:
        status = client.post("gradio_api/call/chat", content=pieces(), headers=headers).status_code
    except httpx.HTTPError:
        status = 0
    assert status != 200


@pytest.mark.parametrize(
    ("method", "path", "counts"),
    [
        ("GET", "/", True),
        ("GET", "/config", True),
        ("GET", "/gradio_api/info", True),
        ("GET", "/api/documents", True),
        ("GET", "/v1/models", True),
        ("POST", "/gradio_api/queue/join", True),
        ("GET", "/assets/index.js", False),
        ("GET", "/gradio_api/heartbeat/x", False),
        ("GET", "/robots.txt", False),
    ],
)
def test_what_takes_long_to_answer_is_bounded(
    monkeypatch: pytest.MonkeyPatch, method: str, path: str, counts: bool
) -> None:
    monkeypatch.setattr(safety, "REQUESTS_PER_MINUTE", 1)
    routes = Routes.of(
        [Route("/api/documents", lambda _: None, methods=["GET"]), Route("/v1/models", lambda _: None, methods=["GET"])]
    )

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    guard = safety.Guard(answer, routes=routes)

    async def knock() -> list[int]:
        transport = httpx.ASGITransport(guard)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as many:
            return [(await many.request(method, path)).status_code for _ in range(4)]

    assert asyncio.run(knock()) == ([200, 200, 429, 429] if counts else [200] * 4)


def test_buckets_fill_up_again() -> None:
    now = [0.0]
    buckets = Buckets(60, burst=2, clock=lambda: now[0])
    assert [buckets.take("a"), buckets.take("a")] == [0, 0]
    assert buckets.take("a") == pytest.approx(1.0)
    assert buckets.take("b") == 0
    now[0] = 1.0
    assert buckets.wait("a") == 0
    assert buckets.take("a") == 0
    assert buckets.take("a") > 0
    assert all(Buckets(0).take("a") == 0 for _ in range(1000))


class Request:
    """The parts of Gradio's requests that the limit looks at."""

    def __init__(self, session: str, host: str = "10.0.0.1") -> None:
        self.session_hash = session
        self.client = type("Address", (), {"host": host})()


def test_questions_are_bounded_by_page_and_by_address() -> None:
    limit: Any = QuestionLimit(1, clock=lambda: 0.0)
    limit.admit(Request("a"))
    limit.admit(Request("a"))
    with pytest.raises(TooManyQuestionsError, match="60 s"):
        limit.admit(Request("a"))
    for number in range(38):  # a new session each time does not help
        limit.admit(Request(f"s{number}"))
    with pytest.raises(TooManyQuestionsError):
        limit.admit(Request("new"))
    limit.admit(Request("new", "10.0.0.2"))


def test_too_many_questions_are_said_in_one_line() -> None:
    served = launch(fakes.FakeRag(), port=free_port(), block=False, questions_per_minute=1)
    try:
        client = Client(served.local_url, verbose=False, analytics_enabled=False)
        client.predict("Eins?", api_name="/chat")
        client.predict("Zwei?", api_name="/chat")
        with pytest.raises(Exception, match="Too many questions in a short time. Ask again in") as caught:
            client.predict("Drei?", api_name="/chat")
        assert "Traceback" not in str(caught.value)
    finally:
        served.close(verbose=False)
