"""A web server in a thread that sends the answers of a test, byte by byte if necessary."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Answer = bytes | Callable[[socket.socket, "dict[str, str]"], None]


def reply(body: bytes = b"", status: str = "200 OK", *, length: int | None = None, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def page(text: str = "Ein Text.", **headers: str) -> bytes:
    body = f"<!doctype html><html><head><title>Titel</title></head><body><p>{text}</p></body></html>".encode()
    return reply(body, **{"Content_Type": "text/html; charset=utf-8", **headers})


def moved(to: str, status: str = "302 Found") -> bytes:
    return reply(b"", status, Location=to)


@dataclass
class Host:
    """Answers by path, and with 404 for any path that it does not have."""

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked if path != "/robots.txt"]


@contextmanager
def serving() -> Iterator[Host]:
    listener = socket.create_server(("0.0.0.0", 0))
    host = Host(listener.getsockname()[1])

    def one(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(30)
            data = b""
            try:
                while b"\r\n\r\n" not in data:
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    data += piece
                first, *rest = data.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
                path = first.split(" ")[1]
                host.asked.append((path, headers))
                answer = host.answers.get(path, reply(b"", "404 Not Found"))
                if callable(answer):
                    answer(connection, headers)
                else:
                    connection.sendall(answer)
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield host
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
