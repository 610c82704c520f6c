"""
Match names of files whichever way their umlauts are encoded.

Some file systems keep "ö" as one character and some as two. A typed name finds the file whose name looks the same.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from index.text.spelling import composed

if TYPE_CHECKING:
    from collections.abc import Iterable


def on_disk(path: Path) -> Path:
    """Return the path of the file that is meant: the given one if it exists, or if no file's path looks the same."""
    if os.path.lexists(path) or str(path).isascii():
        return path
    found = Path(path.anchor)
    for part in path.parts[1:] if path.anchor else path.parts:
        following = found / part
        if not os.path.lexists(following):
            try:
                alike = [name for name in os.listdir(found) if composed(name) == composed(part)]  # noqa: PTH208
            except OSError:
                return path
            if not alike:
                return path
            following = found / min(alike)
        found = following
    return found


def known(name: str, names: Iterable[str]) -> str | None:
    """Return the one of these names that equals the given one, exactly or after composition; None if there is none."""
    wanted = composed(name)
    alike = [one for one in names if one == name or composed(one) == wanted]
    return name if name in alike else min(alike, default=None)
