"""The resident process: keeps a `rag.RAG` and runs the commands of this user's clients, each in a thread of its own."""

from __future__ import annotations

import fcntl
import io
import json
import logging
import os
import signal
import socket
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from index.errors import RagError
from rag.cli.resident.place import Place, key_of
from rag.cli.resident.protocol import LONGEST_REQUEST, VERSION, ProtocolError, Reader, is_own, send
from rag.cli.resident.streams import Client, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rag.client import RAG
    from rag.runtime.streaming import AnswerStream

_LOG = logging.getLogger(__name__)
_TICK_SECONDS = 0.5
_REQUEST_SECONDS = 10.0  # for a request to arrive in full
_SEND_SECONDS = 60.0  # for a client to accept what is sent
FINISH_SECONDS = 60.0  # for answers under way, when the process is to end
_LEFT_SECONDS = 30 * 24 * 3600.0
MOST_AT_ONCE = 64
_COLUMNS, _LINES = 10_000, 10_000


class NotMineError(Exception):
    """A command is for another index, or other settings, than this process has."""


class Resident:
    """
    The server.

    Parameters
    ----------
    rag
        Answers the questions.
    place
        Where it listens.
    run
        Runs a command, given its words, and returns its exit code; see `rag.cli.main.run`.
    idle_seconds
        It ends when nobody has asked for this long.
    warnings
        Warnings from reading the settings; sent to each client, which would have got them from a process of its own.

    """

    def __init__(
        self,
        rag: RAG,
        place: Place,
        run: Callable[[list[str]], int],
        *,
        idle_seconds: float,
        warnings: tuple[str, ...] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rag = rag
        self._place = place
        self._run = run
        self._idle = idle_seconds
        self._warnings = warnings
        self._clock = clock
        self._began = datetime.now(UTC).isoformat(timespec="seconds")
        self._commands = 0
        self._threads: set[threading.Thread] = set()
        self._changed = threading.Lock()
        self._last = clock()
        self._ending = threading.Event()

    def stop(self) -> None:
        """Let the server end; answers under way are finished."""
        self._ending.set()

    def serve(self, listening: Callable[[], None] = lambda: None) -> None:
        """
        Listen until nobody has asked for long enough, `stop` is called, or the socket is removed.

        Parameters
        ----------
        listening
            Called once clients can connect.

        Raises
        ------
        RagError
            Another process has this place, or the socket cannot be made.

        """
        _clear_away(self._place)
        with _held(self._place), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            own = _bind(listener, self._place.socket)
            try:
                listening()
                self._accept(listener, own)
            finally:
                if _number(self._place.socket) == own:
                    self._place.socket.unlink(missing_ok=True)
        until = time.monotonic() + FINISH_SECONDS
        for thread in list(self._threads):
            thread.join(max(0.0, until - time.monotonic()))

    def _accept(self, listener: socket.socket, own: int) -> None:
        listener.settimeout(_TICK_SECONDS)
        while not self._ending.is_set() and not self._is_idle() and _number(self._place.socket) == own:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            thread = threading.Thread(target=self._serve_one, args=(connection,), name="command", daemon=True)
            with self._changed:
                self._last = self._clock()
                self._threads.add(thread)
            thread.start()

    def _is_idle(self) -> bool:
        with self._changed:
            return not self._threads and self._clock() - self._last > self._idle

    def _serve_one(self, connection: socket.socket) -> None:
        try:
            with connection, suppress(OSError):
                if not is_own(connection):
                    return
                connection.settimeout(_REQUEST_SECONDS)
                try:
                    request = Reader(connection, LONGEST_REQUEST).next()
                except ProtocolError as error:
                    send(connection, {"refused": str(error)})
                    return
                connection.settimeout(_SEND_SECONDS)
                if request is not None:
                    self._do(connection, request)
        finally:
            with self._changed:
                self._last = self._clock()
                self._threads.discard(threading.current_thread())

    def _do(self, connection: socket.socket, request: dict[str, Any]) -> None:
        what = request.get("do")
        if request.get("v") != VERSION:
            send(connection, {"refused": f"this process speaks version {VERSION}"})
        elif what == "status":
            send(connection, {"said": self._status()})
        elif what == "stop":
            self.stop()
            send(connection, {"said": self._status()})
        elif what == "run" and len(self._threads) <= MOST_AT_ONCE:
            self._command(connection, request)
        else:
            send(connection, {"refused": "not now" if what == "run" else "no such request"})

    def _status(self) -> dict[str, Any]:
        return {
            "process": os.getpid(),
            "since": self._began,
            "commands": self._commands,
            "running": len(self._threads) - 1,
            "idle_minutes": self._idle / 60,
            "index": str(self._rag.settings.index),
        }

    def _command(self, connection: socket.socket, request: dict[str, Any]) -> None:
        attended = _Attended(self._rag)
        try:
            words, client = self._read(connection, request, attended)
        except (TypeError, ValueError, KeyError):
            send(connection, {"refused": "a request that cannot be read"})
            return
        send(connection, {"begun": True})
        threading.Thread(target=_watch, args=(connection, attended), name="watch", daemon=True).start()
        try:
            with serving(client):
                code = self._run(words)
            self._commands += 1
            send(connection, {"x": code})
        except NotMineError:
            send(connection, {"refused": "another index or other settings"})
        except OSError:
            pass  # the client is gone
        except Exception as error:  # noqa: BLE001 - must not end the process; the client does it itself, and shows it
            _LOG.exception("a command failed")
            send(connection, {"refused": type(error).__name__})
        finally:
            attended.stop()
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)  # which ends the watcher

    def _read(
        self, connection: socket.socket, request: dict[str, Any], attended: _Attended
    ) -> tuple[list[str], Client]:
        """Read a request of this user's own client; raise an error if it is not one."""
        words, terminal = request["words"], request["terminal"]
        environ, size = terminal["environ"], terminal["size"]
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise TypeError("words")
        if not isinstance(environ, dict) or not all(isinstance(value, str) for value in environ.values()):
            raise TypeError("environ")
        if size is not None:
            size = min(max(int(size[0]), 1), _COLUMNS), min(max(int(size[1]), 1), _LINES)

        def open_rag(corpus: Path | None, index: Path | None) -> Any:
            if key_of(index, corpus) != self._place.key:
                raise NotMineError
            for line in self._warnings:
                client.err.write(f"{line}\n")
            self._rag.refresh()
            return attended

        client = Client(
            cast("IO[str]", _Stream(connection, "o", terminal=bool(terminal["out"]))),
            cast("IO[str]", _Stream(connection, "e", terminal=bool(terminal["err"]))),
            size,
            environ,
            Path(str(request["cwd"])),
            open_rag,
        )
        return words, client


class _Attended:
    """A `rag.RAG` whose answers stop when the client goes."""

    def __init__(self, rag: RAG) -> None:
        self._rag = rag
        self._streams: list[AnswerStream] = []
        self._stopped = False
        self._lock = threading.Lock()

    def stream(self, question: str, **options: Any) -> AnswerStream:
        """See `rag.RAG.stream`."""
        stream = self._rag.stream(question, **options)
        with self._lock:
            self._streams.append(stream)
            if self._stopped:
                stream.stop()
        return stream

    def ask(self, question: str, **options: Any) -> Any:
        """See `rag.RAG.ask`, which needs nothing but `stream`."""
        return type(self._rag).ask(self, question, **options)  # type: ignore[arg-type]

    def stop(self) -> None:
        """Stop the answers that are under way, and those that follow."""
        with self._lock:
            self._stopped = True
            for stream in self._streams:
                stream.stop()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rag, name)


class _Stream(io.TextIOBase):
    """An output stream of the client: what is written to it is sent."""

    encoding = "utf-8"

    def __init__(self, connection: socket.socket, name: str, *, terminal: bool) -> None:
        self._connection = connection
        self._name = name
        self._terminal = terminal

    def write(self, text: str, /) -> int:
        if text:
            send(self._connection, {self._name: text})
        return len(text)

    def isatty(self) -> bool:
        return self._terminal


def _watch(connection: socket.socket, attended: _Attended) -> None:
    """Wait until the client goes, then stop what it has asked for."""
    while True:
        try:
            if not connection.recv(4096):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    attended.stop()


def _clear_away(place: Place) -> None:
    """Remove files left by processes of other versions and settings that have not run for a long time."""
    with suppress(OSError):
        for lock in place.folder.glob("*.lock"):
            other = Place(place.folder, lock.stem)
            if time.time() - lock.stat().st_mtime > _LEFT_SECONDS and not is_held(other):
                for file in (other.socket, other.log, other.lock):
                    file.unlink(missing_ok=True)


def is_held(place: Place) -> bool:
    """Tell whether a process holds a place."""
    try:
        with place.lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
    except FileNotFoundError:
        return False
    except OSError:
        return True


@contextmanager
def _held(place: Place) -> Iterator[None]:
    """Hold a place exclusively for a block; the lock is released with the process, however it ends."""
    try:
        handle = os.open(place.lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:
        raise RagError(f"The file {place.lock} cannot be opened ({error.strerror or error}).") from error
    with os.fdopen(handle, "r+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            who = "another process"
            with suppress(ValueError, KeyError, TypeError):
                who = f"process {int(json.loads(file.read(1000))['process'])}"
            raise RagError(
                f"For this index and these settings {who} answers already.",
                hint="See `rag serve --status`; `rag serve --stop` ends it.",
            ) from error
        file.seek(0)
        file.truncate()
        file.write(json.dumps({"process": os.getpid()}))
        file.flush()
        yield


def _bind(listener: socket.socket, file: Path) -> int:
    """Listen on a file that only this user can use; a leftover one can be removed, since the lock is ours."""
    try:
        file.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            listener.bind(str(file))
        finally:
            os.umask(before)
        file.chmod(0o600)
        listener.listen(MOST_AT_ONCE)
    except OSError as error:
        raise RagError(f"The socket {file} cannot be made ({error.strerror or error}).") from error
    return _number(file)


def _number(file: Path) -> int:
    try:
        return file.lstat().st_ino
    except OSError:
        return 0


@contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` on SIGTERM and Ctrl-C, instead of ending at once."""
    kept = {number: signal.signal(number, lambda *_: stop()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


@contextmanager
def said_warnings() -> Iterator[list[str]]:
    """Collect the warnings that a block logs about the settings; they are logged as usual as well."""
    found: list[str] = []

    class _Collecting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage())

    handler = _Collecting(logging.WARNING)
    log = logging.getLogger("rag.settings")
    log.addHandler(handler)
    try:
        yield found
    finally:
        log.removeHandler(handler)
