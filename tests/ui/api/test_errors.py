"""Errors have the protocol's form, a message of one line, and a status that clients understand."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from index.errors import BusyError
from rag.types import SentenceChecked
from tests.ui.api.serving import chat, client, events, served
from tests.ui.fakes import FakeRag
from ui.api import answering
from ui.limits import LONGEST_QUESTION_BODY, MOST_MESSAGES
from ui.server.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    import gradio as gr
    import httpx

SECRET = "Geheimnis-4711"
CHAT = "/v1/chat/completions"


@pytest.fixture
def http(app: gr.Blocks) -> Iterator[httpx.Client]:
    with client(app.local_url) as opened:
        yield opened


def problem(answer: httpx.Response) -> dict[str, Any]:
    """Check the form of a refusal and return it."""
    body = answer.json()
    assert body.keys() == {"error"}
    error = body["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    assert error["message"]
    assert "\n" not in error["message"]
    for leak in (SECRET, "Traceback", "/tmp/", "site-packages", ".py"):
        assert leak not in answer.text
    return dict(error)


MESSAGES: dict[str, Any] = {
    "none": [],
    "no list": SECRET,
    "no object": [SECRET],
    "no role": [{"content": SECRET}],
    "an unknown role": [{"role": SECRET, "content": "Wie?"}],
    "a tool": [{"role": "tool", "content": SECRET, "tool_call_id": "x"}],
    "a number": [{"role": "user", "content": 4711}],
    "an image": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": SECRET}}]}],
    "a part without text": [{"role": "user", "content": [{"type": "text"}]}],
    "no parts": [{"role": "user", "content": []}],
    "nothing": [{"role": "user", "content": None}],
    "blanks": [{"role": "user", "content": "  \n"}],
    "the system alone": [{"role": "system", "content": SECRET}],
    "an assistant last": [{"role": "user", "content": "Wie?"}, {"role": "assistant", "content": SECRET}],
    "too many": [{"role": "user", "content": "Wie?"}] * (MOST_MESSAGES + 1),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_messages_that_ask_nothing_are_refused(
    http: httpx.Client, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    # The fake answers everything; the real engine refuses an empty question.
    answer = http.post(CHAT, json={"model": "articles", "messages": MESSAGES[name]})
    if name in {"no parts", "nothing", "blanks"}:
        assert answer.status_code == 200
        return
    assert answer.status_code == 400
    error = problem(answer)
    assert error["type"] == "invalid_request_error"
    assert error["param"].startswith("messages")
    assert SECRET not in capfd.readouterr().err


BODIES: dict[str, tuple[bytes, int]] = {
    "empty": (b"", 400),
    "no JSON": (b"Hallo", 400),
    "no text": (b"\xff\xfe", 400),
    "a list": (b"[]", 400),
    "nothing": (b"null", 400),
    "deep": (b"[" * 100_000, 400),
    "deep object": (b'{"a":' * 50_000, 400),
    "no number": (b'{"n": NaN}', 400),
    "a huge number": (b'{"n": 1e999}', 400),
    "many digits": (b'{"n": ' + b"9" * 5000 + b"}", 400),
    "too long": (json.dumps(chat("x" * (LONGEST_QUESTION_BODY + 1))).encode(), 413),
}


@pytest.mark.parametrize("path", [CHAT, "/v1/embeddings", "/api/ask", "/api/search"])
@pytest.mark.parametrize("name", BODIES)
def test_bodies_that_are_no_request_are_refused(http: httpx.Client, path: str, name: str) -> None:
    body, status = BODIES[name]
    answer = http.post(path, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert problem(answer)["type"] == "invalid_request_error"


def test_another_content_type_is_refused(http: httpx.Client) -> None:
    answer = http.post("/api/ask", data={"question": SECRET})
    assert answer.status_code == 415
    assert "application/json" in problem(answer)["message"]


@pytest.mark.parametrize("field", ["model", "messages", "stream", "stream_options", "n", "tools", "response_format"])
@pytest.mark.parametrize("value", [True, 4711, SECRET, [SECRET], {SECRET: 1}], ids=repr)
def test_values_of_another_kind_are_refused(http: httpx.Client, field: str, value: Any) -> None:
    answer = http.post(CHAT, json={**chat("Wie?"), field: value})
    assert answer.status_code in {200, 400, 404}
    if answer.status_code != 200:
        problem(answer)


def test_paths_and_methods_there_are_not_are_refused_in_the_form(http: httpx.Client) -> None:
    for path in ("/v1", "/v1/responses", "/api/x", "/v1/models/a/b", "/api/upload"):
        answer = http.get(path)
        assert answer.status_code == 404, path
        assert problem(answer)["code"] == "not_found"
    for method, path in (("GET", CHAT), ("DELETE", "/v1/models/x"), ("PUT", "/api/ask"), ("PATCH", "/api/documents")):
        answer = http.request(method, path)
        assert answer.status_code == 405, path
        problem(answer)


def test_half_a_character_does_no_harm(http: httpx.Client, fake: FakeRag) -> None:
    answer = http.post(CHAT, content=json.dumps(chat("Wie \ud83d viel?")), headers={"content-type": "application/json"})
    assert answer.status_code == 200
    assert fake.questions[-1] == "Wie ? viel?"


FAILURES = {
    "besetzt?": (503, "busy"),
    "modelllos?": (503, "unavailable"),
    "indexlos?": (503, "unavailable"),
    "x" * 2001: (400, "invalid_question"),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", [CHAT, "/api/ask"])
@pytest.mark.parametrize("question", FAILURES, ids=lambda text: text[:10])
def test_what_the_engine_refuses_has_its_status(http: httpx.Client, path: str, question: str, stream: bool) -> None:
    body = chat(question, stream=stream) if path == CHAT else {"question": question, "stream": stream}
    answer = http.post(path, json=body)
    assert (answer.status_code, problem(answer)["code"]) == FAILURES[question]


@pytest.mark.parametrize("path", [CHAT, "/api/ask"])
def test_what_nobody_foresaw_tells_nothing(
    http: httpx.Client, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, path: str
) -> None:
    body = chat(f"kaputt {SECRET}") if path == CHAT else {"question": f"kaputt {SECRET}"}
    answer = http.post(path, json=body)
    assert answer.status_code == 500
    assert problem(answer)["type"] == "server_error"
    log = ""
    for _ in range(100):  # the log is written after the answer
        log += capfd.readouterr().err
        if "ZeroDivisionError" in log + caplog.text:
            break
        time.sleep(0.02)
    log += caplog.text
    assert "ZeroDivisionError" in log
    for text in (answer.text, log):
        assert "secret detail" not in text
        assert SECRET not in text
        assert "Traceback" not in text


class Breaking(FakeRag):
    """Fails after the first sentence of the answer, or is busy before it."""

    def _answer(self, question: str, history: Any) -> Any:
        answer = super()._answer(question, history)
        yield next(answer)
        if "voll" in question:
            raise BusyError(waiting=7)
        while not isinstance(step := next(answer), SentenceChecked):
            pass
        yield step
        raise ZeroDivisionError(SECRET)


def test_what_fails_in_a_stream_is_said_in_it() -> None:
    with served(Breaking()) as url, client(url) as http:
        chunks = [data for _, data in events(http.post(CHAT, json=chat("Wie?", stream=True)).text)]
        assert chunks[-1] == "[DONE]"
        assert chunks[-2]["error"]["type"] == "server_error"
        steps = events(http.post("/api/ask", json={"question": "Wie?", "stream": True}).text)
        assert [name for name, _ in steps] == ["evidence", "sentence", "error"]
        assert SECRET not in json.dumps([chunks, steps])


def test_a_stream_that_has_said_nothing_fails_with_a_status() -> None:
    """Clients ask again by themselves if the status says that the error is temporary."""
    with served(Breaking()) as url, client(url) as http:
        for stream in (False, True):
            answer = http.post(CHAT, json=chat("Ist es voll?", stream=stream))
            assert (answer.status_code, problem(answer)["code"]) == (503, "busy")


def test_a_long_silence_is_bridged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering.beating, "__kwdefaults__", {"seconds": 0.01})
    engine = FakeRag(pause=0.2)
    with served(engine) as url, client(url) as http:
        for path, body in ((CHAT, chat("Wie?", stream=True)), ("/api/ask", {"question": "Wie?", "stream": True})):
            text = http.post(path, json=body).text
            assert text.count(": still at it\n\n") > 3
            assert engine.finished.is_set()


def test_others_are_told_nothing_of_the_machine() -> None:
    credentials = Credentials.of("leser", "Nur für Leser")
    with served(FakeRag(), credentials=credentials) as url:
        key = base64.b64encode("leser:Nur für Leser".encode()).decode()
        with client(url, headers={"authorization": f"Basic {key}"}) as http:
            answer = http.post(CHAT, json=chat("indexlos"))
            assert answer.status_code == 503
            assert ".rag" not in answer.text
    with served(FakeRag()) as url, client(url) as http:  # whoever started the app may read all of it
        assert ".rag" in http.post(CHAT, json=chat("indexlos")).text


def test_too_many_questions_are_told_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.server.rates.PAGES_PER_ADDRESS", 1)
    with served(FakeRag(), questions_per_minute=1) as url, client(url) as http:
        statuses = [http.post(CHAT, json=chat("Wie?")).status_code for _ in range(2)]
        assert statuses == [200, 200]
        for answer in (
            http.post("/api/ask", json={"question": "Wie?"}),
            http.post(CHAT, json=chat("Wie?", stream=True)),
        ):
            assert answer.status_code == 429
            assert problem(answer)["code"] == "rate_limit_exceeded"
            assert 0 < int(answer.headers["retry-after"]) <= 60
