"""Remember which files could not be read, so that they are not tried again on each run."""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import suppress
from dataclasses import astuple, dataclass
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING

from index.atomic import replace_atomically
from index.reading.extraction.process.isolation import BrokenOffError
from index.reading.extraction.types import Extract, ExtractionError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from index.reading.extraction.process.limits import Limits
    from index.reading.extraction.types import Extractor

FILE = "unreadable.json"
_MOST = 10_000  # files that are remembered


_AGAIN = "It was not tried again, because neither the file nor its reader has changed."


@dataclass(frozen=True, slots=True)
class _Reason:
    """
    Why a file could not be read.

    ``certain`` is false if the machine may be to blame, in which case the file is tried once more; ``broken_off`` is
    true if the process that read it was ended.
    """

    message: str
    hint: str
    kind: str
    broken_off: bool
    certain: bool


class Unreadable:
    """
    The files that could not be read, by the digest of their content, the versions that read them, and the limits.

    Safe to share between threads.
    """

    def __init__(self) -> None:
        self._reasons: dict[str, _Reason] = {}
        self._asked: set[str] = set()
        self._lock = threading.Lock()

    @classmethod
    def read(cls, folder: Path) -> Unreadable:
        """Return what an earlier run has written; empty if there is nothing or it is damaged."""
        made = cls()
        with suppress(OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
            data = json.loads((folder / FILE).read_text(encoding="utf-8"))
            found = data["files"]
            if data["digest"] != _digest(found):
                return made
            for key, (message, hint, kind, broken_off, certain) in list(found.items())[:_MOST]:
                made._reasons[key] = _Reason(str(message), str(hint), str(kind), bool(broken_off), bool(certain))
        return made

    def write(self, folder: Path) -> None:
        """
        Write the reasons for files that were checked in this run; those of files that are gone are forgotten.

        If they cannot be written, the next run tries the same files again, which does no harm.
        """
        with self._lock:
            kept = {key: astuple(reason) for key, reason in sorted(self._reasons.items()) if key in self._asked}
        file = folder / FILE
        with suppress(OSError):
            if kept:
                folder.mkdir(parents=True, exist_ok=True)
                data = {"digest": _digest(kept), "files": kept}
                replace_atomically(file, json.dumps(data, indent=1).encode())
            else:
                file.unlink(missing_ok=True)

    def check(self, key: str) -> None:
        """Raise the error of a file again if it is certain."""
        with self._lock:
            self._asked.add(key)
            reason = self._reasons.get(key)
        if reason is not None and reason.certain:
            hint = f"{reason.hint} {_AGAIN}" if reason.broken_off else reason.hint
            raise ExtractionError(reason.message, hint=hint, kind=reason.kind)

    def add(self, key: str, error: ExtractionError) -> None:
        """Keep why a file could not be read; if the machine may be to blame, the reason is certain the second time."""
        broken_off = isinstance(error, BrokenOffError)
        with self._lock:
            certain = not isinstance(error, BrokenOffError) or error.certain or key in self._reasons
            self._reasons[key] = _Reason(error.message, error.hint, error.kind, broken_off, certain)
            while len(self._reasons) > _MOST:
                del self._reasons[next(iter(self._reasons))]

    def forget(self, key: str) -> None:
        """Forget the uncertain reason of a file that could be read after all."""
        with self._lock:
            self._reasons.pop(key, None)


class RememberingExtractor:
    """
    An extractor that does not try files again that could not be read before.

    Parameters
    ----------
    extractor
        Reads all other files.
    limits
        The limits for a file there.
    unreadable
        The files that could not be read; further ones are added.
    version
        Version of this program's reading code; files are tried again with another one.

    """

    def __init__(self, extractor: Extractor, limits: Limits, unreadable: Unreadable, version: str = "") -> None:
        self._extractor = extractor
        self._limits = limits
        self._unreadable = unreadable
        self._version = version

    def extract(self, data: bytes, kind: str) -> Extract:
        """Read a file's text, or raise the error again if it cannot be read."""
        digest = hashlib.sha256(data).hexdigest()
        key = f"{kind} {self._version} {_libraries()} {_costs(self._limits, len(data), kind)} {digest}"
        self._unreadable.check(key)
        try:
            found = self._extractor.extract(data, kind)
        except ExtractionError as error:
            self._unreadable.add(key, error)
            raise
        self._unreadable.forget(key)
        return found


def _digest(files: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()


def _costs(limits: Limits, size: int, kind: str) -> str:
    allowance = limits.of(size, kind)
    return f"{allowance.processor_seconds}s,{allowance.wall_seconds:.0f}s,{allowance.memory_bytes}B"


@cache
def _libraries() -> str:
    """Return the versions of the reading libraries: another version may read what this one cannot."""
    known = []
    for name in ("lxml", "pypdfium2", "python-docx", "trafilatura"):
        with suppress(metadata.PackageNotFoundError):
            known.append(f"{name}={metadata.version(name)}")
    return ",".join(known)
