"""An embedding server with the OpenAI protocol, for tests."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class Embedding(BaseHTTPRequestHandler):
    """Lists one model; a subclass decides how texts are embedded."""

    server: Any
    model = "tiny"

    def do_GET(self) -> None:
        self.send(200, {"data": [{"id": self.model}]})

    def do_POST(self) -> None:
        self.embed()

    def embed(self) -> None:
        raise NotImplementedError

    def asked(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def send(self, status: int, body: object, **headers: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # the client was killed
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: Any) -> None:
        return


@contextlib.contextmanager
def embedding_server(handler: type[Embedding], **state: Any) -> Iterator[Any]:
    """Serve on a free port of this machine; ``state`` becomes attributes of the server."""
    served: Any = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    for name, value in state.items():
        setattr(served, name, value)
    threading.Thread(target=served.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield served
    finally:
        served.shutdown()
        served.server_close()
