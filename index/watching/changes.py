"""Wait for changes in a folder through events of the system, and tell whether it can give them."""

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
"""Milliseconds between two checks of the folder's events."""
SILENT = frozenset({"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "9p", "afpfs", "webdav", "davfs", "ncpfs"})
"""File systems on which another machine can change files without events here; `fuse` of any kind counts, too."""


class NoEventsError(RagError):
    """The system does not report changes of this folder."""


def is_silent(folder: Path) -> bool:
    """Tell whether a folder is on a file system whose changes may not cause events."""
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
        The folder to watch, with everything below it. The iteration ends if it can no longer be watched.
    aside
        A folder whose changes do not count: that of the index, which may be inside the watched one.
    stop
        Ends the iteration when set.

    Raises
    ------
    NoEventsError
        The system does not watch the folder, for example because its limit of watched folders is reached.
    RagError
        The package that listens to the system is not installed.

    """
    require("watchfiles", extra="watch", purpose="Following a folder")
    import watchfiles  # noqa: PLC0415 - of an extra

    own = aside.absolute()

    def counts(_: watchfiles.Change, path: str) -> bool:
        # The syncs themselves write there, so each would otherwise cause another one.
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
    except (OSError, RuntimeError) as error:  # RuntimeError if the system has no watcher left
        why = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise NoEventsError(f"The system cannot watch {folder} ({why}).") from error
