"""Invalid requests, requests of other users, and when a resident process ends."""

from __future__ import annotations

import os
import socket
import threading

import pytest

from index.errors import RagError
from rag.cli import main
from rag.cli.resident import client, server
from rag.cli.resident.server import Resident
from tests.rag.cli.resident.homes import Home, asking, told


@pytest.mark.parametrize(
    "data",
    [
        b"\n", b"nonsense\n", b"[]\n", b"{}\n", b'{"v": 2, "do": "run"}\n', b'{"v": 1}\n', b'{"v": 1, "do": "run"}\n',
        b'{"v": 1, "do": "run", "words": "ask", "terminal": {}, "cwd": ""}\n', b"[" * 100_000 + b"\n", b"\xff\n",
        b'{"v": 1, "do": "run", "words": [1], "terminal": {"environ": {}, "size": null}}\n',
        b'{"v": 1, "do": "run", "words": [], "cwd": 1, "terminal": {"environ": {}, "size": ["a", 1]}}\n', b"x" * 2_000_000,
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused_and_the_next_is_answered(home: Home, data: bytes) -> None:
    with home.serving():
        connection = client.connect(home.place)
        assert connection is not None
        with connection:
            connection.settimeout(20)
            try:
                connection.sendall(data)
                assert "refused" in told(connection)[-1]
            except (BrokenPipeError, ConnectionResetError):
                assert len(data) > 1_000_000
        assert told(asking(home, ["search", "Hafen"]))[-1] == {"x": 0}


def test_another_user_is_sent_away(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    place = home.place
    with home.serving():
        connection = client.connect(place)
        assert connection is not None
        with connection, monkeypatch.context() as patch:
            patch.setattr("rag.cli.resident.protocol.os.getuid", lambda: 12345)
            assert client.connect(place) is None
            assert told(connection) == []


def test_a_second_one_says_who_has_it(home: Home) -> None:
    with home.serving(), pytest.raises(RagError, match=rf"process {server.os.getpid()} answers already") as caught:
        Resident(home.rag, home.place, main.run, idle_seconds=1).serve()
    assert "\n" not in str(caught.value)


def test_what_a_killed_one_left_behind_is_cleared_away(home: Home) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(home.place.socket))
    left.close()
    home.place.lock.write_text("not JSON", encoding="utf-8")
    assert client.connect(home.place) is None
    with home.serving():
        assert told(asking(home, ["search", "Hafen"]))[-1] == {"x": 0}
        assert home.place.socket.stat().st_mode & 0o777 == 0o600
    assert not home.place.socket.exists()


def test_it_ends_when_idle_but_not_while_somebody_asks(home: Home) -> None:
    now = [0.0]
    waiting, go_on = threading.Event(), threading.Event()
    home.engine.before_piece = lambda: (waiting.set(), go_on.wait(20))
    resident = Resident(home.open(), home.place, main.run, idle_seconds=600, clock=lambda: now[0])
    listening = threading.Event()
    thread = threading.Thread(target=resident.serve, args=(listening.set,))
    thread.start()
    assert listening.wait(20)
    with asking(home, ["ask", "Was kostet der Hafen von Talheim?"]) as connection:
        assert waiting.wait(20)
        now[0] = 10_000.0
        thread.join(0.3)
        assert thread.is_alive()
        go_on.set()
        assert told(connection)[-1] == {"x": 0}
    for _ in range(1000):
        if not resident._threads:
            break
        threading.Event().wait(0.01)
    now[0] = 10_599.0
    thread.join(0.3)
    assert thread.is_alive()
    now[0] = 10_601.0
    thread.join(20)
    assert not thread.is_alive()


def test_it_ends_when_its_socket_is_taken_away(home: Home) -> None:
    with home.serving() as resident:
        home.place.socket.unlink()
        for _ in range(1000):
            if not server.is_held(home.place):
                break
            threading.Event().wait(0.02)
        assert not server.is_held(home.place)
        assert not resident._ending.is_set()


def test_one_that_hangs_is_done_without(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "BEGIN_SECONDS", 0.1)
    with socket.socket(socket.AF_UNIX) as hanging:
        hanging.bind(str(home.place.socket))
        hanging.listen()
        assert client.attempt(["search", "Hafen"]) is None


def test_what_is_left_for_long_is_cleared_away(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home.place.folder
    names = {f"{age}.{ending}" for age in ("old", "new", "held") for ending in ("lock", "log")}
    for name in names:
        (folder / name).touch()
        if not name.startswith("new"):
            os.utime(folder / name, (1, 1))
    monkeypatch.setattr(server, "is_held", lambda place, _held=server.is_held: place.key == "held" or _held(place))
    with home.serving():
        assert {file.name for file in folder.iterdir()} & names == {
            name for name in names if not name.startswith("old")
        }
