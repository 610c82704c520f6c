"""Logs as lines of JSON, for programs that collect them; questions are left out unless requested."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
import sys
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TextIO

from index.collections.uploads import PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ui.operating.attending import Asked

Format = Literal["text", "json"]
_MOVEMENTS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# Paths that name a session, or a user's own file.
_PRIVATE = re.compile(rf"^(.*/(?:heartbeat|call/[a-z]+|api/documents/{re.escape(PREFIX.rstrip('/'))})/).+", re.DOTALL)
_LONGEST_LINE = 4000
_LONGEST_PATH = 200
_QUIET = {"/healthz", "/readyz", "/metrics"}
"""Requested every few seconds; logged only if something is wrong."""


class JsonLog:
    """
    Writes one JSON object per line.

    Parameters
    ----------
    file
        Where to write.
    questions
        Whether questions are written too.

    """

    def __init__(self, file: TextIO, *, questions: bool = False) -> None:
        self._file = file
        self._questions = questions
        self._lock = threading.Lock()

    def write(self, event: str, level: str = "info", **more: object) -> None:
        """Write a line."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = json.dumps({"time": now, "level": level, "event": event, **more}, ensure_ascii=True, default=str)
        # Answering goes on if the disk is full or the reader of the log has gone.
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._file.write(f"{line}\n")
            self._file.flush()

    def asked(self, asked: Asked) -> None:
        """Write that a question has ended."""
        seconds = {stage: round(value, 3) for stage, value in asked.seconds.items()}
        more: dict[str, object] = {"outcome": asked.outcome, "seconds": seconds, "citations": asked.citations}
        if asked.kind:
            more |= {"kind": asked.kind, "language": asked.language}
        if self._questions:
            more["question"] = asked.question[:_LONGEST_LINE]
        self.write("question", "warning" if asked.outcome in {"failed", "handed_back"} else "info", **more)

    def begin(self) -> None:
        """Write everything that the program logs, or writes to standard error, as lines of this log."""
        handler = _Handler(self)
        handler.setLevel(logging.WARNING)  # some libraries set their own loggers to log everything
        logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
        # Uvicorn would log addresses with a session's name in them; requests are logged by `Requests`.
        for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
            logging.getLogger(name).handlers.clear()
        logging.getLogger("uvicorn.access").disabled = True
        sys.stderr = _Lines(lambda line: self.write("message", message=line[:_LONGEST_LINE]))


class _Handler(logging.Handler):
    def __init__(self, log: JsonLog) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        try:
            more: dict[str, Any] = {"logger": record.name, "message": record.getMessage()[:_LONGEST_LINE]}
            if record.exc_info and record.exc_info[0] is not None:
                more["error"] = record.exc_info[0].__name__  # its message may repeat a question
            self._log.write("log", record.levelname.lower(), **more)
        except Exception:  # noqa: BLE001 - a log must not end the program
            self.handleError(record)


class _Lines(io.TextIOBase):
    """A file that passes on whole lines, without the codes that move a terminal's cursor."""

    encoding = "utf-8"

    def __init__(self, told: Callable[[str], None]) -> None:
        self._told = told
        self._rest = ""
        self._lock = threading.Lock()

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        with self._lock:
            *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._tell(line)
        return len(text)

    def close(self) -> None:
        with self._lock:
            rest, self._rest = self._rest, ""
        self._tell(rest)

    def _tell(self, line: str) -> None:
        if said := _MOVEMENTS.sub("", line).strip():
            self._told(said)


class Requests:
    """
    An ASGI middleware that logs each request: method, path, status, seconds; neither query nor body.

    Parameters
    ----------
    app
        Answers.
    log
        Where it is written.

    """

    def __init__(self, app: ASGIApp, *, log: JsonLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and log how it was answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            # A path that the app does not have may contain anything.
            path = "" if status == 404 else _PRIVATE.sub(r"\1*", scope["path"][:_LONGEST_PATH])
            if status != 200 or path not in _QUIET:
                client = scope.get("client")
                self._log.write(
                    "request",
                    "warning" if status >= 500 else "info",
                    method=scope["method"][:10],
                    path=path,
                    status=status,
                    seconds=round(time.monotonic() - began, 3),
                    client=client[0] if client else "",
                )
