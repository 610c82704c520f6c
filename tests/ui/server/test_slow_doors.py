"""Slow requests and too many connections: each is closed in time, and does not affect others."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.ui.conftest import free_port
from tests.ui.doors import connected, raw, said, status_of
from tests.ui.fakes import FakeRag
from ui import launch
from ui.server import connections
from ui.server.asking import Proxies

if TYPE_CHECKING:
    from collections.abc import Iterator

    import gradio as gr


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[gr.Blocks]:
    """An app that waits less than a second for a request."""
    whole = connections.bounded
    monkeypatch.setattr("ui.launching.serving.bounded", lambda protocol, proxies: whole(protocol, proxies, seconds=0.5))
    served = launch(FakeRag(), port=free_port(), block=False)
    yield served
    served.close(verbose=False)


@pytest.mark.parametrize(
    "half",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n",
        b"POST /gradio_api/call/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n",
        b"POST /gradio_api/call/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
        b"GET /robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\nGET /rob",
    ],
    ids=["nothing", "half-a-line", "headers", "no-body", "half-a-body", "second-request"],
)
def test_half_a_request_is_closed(impatient: gr.Blocks, capfd: pytest.CaptureFixture[str], half: bytes) -> None:
    with connected(impatient.local_url) as connection:
        connection.sendall(half)
        said(connection)  # ends although the request did not
    assert "Traceback" not in capfd.readouterr().err


def test_a_request_that_comes_drop_by_drop_is_closed(impatient: gr.Blocks) -> None:
    def drip(connection: socket.socket) -> None:
        for _ in range(200):
            connection.sendall(b"X-A: b\r\n")
            time.sleep(0.05)

    with connected(impatient.local_url) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        with pytest.raises(ConnectionError):
            drip(connection)


def test_an_answer_may_take_longer_than_a_request(impatient: gr.Blocks) -> None:
    with connected(impatient.local_url, seconds=1.5) as connection:
        connection.sendall(b"GET /gradio_api/heartbeat/abc HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert status_of(connection.recv(4096)) == 200
        with pytest.raises(TimeoutError):  # it is still open
            said(connection)


def test_an_answer_that_nobody_reads_is_closed(impatient: gr.Blocks) -> None:
    host = impatient.local_url.removeprefix("http://").rstrip("/")
    ask = f"GET /config HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(20)
        address, _, port = host.partition(":")
        connection.connect((address, int(port)))

        def go_on() -> None:
            for _ in range(400):
                connection.sendall(ask * 20)
                time.sleep(0.02)

        with pytest.raises(ConnectionError):
            go_on()


def heartbeat(connection: socket.socket) -> None:
    """Start a request that is served for as long as its connection is open."""
    connection.sendall(b"GET /gradio_api/heartbeat/abc HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert status_of(connection.recv(4096)) == 200


@pytest.mark.parametrize("limit", ["CONNECTIONS_PER_ADDRESS", "MOST_CONNECTIONS"])
def test_connections_are_bounded(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(connections, limit, 4)
    served = launch(FakeRag(), port=free_port(), block=False)
    try:
        with contextlib.ExitStack() as opened:
            sockets = [opened.enter_context(connected(served.local_url)) for _ in range(4)]
            for one in sockets[:2]:
                heartbeat(one)
            # An incomplete request gives its place to a complete one, every time.
            for _ in range(10):
                half = opened.enter_context(connected(served.local_url))
                half.sendall(b"GET / HT")
                assert status_of(raw(served.local_url, "GET", "/robots.txt")) == 200
            assert said(sockets[2]) == said(sockets[3]) == b""
        with contextlib.ExitStack() as opened:
            sockets = [opened.enter_context(connected(served.local_url)) for _ in range(4)]
            for one in sockets:
                heartbeat(one)
            # All connections are being served, so a further one is closed.
            assert raw(served.local_url, "GET", "/robots.txt") == b""
        for _ in range(100):
            if status_of(raw(served.local_url, "GET", "/robots.txt")) == 200:
                return
            time.sleep(0.02)
        raise AssertionError("closed connections were counted for ever")
    finally:
        served.close(verbose=False)


def test_connections_of_a_named_proxy_are_not_bounded_by_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "CONNECTIONS_PER_ADDRESS", 2)
    served = launch(FakeRag(), port=free_port(), block=False, forwarded_from="127.0.0.1")
    try:
        with connected(served.local_url), connected(served.local_url), connected(served.local_url):
            assert httpx.get(served.local_url, trust_env=False).status_code == 200
    finally:
        served.close(verbose=False)
    assert "127.0.0.1" in Proxies.of("127.0.0.0/8")
