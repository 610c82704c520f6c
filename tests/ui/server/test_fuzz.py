"""
Whatever is sent to the app, it answers with a status below 500, and its log shows no traceback.

The number of requests is limited in the suite. ``QUELLENTREU_FUZZ=20000`` in the environment increases it.
"""

from __future__ import annotations

import json
import logging
import os
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ui.conftest import free_port
from tests.ui.doors import connected, raw, said, status_of
from tests.ui.fakes import DOCUMENTS, FakeRag
from ui import launch
from ui.server import safety
from ui.server.bodies import Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    import gradio as gr

EXAMPLES = int(os.environ.get("QUELLENTREU_FUZZ", "150"))
API = "/gradio_api"
POSTS = [f"{API}/{name}" for name in ("queue/join", "call/chat", "run/predict", "cancel", "reset", "component_server")]
GETS = ["/", "/config", "/theme.css", "/favicon.ico", "/manifest.json", "/robots.txt", "/starting", "/assets/x.js"]
GETS += [f"{API}/{name}" for name in ("info", "app_id", "user", "startup-events", "queue/data", "call/chat/abc")]
STREAMS = (f"{API}/heartbeat/", f"{API}/queue/data", f"{API}/call/chat/")
HEADERS = ["Origin", "Host", "Cookie", "Range", "Accept-Language", "Content-Type", "Content-Length", "Referer"]
HEADERS += ["Authorization", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Gradio-Server", "Forwarded"]
HEADERS += ["Sec-Fetch-Site", "If-None-Match", "If-Modified-Since", "Accept-Encoding", "Upgrade", "Expect", "Accept"]
ODD = [
    "",
    "[",
    "http://[",
    "a,b;c=d",
    "\\",
    "%00",
    "../..",
    "9" * 400,
    "-1",
    "bytes=9-1",
    "multipart/form-data",
    "\xff",
]
ODD += [
    "*/*;q=x",
    "de-\xff",
    "http://a:b@c:99999/",
    "application/json; charset=utf-7",
    "127.0.0.1:x",
    "null",
    "chunked",
]

printable = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="#\x7f"), max_size=40)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "x", "\ud83d", "a\0b", *DOCUMENTS, "Wie viel Geld?", "{}", "[]", "9" * 40, "\u202e", "-"])
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["path", "spans", "records", "question", "answer", "key", "start"]), inner)
    ),
    max_leaves=8,
)


def conversations() -> st.SearchStrategy[Any]:
    """Conversations as the page keeps them, in which each part may be replaced by another value."""
    number = st.integers(0, 50) | values
    place = st.fixed_dictionaries(
        {"path": st.sampled_from([*DOCUMENTS, "x"]) | values, "start": number, "end": number},
        optional={"title": values, "quote": st.just("Geld") | values, "text": st.just("Geld") | values, "page": number},
    )
    sentence = st.fixed_dictionaries(
        {"text": st.text(max_size=20)},
        optional={
            "status": st.sampled_from(["kept", "marked", "withdrawn"]),
            "citations": st.lists(st.integers(-5, 5), max_size=3),
            "emphasis": st.lists(st.tuples(st.integers(-9, 30), st.integers(-9, 30)), max_size=3),
            "role": st.sampled_from(["answer", "context"]),
            "wording": st.sampled_from([None, "source", "model"]),
            "support": st.floats(allow_nan=False),
        },
    )
    answer = st.fixed_dictionaries(
        {
            "question": st.just("Wie?"),
            "standalone_question": st.just("Wie?") | values,
            "answer": st.text(max_size=20),
            "abstained": st.booleans(),
            "sentences": st.lists(sentence, max_size=3),
            "citations": st.lists(place, max_size=3),
            "evidence": st.lists(place, max_size=3),
        },
        optional={
            "timings": st.dictionaries(st.sampled_from(["total_ms", "first_evidence_ms"]), values),
            "models": values,
        },
    )
    record = st.fixed_dictionaries({"question": st.just("Wie?") | values}, optional={"answer": answer | values})
    return st.fixed_dictionaries({"records": st.lists(record, max_size=3) | values})


def articles() -> st.SearchStrategy[Any]:
    """Requests for an article."""
    number = st.integers(0, 5000) | values
    span = st.fixed_dictionaries(
        {"key": st.sampled_from(["e1", "c0"]) | values, "start": number, "end": number},
        optional={"quote": st.sampled_from(["Geld", "kräftig"]) | values},
    )
    path = st.sampled_from([*DOCUMENTS, "gibt-es-nicht.md"]) | values
    return st.fixed_dictionaries(
        {"path": path}, optional={"spans": st.lists(span, max_size=4) | values, "page": number}
    )


def bodies(known: Known) -> st.SearchStrategy[bytes]:
    """Bodies, most of them nearly right, so that they get further than the first check."""
    numbers = st.sampled_from([*known.queued, *known.direct, *known.served, 10**20, -1]) | values
    names = st.sampled_from(sorted(name for names in known.served.values() for name in names)) | values
    fields = {
        "data": conversations() | articles() | st.lists(values, max_size=5) | values,
        "fn_index": numbers,
        "component_id": st.sampled_from(list(known.served)) | numbers,
        "fn_name": names,
        "session_hash": st.sampled_from(["abc", "a" * 64, "a b", "\0", "x" * 65]) | values,
        "event_id": st.just("0") | values,
        "trigger_id": st.none() | numbers,
        "event_data": values,
        "simple_format": values,
        "batched": values,
    }
    objects = st.fixed_dictionaries({}, optional=fields) | st.fixed_dictionaries(fields)
    return st.binary(max_size=60) | (objects | values).map(lambda value: json.dumps(value).encode())


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[gr.Blocks]:
    monkeypatch.setattr(safety, "REQUESTS_PER_MINUTE", 0)
    served = launch(FakeRag(), port=free_port(), block=False, questions_per_minute=0)
    yield served
    served.close(verbose=False)


def head(url: str, method: str, target: str, headers: dict[str, str]) -> bytes:
    """Ask for a stream, read its beginning and close the connection."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    with connected(url) as connection:
        connection.sendall("\r\n".join(lines).encode("latin-1"))
        return connection.recv(4096)


class Log:
    """The app's log since the last check."""

    def __init__(self, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
        self._capfd, self._caplog = capfd, caplog

    def assert_quiet(self) -> None:
        log = self._capfd.readouterr().err
        failed = [record.getMessage() for record in self._caplog.records if record.levelno >= logging.ERROR]
        self._caplog.clear()
        assert "Traceback" not in log, log
        assert failed == []


@pytest.fixture
def log(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Log:
    return Log(capfd, caplog)


def test_no_request_makes_the_app_fail(opened: gr.Blocks, log: Log) -> None:
    url = opened.local_url
    home = {"Host": url.removeprefix("http://").rstrip("/")}
    odd_headers = st.dictionaries(st.sampled_from(HEADERS), st.sampled_from(ODD) | printable, max_size=3)
    paths = st.sampled_from(GETS + POSTS) | printable.map("/".__add__) | printable.map(f"{API}/".__add__)
    queries = st.just("") | st.sampled_from(["?session_hash=abc", "?deep_link=../x", "?page=x", "?q=%ff"])
    methods = st.sampled_from(["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "TRACE", "BREW"])

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(methods, paths, queries, odd_headers)
    def knock(method: str, path: str, query: str, headers: dict[str, str]) -> None:
        target = f"{path}{query}"
        ask = head if path.startswith(STREAMS) else raw
        answer = ask(url, method, target, {**home, **headers})
        assert status_of(answer) < 500, answer
        log.assert_quiet()

    knock()
    time.sleep(0.3)
    log.assert_quiet()


def test_no_body_makes_the_app_fail(opened: gr.Blocks, log: Log) -> None:
    url = opened.local_url
    whole = {"Content-Type": "application/json"}

    @settings(max_examples=2 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(POSTS), bodies(Known.of(opened)))
    def knock(path: str, body: bytes) -> None:
        answer = raw(url, "POST", path, whole, body)
        assert 200 <= status_of(answer) < 500, answer
        log.assert_quiet()

    knock()
    time.sleep(1)  # for queued events to end
    log.assert_quiet()


def test_no_call_of_the_pages_functions_makes_the_app_fail(opened: gr.Blocks, log: Log) -> None:
    url, known = opened.local_url, Known.of(opened)
    calls = [(number, name) for number, names in known.served.items() for name in sorted(names)]

    @settings(max_examples=2 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(calls), conversations() | articles() | values)
    def knock(call: tuple[int, str], data: Any) -> None:
        body = {"component_id": call[0], "fn_name": call[1], "session_hash": "abc", "data": data}
        answer = raw(
            url, "POST", f"{API}/component_server", {"Content-Type": "application/json"}, json.dumps(body).encode()
        )
        assert 200 <= status_of(answer) < 500, answer
        log.assert_quiet()

    knock()


def test_what_is_no_http_is_closed(opened: gr.Blocks, log: Log) -> None:
    @settings(max_examples=EXAMPLES // 3, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.binary(max_size=80))
    def knock(piece: bytes) -> None:
        with connected(opened.local_url) as connection:
            connection.sendall(piece + b"\r\n\r\n\0\0")
            connection.shutdown(1)
            assert status_of(said(connection)) in {0, 400, 404}
        log.assert_quiet()

    knock()
