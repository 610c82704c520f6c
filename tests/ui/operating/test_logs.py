"""Logs as lines of JSON: every line is an object, and questions are logged only on request."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.operating.running import HARBOUR, QUESTION, running
from ui.operating import logs
from ui.operating.attending import Asked
from ui.operating.logs import JsonLog, Requests

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Receive, Scope, Send


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("kept", [False, True])
def test_every_line_is_an_object_and_questions_are_left_out(tmp_path: Path, kept: bool) -> None:
    options = ["--log-format", "json", *(["--log-questions"] if kept else [])]
    with running(tmp_path, *options) as app:
        app.until_ready()
        assert HARBOUR in app.answer(app.ask())
        app.get("/healthz")
        app.get("/Was-kostet-der-Hafen")
        app.process.send_signal(signal.SIGTERM)
        assert app.ended() == 0
        lines = app.lines()
    assert all({"time", "level", "event"} <= line.keys() for line in lines)
    [asked] = [line for line in lines if line["event"] == "question"]
    assert asked["outcome"] == "answered"
    assert asked["citations"] == 1
    assert set(asked["seconds"]) == {"search", "read", "write", "total"}
    assert asked.get("question") == (QUESTION if kept else None)
    requests = [line for line in lines if line["event"] == "request"]
    assert {("POST", "/gradio_api/call/chat", 200), ("GET", "/gradio_api/call/chat/*", 200), ("GET", "", 404)} <= {
        (line["method"], line["path"], line["status"]) for line in requests
    }
    assert any(app.url in line.get("message", "") for line in lines)
    rest = "".join(json.dumps(line) for line in lines if line is not asked)
    assert "Hafen" not in rest


@given(st.text(), st.lists(st.text(max_size=30), max_size=8))
def test_whatever_is_written_comes_out_as_whole_lines(message: str, pieces: list[str]) -> None:
    file = io.StringIO()
    log = JsonLog(file)
    log.write("message", message=message)
    lines = logs._Lines(lambda line: log.write("message", message=line))
    for piece in pieces:
        assert lines.write(piece) == len(piece)
    lines.close()
    *written, last = file.getvalue().split("\n")
    assert last == ""
    assert json.loads(written[0])["message"] == message
    said = [json.loads(line)["message"] for line in written[1:]]
    assert said == [
        line.strip() for line in logs._MOVEMENTS.sub("", "".join(pieces)).split("\n") if line.strip()
    ] or any("\x1b" in piece for piece in pieces)


def test_what_a_library_logs_is_a_line_without_the_words_of_its_exception() -> None:
    file = io.StringIO()
    handler = logs._Handler(JsonLog(file))
    try:
        raise ZeroDivisionError("eine Frage")
    except ZeroDivisionError:
        record = logging.LogRecord("lib", logging.ERROR, "x.py", 3, "it %s", ("failed",), sys.exc_info())
    handler.emit(record)
    line = json.loads(file.getvalue())
    assert (line["level"], line["logger"], line["message"]) == ("error", "lib", "it failed")
    assert line["error"] == "ZeroDivisionError"
    assert "eine Frage" not in file.getvalue()


def test_a_question_that_broke_off_is_a_warning() -> None:
    file = io.StringIO()
    JsonLog(file).asked(Asked("geheim", "handed_back"))
    assert json.loads(file.getvalue())["level"] == "warning"
    assert "geheim" not in file.getvalue()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("I/O operation on closed file.")])
@pytest.mark.parametrize("step", ["write", "flush"])
def test_a_log_that_cannot_be_written_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, error: Exception, step: str
) -> None:
    class Full(io.StringIO):
        pass

    def fail(*_: object) -> None:
        raise error

    file = Full()
    log = JsonLog(file)
    with monkeypatch.context() as full:
        full.setattr(file, step, fail)
        log.write("lost")
    log.write("kept")
    assert json.loads(file.getvalue().splitlines()[-1])["event"] == "kept"


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/api/documents/hafen.md", "/api/documents/hafen.md"),
        ("/api/documents/.uploads/Geheim.md", "/api/documents/.uploads/*"),
        ("/artikel/api/documents/.uploads/ordner/Geheim\n.md", "/artikel/api/documents/.uploads/*"),
        ("/gradio_api/call/chat/geheim", "/gradio_api/call/chat/*"),
        ("/gradio_api/heartbeat/geheim", "/gradio_api/heartbeat/*"),
    ],
)
def test_neither_sessions_nor_files_of_ones_own_are_named(path: str, logged: str) -> None:
    file = io.StringIO()

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def nothing(*_: object) -> Any:
        return {}

    asyncio.run(Requests(answer, log=JsonLog(file))({"type": "http", "method": "GET", "path": path}, nothing, nothing))
    assert json.loads(file.getvalue())["path"] == logged
