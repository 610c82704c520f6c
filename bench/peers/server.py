"""
Serve the project's weights over OpenAI's protocol, so that every peer reaches them through its usual integration.

    python server.py llama_cpp|own

``llama_cpp`` passes requests unchanged to llama.cpp's server code (the wheel of the extra ``gguf``, its default
settings); ``own`` answers them with the project's OpenVINO engine. Prints its address as its first line.
``GET /log`` returns, and then forgets, what each request read and wrote; ``GET /processor`` returns the seconds of
processor time spent.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.inference import Message, create_engine
from rag.inference.replies import iterate_callback
from rag.inference.weights import resolve_llm
from rag.inference.weights.cache import cache_folder
from rag.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAME = "qwen2.5-coder-1.5b"
CONTEXT_TOKENS = 8192
# If a request names no bound: enough for any answer, and stops a model that repeats itself.
MOST_TOKENS = 512
Event = dict[str, Any]


def weights() -> Path:
    """Return the GGUF file that `python -m rag.inference.weights` has put into the cache."""
    return next((cache_folder() / NAME).glob("*.gguf"))


class LlamaCpp:
    """llama.cpp's own server, in this process, with its defaults except for the length of the context."""

    def __init__(self) -> None:
        import xllamacpp

        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(weights())
        parameters.n_ctx = CONTEXT_TOKENS
        parameters.n_parallel = 1
        parameters.verbosity = -1
        self._server = xllamacpp.Server(parameters)

    def events(self, request: Event) -> Iterator[Event]:
        found: list[Event] = []

        def run(deliver: Callable[[str], bool]) -> None:
            def take(event: Event) -> bool:
                found.append(event)
                return deliver("event")

            self._server.handle_chat_completions(request, take)

        for place, _ in enumerate(iterate_callback(run)):
            yield found[place]


class Own:
    """The project's engine; like llama.cpp's, it answers one request after another."""

    def __init__(self) -> None:
        settings = Settings()
        self._engine: Any = create_engine(resolve_llm(NAME, download=False), settings)
        self._engine.load()

    def events(self, request: Event) -> Iterator[Event]:
        messages = [Message(one["role"], flat(one["content"])) for one in request["messages"]]
        started, first, count = time.perf_counter(), 0.0, 0
        text = ""
        with self._engine.read(messages) as reading:
            prompt_tokens = len(reading.prompt) + len(reading._tail)
            for piece in reading.stream("", max_tokens=request.get("max_tokens") or MOST_TOKENS):
                first = first or time.perf_counter()
                count += 1
                text += piece
                if request.get("stream"):
                    yield chunk({"content": piece})
        first = first or time.perf_counter()
        timings = {
            "cache_n": 0,
            "prompt_n": prompt_tokens,
            "prompt_ms": 1000 * (first - started),
            "predicted_n": count,
            "predicted_ms": 1000 * (time.perf_counter() - first),
        }
        usage = {"prompt_tokens": prompt_tokens, "completion_tokens": count, "total_tokens": prompt_tokens + count}
        if request.get("stream"):
            yield chunk({}, finish_reason="stop") | {"timings": timings, "usage": usage}
        else:
            choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
            yield chunk({}) | {"object": "chat.completion", "choices": [choice], "timings": timings, "usage": usage}


def flat(content: Any) -> str:
    """Return the text of a message, which may come in parts."""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def chunk(delta: Event, *, finish_reason: str | None = None) -> Event:
    return {
        "id": "chatcmpl-own",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": NAME,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }


def summary(last: Event) -> Event:
    """Return what a request read and wrote, from the event that ended it."""
    timings = last.get("timings", {})
    return {
        "prompt_tokens": timings.get("cache_n", 0) + timings.get("prompt_n", 0),
        "read_tokens": timings.get("prompt_n", 0),
        "prompt_ms": timings.get("prompt_ms", 0.0),
        "new_tokens": timings.get("predicted_n", 0),
        "new_ms": timings.get("predicted_ms", 0.0),
        "error": last.get("error"),
    }


def serve(backend: LlamaCpp | Own) -> ThreadingHTTPServer:
    """Return a server on a free port of this machine."""
    log: list[Event] = []
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            return

        def do_GET(self) -> None:
            if self.path == "/log":
                with lock:
                    self._json([log.pop(0) for _ in range(len(log))])
            elif self.path == "/processor":
                self._json(time.process_time())
            else:
                self._json({"object": "list", "data": [{"id": NAME, "object": "model", "owned_by": "bench"}]})

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path.rstrip("/").rsplit("/", 1)[-1] != "completions" or "messages" not in request:
                self.send_error(404)
                return
            request.setdefault("max_tokens", MOST_TOKENS)
            request["max_tokens"] = min(request["max_tokens"] or MOST_TOKENS, MOST_TOKENS)
            streaming = bool(request.get("stream"))
            if streaming:
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Connection", "close")
                self.end_headers()
            last: Event = {}
            for event in backend.events(request):
                last = event if "timings" in event or "error" in event else last
                if streaming:
                    self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
            with lock:
                log.append(summary(last))
            if streaming:
                self.wfile.write(b"data: [DONE]\n\n")
                self.close_connection = True
            else:
                self._json(last, status=500 if "error" in last else 200)

        def _json(self, data: Any, *, status: int = 200) -> None:
            body = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    return server


if __name__ == "__main__":
    http = serve(LlamaCpp() if sys.argv[1] == "llama_cpp" else Own())
    print(f"http://127.0.0.1:{http.server_port}", flush=True)
    http.serve_forever()
