"""Health, readiness and figures: open where they are meant to be, and without private details."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from index.errors import RagError
from rag.runtime.model_pool import Models
from rag.settings import Settings
from tests.rag.fakes import HashingEmbedder, ScriptedEngine
from tests.ui.conftest import free_port
from tests.ui.doors import raw, status_of
from tests.ui.fakes import FakeRag
from tests.ui.talking import ask_over_http
from ui import launch
from ui.operating.attending import Attended
from ui.operating.health import Readiness, check_token
from ui.operating.options import Operation
from ui.server.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    import gradio as gr

TOKEN = "t0ken-" * 5
PASSWORD = "ein langes Passwort"
LOGIN = {"Authorization": "Basic " + base64.b64encode(f"leser:{PASSWORD}".encode()).decode()}


@pytest.fixture(scope="module")
def guarded() -> Iterator[gr.Blocks]:
    served = launch(
        FakeRag(),
        port=free_port(),
        block=False,
        credentials=Credentials.of("leser", PASSWORD),
        operation=Operation(metrics=True, metrics_token=TOKEN, assistants=True),
    )
    yield served
    served.close(verbose=False)


@pytest.fixture(scope="module")
def open_app() -> Iterator[gr.Blocks]:
    served = launch(FakeRag(), port=free_port(), block=False, operation=Operation(metrics=True), questions_per_minute=0)
    yield served
    served.close(verbose=False)


@pytest.fixture(scope="module")
def plain() -> Iterator[gr.Blocks]:
    served = launch(FakeRag(), port=free_port(), block=False)
    yield served
    served.close(verbose=False)


def get(app: gr.Blocks, path: str, **options: Any) -> httpx.Response:
    return httpx.get(f"{app.local_url.rstrip('/')}{path}", timeout=30, **options)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_needs_no_password_and_no_name_of_the_machine(guarded: gr.Blocks, path: str) -> None:
    answer = raw(guarded.local_url, "GET", path, {"Host": "10.1.2.3:7860"})
    assert status_of(answer) == 200
    assert answer.partition(b"\r\n\r\n")[2] == (b"ok\n" if path == "/healthz" else b"ready\n")
    refused = raw(guarded.local_url, "POST", path, body=b"{}")
    assert status_of(refused) == 405
    for one in (answer, refused, raw(guarded.local_url, "GET", "/mcp", LOGIN)):
        assert b"content-type: text/plain; charset=utf-8" in one.partition(b"\r\n\r\n")[0].lower()
    assert status_of(raw(guarded.local_url, "GET", f"{path}/x")) == 404


@pytest.mark.parametrize("path", ["/metrics", "/mcp", "/"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_all_else_stays_behind_the_door(guarded: gr.Blocks, path: str, method: str) -> None:
    for headers in ({}, {"Authorization": "Basic bm9ib2R5Om5vYm9keQ=="}, {"Authorization": "Bearer wrong"}):
        assert status_of(raw(guarded.local_url, method, path, headers)) in {401, 405}


def test_the_token_opens_the_figures_and_nothing_else(guarded: gr.Blocks) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    figures = get(guarded, "/metrics", headers=bearer)
    assert figures.status_code == 200
    assert figures.headers["content-type"].startswith("text/plain")
    assert get(guarded, "/metrics", auth=("leser", PASSWORD)).status_code == 200
    assert status_of(raw(guarded.local_url, "POST", "/metrics", bearer)) == 405
    for path in ("/", "/mcp", "/config", "/metrics/x"):
        assert get(guarded, path, headers=bearer).status_code in {401, 404}


def test_without_a_password_a_token_is_still_asked_for() -> None:
    served = launch(FakeRag(), port=free_port(), block=False, operation=Operation(metrics=True, metrics_token=TOKEN))
    try:
        assert get(served, "/metrics").status_code == 401
        assert get(served, "/metrics", headers={"Authorization": f"bearer {TOKEN}"}).status_code == 200
        assert get(served, "/").status_code == 200
    finally:
        served.close(verbose=False)


def test_figures_and_assistants_are_off_unless_asked_for(plain: gr.Blocks) -> None:
    for path in ("/metrics", "/mcp"):
        assert get(plain, path).status_code == 404
    assert get(plain, "/readyz").status_code == 200


def test_questions_are_counted_and_none_is_repeated(open_app: gr.Blocks) -> None:
    before = figures(open_app)
    ask_over_http(open_app.local_url, "Wie viel Geld will Cambricon aufnehmen?")
    ask_over_http(open_app.local_url, "Was ist abwesend?")
    ask_over_http(open_app.local_url, "Das Modell ist besetzt")
    after = figures(open_app)
    grown = {name: after[name] - before.get(name, 0) for name in after}
    for outcome in ("answered", "refused", "busy"):
        assert grown[f'quellentreu_questions_total{{outcome="{outcome}"}}'] == 1
    for stage in ("search", "read", "write", "total"):
        assert grown[f'quellentreu_stage_seconds_count{{stage="{stage}"}}'] == 2
    assert after["quellentreu_questions_under_way"] == after["quellentreu_questions_waiting"] == 0
    assert after["quellentreu_ready"] == 1
    assert after["quellentreu_memory_bytes"] > 10_000_000
    page = get(open_app, "/metrics").text
    assert "Cambricon" not in page
    assert "abwesend" not in page


def figures(app: gr.Blocks) -> dict[str, float]:
    lines = [line for line in get(app, "/metrics").text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@pytest.mark.parametrize("token", ["kurz", "x" * 19, "mit Leerzeichen und Länge", "ä" * 40, "x" * 30 + "\n"])
def test_a_token_that_cannot_be_used_is_said(token: str) -> None:
    with pytest.raises(RagError, match="RAG_UI_METRICS_TOKEN"):
        check_token(token)
    assert check_token("") == ""
    assert check_token(TOKEN) == TOKEN


def test_readiness_says_what_is_still_missing() -> None:
    opening = SimpleNamespace(is_ready=False, is_over=False)
    engine: Any = SimpleNamespace(model_state="loading")
    attended = Attended(engine)
    ready = Readiness(attended, opening)
    assert ready.reason() == "The articles are being opened."
    opening.is_over = True
    assert ready.reason() == "The articles could not be opened."
    opening.is_ready = True
    for state in ("cold", "loading", "failed"):
        engine.model_state = state
        assert ready.reason().startswith("The language model ")
    engine.model_state = "ready"
    assert ready.reason() == ""
    attended.refuse()
    assert ready.reason() == "The server is being stopped."


def test_the_models_tell_whether_they_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    models = Models(Settings(), embedder=HashingEmbedder(), engine=ScriptedEngine("x"))
    assert models.state == "cold"
    models.load_in_background(warm_up=True)
    assert models._loading is not None
    models._loading.join(20)
    assert models.state == "ready"
    broken = Models(Settings(), embedder=HashingEmbedder())

    def missing() -> Any:
        raise RagError("There are no weights.")

    monkeypatch.setattr(broken, "engine", missing)
    broken.load_in_background()
    assert broken._loading is not None
    broken._loading.join(20)
    assert broken.state == "failed"
