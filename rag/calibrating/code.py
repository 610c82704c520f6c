"""Identify the state of the code: what was measured on one state does not apply to another."""

from __future__ import annotations

import functools
import hashlib
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

_SUFFIXES = (".py", ".toml", ".xml", ".bin", ".npz", ".json", ".jsonl")
# The evaluation judges answers but takes no part in them; nor does the shell with its texts.
_LEFT_OUT = {"__pycache__", "evaluation", "cli"}


@functools.cache
def code_fingerprint(package: str) -> str:
    """Return a digest of the source files of a package and its word lists, without the evaluation and the shell."""
    digest = hashlib.sha256()
    for name, file in sorted(_files(resources.files(package), "")):
        digest.update(name.encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:12]


def code_of_answers() -> str:
    """Return a digest of all code that makes answers: this package and `index`."""
    return f"{code_fingerprint('rag')}-{code_fingerprint('index')}"


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        name = f"{prefix}/{entry.name}"
        if entry.is_dir():
            if entry.name not in _LEFT_OUT:
                yield from _files(entry, name)
        elif entry.name.endswith(_SUFFIXES):
            yield name, entry
