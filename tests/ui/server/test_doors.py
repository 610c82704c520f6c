"""Odd and large requests: each is answered in one plain line, and does not affect others."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from gradio_client import Client

from tests.ui.conftest import free_port
from tests.ui.doors import connected, raw, sent, status_of
from tests.ui.fakes import FakeRag
from ui import launch, limits
from ui.server.bodies import Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    import gradio as gr

SECRET = "Geheimnis-4711"
LONG = SECRET + "x" * 30_000


# Most tests share one app, so each also shows that the app survived the tests before.
@pytest.fixture(scope="module")
def fake() -> FakeRag:
    return FakeRag()


@pytest.fixture(scope="module")
def app(fake: FakeRag) -> Iterator[gr.Blocks]:
    served = launch(fake, port=free_port(), block=False, questions_per_minute=0)
    yield served
    served.close(verbose=False)


def known(app: gr.Blocks) -> tuple[Known, int]:
    """Return what can be called, and the number of the component with the page's functions."""
    numbers = Known.of(app)
    return numbers, next(iter(numbers.served))


def call(app: gr.Blocks, name: str, data: Any, **other: Any) -> bytes:
    body = {"component_id": known(app)[1], "fn_name": name, "session_hash": "abc", "data": data, **other}
    return sent(app.local_url, "component_server", body)


def words(answer: bytes) -> str:
    return answer.partition(b"\r\n\r\n")[2].decode()


def assert_plain(answer: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    """Check that a refusal is one line, and that neither it nor the log repeats the request."""
    assert 400 <= status_of(answer) < 500, answer
    assert words(answer).count("\n") <= 1
    assert len(words(answer)) < 200
    log = capfd.readouterr().err
    for text in (words(answer), log):
        assert SECRET not in text
        assert "Traceback" not in text


# ---- odd requests ----


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        ("GET", f"/assets/{LONG}", {}),
        ("GET", f"/gradio_api/call/chat/{LONG}", {}),
        ("GET", f"/gradio_api/heartbeat/{LONG}", {}),
        ("GET", f"/gradio_api/queue/data?session_hash={LONG}", {}),
        ("GET", "/gradio_api/queue/data", {}),
        ("GET", f"/assets/{SECRET}%00.js", {}),
        ("GET", f"/static/%2e%2e/{SECRET}", {}),
        ("GET", "/", {"Host": f"[{SECRET}"}),
        ("GET", "/", {"Host": "["}),
        ("GET", "/", {"Host": "[::::]"}),
        ("GET", "/", {"Host": f"127.0.0.1:{SECRET}"}),
        ("POST", "/gradio_api/call/chat", {"Origin": "http://["}),
        ("POST", "/gradio_api/call/chat", {"Origin": f"http://[{SECRET}"}),
        ("POST", "/gradio_api/component_server", {"Content-Type": "multipart/form-data; boundary=x"}),
        ("POST", "/gradio_api/component_server", {"Content-Type": "multipart/form-data"}),
        ("POST", "/config", {}),
        ("BREW", "/", {}),
    ],
)
def test_an_odd_request_is_refused_in_a_line(
    app: gr.Blocks, capfd: pytest.CaptureFixture[str], method: str, target: str, headers: dict[str, str]
) -> None:
    answer = raw(app.local_url, method, target, headers, SECRET.encode() if method == "POST" else b"")
    assert_plain(answer, capfd)


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("queue/join", {"fn_index": 999}),
        ("queue/join", {"fn_index": -1}),
        ("queue/join", {"fn_index": None}),
        ("queue/join", {"fn_index": SECRET}),
        ("queue/join", {"fn_index": True}),
        ("queue/join", {"trigger_id": 9999}),
        ("queue/join", {"session_hash": LONG}),
        ("queue/join", {"session_hash": f"{SECRET} "}),
        ("queue/join", {"session_hash": None}),
        ("queue/join", {"data": [SECRET] * 50}),
        ("queue/join", {"data": SECRET}),
        ("queue/join", {"data": [[SECRET], None, None]}),
        ("run/predict", {"fn_index": 999}),
        ("run/predict", {"fn_index": 1, "data": []}),
        ("cancel", {"fn_index": 999, "event_id": "a"}),
        ("cancel", {"fn_index": 0, "event_id": LONG}),
        ("reset", {}),
        ("component_server", {"component_id": 99999, "fn_name": "article"}),
        ("component_server", {"component_id": SECRET, "fn_name": "article"}),
        ("component_server", {"component_id": 1, "fn_name": "__init__"}),
        ("component_server", {"component_id": 1, "fn_name": LONG}),
        ("call/chat", {"data": []}),
        ("call/chat", {"data": [[SECRET, "b"]]}),
        ("call/chat", {"data": [123]}),
        ("call/chat", {"data": [None]}),
        ("call/chat", {"data": [True]}),
        ("call/chat", {"data": [{SECRET: 1}]}),
        ("call/chat", {"data": {"question": SECRET}}),
        ("call/chat", {"data": None}),
        ("call/chat", {"data": ["Wie?"], "session_hash": [SECRET]}),
    ],
)
def test_numbers_and_values_that_do_not_fit_are_refused_in_a_line(
    app: gr.Blocks, capfd: pytest.CaptureFixture[str], path: str, change: dict[str, Any]
) -> None:
    body = {"data": ["Wie?", "{}", None], "fn_index": 0, "session_hash": "abc"} | change
    assert_plain(sent(app.local_url, path, body), capfd)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Hallo",
        b"\xff\xfe",
        b"[]",
        b'"x"',
        b"null",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"data": [NaN]}',
        b'{"data": [1e999]}',
        b'{"data": [' + b"9" * 5000 + b"]}",
    ],
    ids=lambda body: body[:12].decode("latin-1"),
)
@pytest.mark.parametrize("path", ["call/chat", "component_server", "queue/join"])
def test_what_is_no_json_object_is_refused_in_a_line(
    app: gr.Blocks, capfd: pytest.CaptureFixture[str], path: str, body: bytes
) -> None:
    assert_plain(sent(app.local_url, path, body), capfd)


def test_queued_functions_run_in_the_queue_only(app: gr.Blocks, fake: FakeRag) -> None:
    for number, kinds in known(app)[0].queued.items():
        body = {"data": ["Wie viel gilt das?"] * len(kinds), "fn_index": number, "session_hash": "abc"}
        answer = sent(app.local_url, "run/predict", body)
        assert status_of(answer) == 404
        assert "queue" in words(answer)
    assert "Wie viel gilt das?" not in fake.questions


def test_half_a_character_does_no_harm(app: gr.Blocks, fake: FakeRag, capfd: pytest.CaptureFixture[str]) -> None:
    answer = call(app, "article", {"path": "\ud83d"})
    assert status_of(answer) == 200
    event = json.loads(words(sent(app.local_url, "call/chat", {"data": ["Wie \ud83d viel?"]})))["event_id"]
    assert b"event: complete" in raw(app.local_url, "GET", f"/gradio_api/call/chat/{event}")
    assert "Wie ? viel?" in fake.questions
    assert "Traceback" not in capfd.readouterr().err


def test_a_question_of_another_kind_is_refused_by_the_function_itself(app: gr.Blocks) -> None:
    # Called in Python, without the server's checks.
    function = next(one for one in app.fns.values() if one.api_name == "chat")
    for question in (None, 1, ["a"], {"a": 1}):
        with pytest.raises(Exception, match="The question must be text"):
            function.fn(question, None)
    # Gradio's own client gets the refusal with the reason.
    client = Client(app.local_url, verbose=False, analytics_enabled=False)
    with pytest.raises(Exception, match="must be text"):
        client.predict(["a"], api_name="/chat")


def test_a_session_that_is_gone_is_no_failure(app: gr.Blocks, capfd: pytest.CaptureFixture[str]) -> None:
    assert b"session_not_found" in raw(app.local_url, "GET", "/gradio_api/queue/data?session_hash=nobody")
    assert b"error" in raw(app.local_url, "GET", "/gradio_api/call/chat/nobody")
    assert capfd.readouterr().err == ""


def test_what_fails_is_logged_without_what_was_sent(
    app: gr.Blocks,
    fake: FakeRag,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(path: str) -> Any:
        raise ZeroDivisionError(path)

    monkeypatch.setattr(fake, "document", broken)
    answer = call(app, "article", {"path": SECRET})
    assert status_of(answer) == 500
    log = capfd.readouterr().err + caplog.text
    assert "ZeroDivisionError" in log
    assert "test_doors.py" in log
    for text in (words(answer), log):
        assert SECRET not in text
        assert "Traceback" not in text


# ---- too much ----


def test_names_of_sessions_are_short(app: gr.Blocks) -> None:
    body = {"data": ["Wie?", "{}", None], "fn_index": 0, "session_hash": "x" * 7_000_000}
    assert status_of(sent(app.local_url, "queue/join", body)) in {0, 413}  # 0: closed while it was being sent
    assert status_of(sent(app.local_url, "queue/join", body | {"session_hash": "x" * 65})) == 422


def test_bodies_on_their_way_are_bounded_by_address(app: gr.Blocks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.server.bodies.BODIES_PER_ADDRESS", 100_000)
    host = app.local_url.removeprefix("http://").rstrip("/")
    head = f"POST /gradio_api/component_server HTTP/1.1\r\nHost: {host}\r\nContent-Length: 90000\r\n\r\n".encode()
    with connected(app.local_url) as first, connected(app.local_url) as second:
        first.sendall(head + b" " * 80_000)
        for _ in range(100):  # until the first body has been read
            if status_of(call(app, "article", {"path": "x" * 30_000})) == 429:
                break
            time.sleep(0.02)
        else:
            raise AssertionError("more than the limit was taken")
        second.sendall(head + b" " * 80_000)
        assert status_of(second.recv(4096)) == 429
    for _ in range(100):  # closed connections are no longer counted
        if status_of(call(app, "article", {"path": "x" * 900})) == 200:
            return
        time.sleep(0.02)
    raise AssertionError("what had gone was counted for ever")


def record(**changes: Any) -> dict[str, Any]:
    answer = {"question": "Q", "standalone_question": "Q", "answer": "A", "abstained": False} | changes
    return {"question": "Q", "answer": answer}


PLACE = {"path": "cambricon.md", "start": 0, "end": 10, "quote": "Wort", "text": "Wort"}


@pytest.mark.parametrize(
    "changes",
    [
        {"sentences": [{"text": "x"}] * (limits.MOST_SENTENCES + 1)},
        {"sentences": [{"text": "x", "citations": [0] * (limits.MOST_PER_SENTENCE + 1)}]},
        {"citations": [PLACE] * (limits.MOST_CITATIONS + 1)},
        {"evidence": [PLACE] * (limits.MOST_EVIDENCE + 1)},
        {"unanswered": ["x"] * 100},
        {"models": {str(number): "x" for number in range(100)}},
        {"index": "x" * 5000},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_lists_of_a_kept_answer_are_bounded(app: gr.Blocks, changes: dict[str, Any]) -> None:
    assert "q-error" in words(call(app, "restore", {"records": [record(**changes)]}))


def test_a_long_conversation_comes_back_bounded(app: gr.Blocks, monkeypatch: pytest.MonkeyPatch) -> None:
    full = record(sentences=[{"text": "Wort", "citations": [0] * 3}] * 10, citations=[PLACE] * 10)
    one = len(words(call(app, "restore", {"records": [full]})))
    monkeypatch.setattr("ui.conversation.handlers.LONGEST_RESTORED", 3 * one)
    body = {"records": [full] * 40}
    answer = words(call(app, "restore", body))
    assert len(answer) < 4 * one + 40 * 2000
    turns = json.loads(answer)["turns"]
    assert len(turns) == 40
    # The last turns are whole; of the others, only the question is still there.
    assert "q-cite" in turns[-1]
    assert "q-cite" not in turns[0]
    assert all("q-question" in turn for turn in turns)
    assert len(json.loads(answer)["lists"]) == 40


HOSTILE = {
    "citations": record(sentences=[{"text": "W", "citations": [0] * 20}] * 100, citations=[PLACE] * 100),
    "quotes": record(
        sentences=[{"text": "W", "citations": list(range(20))}] * 100, citations=[PLACE | {"quote": "&" * 20_000}] * 20
    ),
    "evidence": record(evidence=[PLACE | {"end": 10**6}] * 100, citations=[PLACE | {"end": 10**6}] * 100),
    "titles": record(
        sentences=[{"text": "W", "citations": [0] * 20}] * 100, citations=[PLACE | {"title": "<" * 20_000}]
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_conversation_comes_back_many_times_as_long(app: gr.Blocks, name: str) -> None:
    records = [HOSTILE[name]] * 10
    answer = call(app, "restore", {"records": records})
    assert status_of(answer) == 200
    assert "q-error" not in words(answer)
    # In the last turn that is drawn, HTML and JSON may write each quoted character as six.
    most = limits.SHORTEST_RESTORED + limits.RESTORED_TIMES * len(json.dumps(records))
    assert len(words(answer)) < 2 * most


def test_an_ordinary_conversation_comes_back_whole(app: gr.Blocks) -> None:
    client = Client(app.local_url, verbose=False, analytics_enabled=False)
    answer = client.predict("Wie viel Geld?", api_name="/chat")
    for name in ("citations", "evidence"):
        answer[name] = [{**item, "path": item["document"]} for item in answer[name]]
    turns = json.loads(words(call(app, "restore", {"records": [{"question": "Q", "answer": answer}] * 100})))["turns"]
    assert len(turns) == 100
    assert all("q-cite" in turn for turn in turns)
