"""Reads files in another process, which may hang, burst or crash without harm."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Self

from index.extraction.types import Extract, ExtractionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

# The process itself bounds the processor time of a file, see `index.extraction.worker`; this is for one that waits.
SECONDS = 300.0
# The process parses what strangers wrote. Passwords and keys that lie in the environment are no business of it.
_KEPT = frozenset({"PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "SYSTEMROOT"})
_KEPT_BEGINNINGS = ("LC_", "PYTHON")
_OUT_OF_TIME = -getattr(signal, "SIGXCPU", 1000)  # the exit code of a process that had no more; none on Windows


class Reader:
    """
    A process that takes the text out of files, started when the first one comes.

    One that crashes or takes too long is ended, and the next file gets a new one. Use it from one thread, and
    as a context manager.

    Parameters
    ----------
    seconds
        The longest to wait for one file.

    """

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):  # what it had not read yet
                        stream.close()

    def extract(self, data: bytes, kind: str) -> Extract:
        """
        Read a file's text.

        Parameters
        ----------
        data
            The file's content.
        kind
            ``html``, ``pdf`` or ``docx``.

        Raises
        ------
        ExtractionError
            There is none that could be read within the bounds; says why.

        """
        process = self._process = self._process or _start()
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self._seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            line = _ask(process, data, kind)
        finally:
            timer.cancel()
        if not line.endswith(b"\n"):
            self.close()
            if late.is_set() or process.returncode == _OUT_OF_TIME:
                raise BrokenOffError("takes too long to read.", hint="Split the file.", kind="too_long")
            raise BrokenOffError("damaged; reading it broke off.", hint="Open it in its program and save it anew.")
        answer = json.loads(line)
        if "extract" not in answer:
            raise ExtractionError(answer["reason"], hint=answer["hint"], kind=answer["kind"])
        found = answer["extract"]
        return Extract(**{**found, "pages": tuple(found["pages"]), "unread": tuple(found["unread"])})


class BrokenOffError(ExtractionError):
    """The process ended or was ended: the file may be to blame, or a busy machine, or one out of memory."""


class RememberingReader(Reader):
    """
    A process that is not asked again about what could not be read before.

    Parameters
    ----------
    before
        Message, hint and kind of what was refused, as `refused` had it.

    Attributes
    ----------
    refused
        The same of what has been refused since. Where reading broke off or took too long, the machine may be to blame:
        that is not among it.

    """

    def __init__(self, before: Mapping[str, Sequence[str]]) -> None:
        super().__init__()
        self._before = before
        self.refused: dict[str, Sequence[str]] = {}

    def extract(self, data: bytes, kind: str) -> Extract:
        """Read a file's text, or say again why it cannot be read; see `Reader.extract`."""
        key = f"{kind} {_libraries()} {hashlib.sha256(data).hexdigest()}"
        if key in self._before:
            message, hint, reason = self.refused[key] = self._before[key]
            raise ExtractionError(message, hint=hint, kind=reason)
        try:
            return super().extract(data, kind)
        except BrokenOffError:
            raise
        except ExtractionError as error:
            self.refused[key] = (error.message, error.hint, error.kind)
            raise


@cache
def _libraries() -> str:
    """Return what reads the files: another version may read what this one cannot."""
    known = []
    for name in ("lxml", "pypdfium2", "python-docx", "trafilatura"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            known.append(f"{name}={metadata.version(name)}")
    return ",".join(known)


def _ask(process: subprocess.Popen[bytes], data: bytes, kind: str) -> bytes:
    """Send a request and return the answer's line, cut short where the process ended before."""
    if process.stdin is None or process.stdout is None:
        raise AssertionError("unreachable: both are pipes")
    try:
        process.stdin.write(json.dumps({"kind": kind, "bytes": len(data)}).encode("ascii") + b"\n")
        process.stdin.write(data)
        process.stdin.flush()
        return process.stdout.readline()
    except OSError:
        return b""


def _start() -> subprocess.Popen[bytes]:
    # The process must find this very package, also where it is not installed but only on sys.path.
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-B", "-P", "-m", "index.extraction.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**_environment(), "PYTHONPATH": os.pathsep.join(paths)},
    )


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(_KEPT_BEGINNINGS)}
