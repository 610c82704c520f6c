"""Remember on which drive a folder of articles lies, so that a missing drive is not taken for an emptied folder."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from index.atomic import replace_atomically
from index.errors import CorpusError
from index.storage.manifest import PLACE

if TYPE_CHECKING:
    from pathlib import Path


def remember(index_dir: Path, corpus: Path) -> None:
    """
    Record beside an index the drive that its folder lies on, if that is not the system's.

    If this record is missing or damaged, only a check is lost.
    """
    mount = _mount(corpus)
    with suppress(OSError):
        if os.path.dirname(mount) == mount:  # noqa: PTH120 - of a text, as `realpath` gives it
            (index_dir / PLACE).unlink(missing_ok=True)
        elif _remembered(index_dir) != mount:
            replace_atomically(index_dir / PLACE, json.dumps({"mount": mount, "digest": _digest(mount)}).encode())


def is_damaged(index_dir: Path) -> bool:
    """Tell whether the record that `remember` wrote exists but is damaged; it is then treated as missing."""
    return (index_dir / PLACE).exists() and not _remembered(index_dir)


def check_there(index_dir: Path, corpus: Path) -> None:
    """
    Check that an empty folder is the one that was indexed.

    Raises
    ------
    CorpusError
        The folder lay on a drive that is not connected now.

    """
    mount = _remembered(index_dir)
    if mount and _mount(corpus) != mount:
        raise CorpusError(
            f"The folder {corpus} is empty, and the drive that was mounted at {mount} when it was indexed is not there.",
            hint="Connect the drive; the index stays as it was. If the articles are gone, run `rag index --rebuild --yes`.",
        )


def _mount(folder: Path) -> str:
    place = os.path.realpath(folder)
    while not os.path.ismount(place):
        above = os.path.dirname(place)  # noqa: PTH120 - of a text, as `realpath` gives it
        if above == place:
            break
        place = above
    return place


def _remembered(index_dir: Path) -> str:
    try:
        found = json.loads((index_dir / PLACE).read_text(encoding="utf-8"))
        mount = str(found["mount"])
        return mount if found["digest"] == _digest(mount) else ""
    except (OSError, ValueError, TypeError, KeyError):
        return ""


def _digest(mount: str) -> str:
    return hashlib.sha256(mount.encode()).hexdigest()
