"""Read files in another process, which may hang, run out of memory or crash without harm."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

import psutil

from index.blocks import unpacked
from index.reading.extraction.pages.protocol import asked, shown_of
from index.reading.extraction.process.limits import CORPUS
from index.reading.extraction.types import Extract, ExtractionError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from index.reading.extraction.pages.types import Shown, Wanted
    from index.reading.extraction.process.limits import Allowance, Limits

# The process parses files from strangers, so it does not get passwords and keys that are in the environment.
_KEPT = frozenset({"PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "SYSTEMROOT", "TESSDATA_PREFIX"})
_KEPT_BEGINNINGS = ("LC_", "PYTHON")
# Exit codes of a process that ran out of time, and of one that was killed by others, such as by a system out of memory.
# Windows has neither.
_OUT_OF_TIME = -getattr(signal, "SIGXCPU", 1000)
_ENDED_BY_OTHERS = -getattr(signal, "SIGKILL", 1000)
# macOS accepts a limit of address space but does not enforce it, Windows has none: there the memory in use is polled.
_BOUNDS_MEMORY = sys.platform == "linux"
_LOOK_SECONDS = 0.1
_T = TypeVar("_T")


class Reader:
    """
    A process that extracts the text of files, started with the first file.

    If it crashes, or takes more time or memory than a file is allowed, it is ended, and the next file gets a new one.
    Use it from one thread at a time, and as a context manager.

    Parameters
    ----------
    limits
        Limits on the time and memory for a file.

    """

    def __init__(self, limits: Limits = CORPUS) -> None:
        self._limits = limits
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
            _end(process)
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):  # input that it had not read yet
                        stream.close()

    def extract(self, data: bytes, kind: str, limits: Limits | None = None) -> Extract:
        """
        Read a file's text.

        Parameters
        ----------
        data
            The file's content.
        kind
            One of `index.formats.KINDS`.
        limits
            Limits for this file; those of the reader if None.

        Raises
        ------
        ExtractionError
            If there is no text that could be read within the limits; the message says why.

        """
        return self._answered(data, {"kind": kind}, limits or self._limits, _read)

    def show(self, data: bytes, wanted: Wanted, limits: Limits | None = None) -> Shown:
        """
        Show a page of a PDF; see `index.reading.extraction.pages.show`.

        Parameters
        ----------
        data
            The file's content.
        wanted
            Which page, and what is to be found on it.
        limits
            Limits for this page; those of the reader if None.

        Raises
        ------
        ExtractionError
            If it could not be shown within the limits; the message says why.

        """
        return self._answered(data, {"kind": "pdf", "page": asked(wanted)}, limits or self._limits, _read_page)

    def _answered(
        self, data: bytes, request: dict[str, Any], limits: Limits, read: Callable[[bytes], _T | ExtractionError | None]
    ) -> _T:
        allowance = limits.of(len(data), request["kind"])
        process = self._process = self._process or _start()
        watch = _Watch(process, allowance)
        with watch:
            line = _ask(process, data, request, allowance)
        answer = read(line)
        if answer is None:
            self.close()
            raise _broken_off(watch.found, process.returncode, allowance)
        if isinstance(answer, ExtractionError):
            raise answer
        return answer


class BrokenOffError(ExtractionError):
    """
    The process ended or was ended.

    Parameters
    ----------
    certain
        Whether the file is to blame. If the clock ran out, or others ended the process, it may be the machine.

    """

    def __init__(self, message: str, *, hint: str, kind: str = "damaged", certain: bool = True) -> None:
        super().__init__(message, hint=hint, kind=kind)
        self.certain = certain


class _Watch:
    """Ends a process that takes more time or, if the system does not bound it, more memory than allowed."""

    def __init__(self, process: subprocess.Popen[bytes], allowance: Allowance) -> None:
        self.found: Literal["", "time", "memory"] = ""
        self._process = process
        self._allowance = allowance
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, name="index-reader-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        until = time.monotonic() + self._allowance.wall_seconds
        process = None if _BOUNDS_MEMORY else _measured(self._process.pid)
        before = _memory(process)
        while not self._done.wait(max(0.0, until - time.monotonic()) if process is None else _LOOK_SECONDS):
            if time.monotonic() >= until:
                self.found = "time"
            elif _memory(process) > before + self._allowance.memory_bytes:
                self.found = "memory"
            if self.found:
                _end(self._process)
                return


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process, and any program that it has started: text recognition would continue on its own."""
    started: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        started = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    for one in started:
        with contextlib.suppress(psutil.Error):
            one.kill()


def _measured(process: int) -> psutil.Process | None:
    try:
        return psutil.Process(process)
    except psutil.Error:
        return None


def _memory(process: psutil.Process | None) -> int:
    """Return the bytes that a process holds in memory, 0 if that is unknown."""
    try:
        return int(process.memory_info().rss) if process is not None else 0
    except psutil.Error:
        return 0


def _broken_off(found: str, code: int, allowance: Allowance) -> BrokenOffError:
    if found == "time":
        return BrokenOffError(
            f"takes too long to read (more than {allowance.wall_seconds:.0f} s).",
            hint="Split the file.",
            kind="too_long",
            certain=False,
        )
    if code == _OUT_OF_TIME:
        return BrokenOffError(
            f"takes too long to read (more than {allowance.processor_seconds} s of processor time).",
            hint="Split the file.",
            kind="too_long",
        )
    if found == "memory":
        return BrokenOffError(
            f"needs more than {allowance.memory_bytes / 1e6:.0f} MB of memory to be read.",
            hint="Split the file.",
            kind="too_large",
        )
    return BrokenOffError(
        f"damaged, or it needs more than {allowance.memory_bytes / 1e6:.0f} MB of memory; reading it broke off.",
        hint="Open it in its program and save it again.",
        certain=code != _ENDED_BY_OTHERS,
    )


def _ask(process: subprocess.Popen[bytes], data: bytes, wish: dict[str, Any], allowance: Allowance) -> bytes:
    """Send a request and return the line of the answer, incomplete if the process ended before."""
    if process.stdin is None or process.stdout is None:
        raise AssertionError("unreachable: both are pipes")
    request = {
        **wish,
        "bytes": len(data),
        "processor_seconds": allowance.processor_seconds,
        "memory_bytes": allowance.memory_bytes,
    }
    try:
        process.stdin.write(json.dumps(request).encode("ascii") + b"\n")
        process.stdin.write(data)
        process.stdin.flush()
        return process.stdout.readline()
    except OSError:
        return b""


def _read(line: bytes) -> Extract | ExtractionError | None:
    """Return what a process answered; None if that is incomplete or malformed."""
    if not line.endswith(b"\n"):
        return None
    try:
        answer = json.loads(line)
        if "extract" not in answer:
            return ExtractionError(answer["reason"], hint=answer["hint"], kind=answer["kind"])
        found = answer["extract"]
        blocks = unpacked(found["blocks"], len(found["text"])) if found["blocks"] else ()
        return Extract(**{name: _frozen(value) for name, value in found.items()} | {"blocks": blocks})
    except (ValueError, TypeError, KeyError):
        return None


def _read_page(line: bytes) -> Shown | ExtractionError | None:
    """Return what a process answered when it was asked for a page; None as in `_read`."""
    if not line.endswith(b"\n"):
        return None
    try:
        answer = json.loads(line)
        if "page" not in answer:
            return ExtractionError(answer["reason"], hint=answer["hint"], kind=answer["kind"])
        return shown_of(answer["page"])
    except (ValueError, TypeError, KeyError):
        return None


def _frozen(value: Any) -> Any:
    """Return lists, which JSON makes of tuples, as tuples again."""
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value


def _start() -> subprocess.Popen[bytes]:
    # The process must find this very package, even if it is not installed but only on sys.path.
    root = str(Path(__file__).resolve().parents[4])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-B", "-P", "-m", "index.reading.extraction.process.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**_environment(), "PYTHONPATH": os.pathsep.join(paths)},
    )


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(_KEPT_BEGINNINGS)}
