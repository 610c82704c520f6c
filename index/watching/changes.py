"""Wait for changes in a folder: told by the system where it tells, else looked for at intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil

from index.errors import RagError
from index.extras import require

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator
    from pathlib import Path

STEP_MS = 500
"""How often the folder's events are looked at."""
SILENT = frozenset({"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "9p", "afpfs", "webdav", "davfs", "ncpfs"})
"""File systems on which another machine may change a file, of which this system hears nothing; `fuse` of any kind too."""


class NoEventsError(RagError):
    """The system tells of no changes here."""


def is_silent(folder: Path) -> bool:
    """Tell whether a folder lies on a file system whose changes the system may not hear of."""
    try:
        mounts = {one.mountpoint: one.fstype.lower() for one in psutil.disk_partitions(all=True)}
        place = folder.resolve()
    except OSError:
        return False
    kind = next((mounts[str(one)] for one in (place, *place.parents) if str(one) in mounts), "")
    return kind in SILENT or kind.startswith("fuse.")


def ticks(folder: Path, aside: Path, stop: threading.Event) -> Iterator[bool]:
    """
    Yield every `STEP_MS` milliseconds whether anything in a folder changed since the last time.

    Parameters
    ----------
    folder
        Watched with all that lies below it. Ends where it cannot be watched any more.
    aside
        A folder whose changes do not count: that of the index, which may lie in it.
    stop
        Ends it.

    Raises
    ------
    NoEventsError
        The system does not watch it, as where its bound on watched folders is reached.
    RagError
        The package that listens to the system is not installed.

    """
    require("watchfiles", extra="watch", purpose="Following a folder")
    import watchfiles  # noqa: PLC0415 - of an extra

    own = aside.absolute()

    def counts(_: watchfiles.Change, path: str) -> bool:
        # Written by the syncs themselves, which would otherwise never come to an end.
        return not (path == str(own) or path.startswith(f"{own}/"))

    try:
        for found in watchfiles.watch(
            folder.absolute(),
            watch_filter=counts,
            debounce=STEP_MS,
            step=50,
            rust_timeout=STEP_MS,
            yield_on_timeout=True,
            stop_event=stop,
            raise_interrupt=True,
            ignore_permission_denied=True,
            force_polling=False,
        ):
            yield bool(found)
    except FileNotFoundError:
        return
    except (OSError, RuntimeError) as error:  # the latter where the system has no watcher left to give
        why = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise NoEventsError(f"The system does not watch {folder} ({why}).") from error
