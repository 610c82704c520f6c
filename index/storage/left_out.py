"""Remember beside the index which files of a folder could not be indexed, so that they can be listed without it."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from index.atomic import replace_atomically
from index.storage.manifest import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_MOST = 10_000  # number of files that are remembered


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that could not be indexed, and why; ``kind`` is that of `index.errors.CorpusError`."""

    path: str
    reason: str
    kind: str = ""


def remember(index_dir: Path, skipped: Sequence[Skipped]) -> None:
    """
    Record beside an index which files of its folder it does not hold.

    If this record is missing or damaged, only the list of these files is lost.
    """
    files = [astuple(one) for one in skipped[:_MOST]]
    with suppress(OSError):
        if not files:
            (index_dir / LEFT_OUT).unlink(missing_ok=True)
        elif _read(index_dir) != files:
            data = {"digest": _digest(files), "files": files}
            replace_atomically(index_dir / LEFT_OUT, json.dumps(data, indent=1).encode())


def left_out(index_dir: Path) -> tuple[Skipped, ...]:
    """Return the files that could not be indexed when the folder was last read, by path, with the reasons."""
    return tuple(Skipped(*one) for one in _read(index_dir))


def is_damaged(index_dir: Path) -> bool:
    """Tell whether the record that `remember` wrote exists but is damaged; it is then treated as missing."""
    return (index_dir / LEFT_OUT).exists() and not _read(index_dir)


def _read(index_dir: Path) -> list[tuple[str, str, str]]:
    with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
        found = json.loads((index_dir / LEFT_OUT).read_text(encoding="utf-8"))
        if found["digest"] == _digest(found["files"]):
            return [(str(path), str(reason), str(kind)) for path, reason, kind in found["files"]]
    return []


def _digest(files: object) -> str:
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()
