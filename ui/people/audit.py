"""Write a line for each change to a separate file beside the users file; questions are never written."""

from __future__ import annotations

import json
import logging
import os
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from index.errors import RagError
from index.printable import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOG = logging.getLogger(__name__)


class Audit:
    """
    The audit file.

    Parameters
    ----------
    users
        The users file that it is kept beside.

    """

    def __init__(self, users: Path) -> None:
        self._users = users
        self.path = users.with_name(f"{users.name}.audit.jsonl")

    def write(self, event: str, **what: str) -> None:
        """
        Add a line.

        Parameters
        ----------
        event
            What was done.
        **what
            Whom or what it was done to, and ``by`` whom.

        """
        with self._opened() as handle:
            _append(handle, event, what)

    @contextmanager
    def kept(self, event: str, **what: str) -> Iterator[None]:
        """Open the file before a change, so that no change goes unrecorded; write the line once it is made."""
        with self._opened() as handle:
            yield
            _append(handle, event, what)

    def note(self, event: str, **what: str) -> None:
        """Add a line; if that fails, the log says so and the change stays made."""
        try:
            self.write(event, **what)
        except RagError as error:
            _LOG.error("%s (%s)", error, event)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
            _hand_over(handle, self._users)
        except OSError as error:
            why = error.strerror or "cannot be written"
            raise RagError(f"{escaped(str(self.path))}: {why}.", hint="The audit file must be writable.") from error
        try:
            yield handle
        finally:
            os.close(handle)


def _hand_over(handle: int, users: Path) -> None:
    """Give a file created by root to the owner of the users file, because the app writes to it, too."""
    if os.name == "posix" and os.geteuid() == 0:
        with suppress(FileNotFoundError):  # before the first user it does not exist yet
            owner = users.stat()
            os.fchown(handle, owner.st_uid, owner.st_gid)


def _append(handle: int, event: str, what: dict[str, str]) -> None:
    line = {"time": datetime.now(UTC).isoformat(timespec="seconds"), "event": event, **what}
    try:
        # A whole line in one write: with O_APPEND, lines of several processes do not mix.
        os.write(handle, (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "replace"))
    except OSError as error:
        raise RagError("The audit file cannot be written.", hint="Is the disk full?") from error
