"""Receive files in parts, and add them to the collection when they are complete."""

from __future__ import annotations

import base64
import binascii
import logging
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from index.collections.owners import SHARED, Owner
from index.errors import CorpusError, RagError
from ui import limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from index.collections.uploads import Upload, UploadLimits
    from index.progress import Progress

PART_BYTES = limits.PART_BYTES
_MOST = limits.UPLOADS_AT_ONCE  # of all browsers
_IDLE_SECONDS = float(limits.SECONDS_IDLE)
_FINISH_SECONDS = float(limits.SECONDS_TO_FINISH)
_PATIENCE_SECONDS = 20.0  # how long a file keeps its place, however slowly it arrives
_LOG = logging.getLogger(__name__)


class Collection(Protocol):
    """What the app needs of `rag.Uploads`."""

    limits: UploadLimits

    def add(self, name: str, data: bytes, *, progress: Progress | None = None) -> Upload:
        """Add a file."""

    def list(self) -> list[Upload]:
        """Return the files."""

    def remove(self, name: str) -> None:
        """Remove a file."""

    def clear(self) -> int:
        """Remove all files."""


@dataclass(slots=True)
class Transfer:
    """
    A file being received.

    Parameters
    ----------
    name
        File name on the user's machine.
    size
        Total number of bytes.
    data
        The bytes received so far.
    state
        How far it is.
    done, total
        Number of texts embedded, and to embed.
    upload
        The file in the collection, once it has been added.
    error
        Why it was refused.
    owner
        Whose it is; for anybody else it does not exist.
    by
        Name of the user who sends it; empty if unknown.
    touched
        When something happened last, in seconds of a monotonic clock.
    begun
        When it was announced, on the same clock.

    """

    name: str
    size: int
    data: bytearray = field(default_factory=bytearray)
    state: Literal["coming", "waiting", "working", "added", "refused"] = "coming"
    done: int = 0
    total: int = 0
    upload: Upload | None = None
    error: RagError | None = None
    owner: Owner = SHARED
    by: str = ""
    touched: float = field(default_factory=time.monotonic)
    begun: float = field(default_factory=time.monotonic)


class Inbox:
    """
    Takes files in parts and adds them to their owners' collections.

    Each file waits in its own thread; there are no more threads than files being received. The collection's readers
    (`index.reading.extraction.process.pool`) decide how many files are read at once and whose turn it is: a file that
    takes long delays no other.

    Parameters
    ----------
    collections
        Returns an owner's collection.
    added
        Called with each file that was added.

    """

    def __init__(
        self, collections: Callable[[Owner], Collection], added: Callable[[Transfer], None] = lambda _: None
    ) -> None:
        self._collections = collections
        self._added = added
        self._transfers: dict[str, Transfer] = {}
        self._lock = threading.Lock()

    def begin(self, name: str, size: int, owner: Owner = SHARED, by: str = "") -> str:
        """
        Announce a file; return the token under which its parts are to be sent.

        Raises
        ------
        CorpusError
            It is too large, or too many files are being received.

        """
        most = self._collections(owner).limits.file_bytes
        if size > most:
            raise CorpusError(f"{name}: larger than {most / 1e6:.0f} MB.", kind="too_large")
        with self._lock:
            self._forget()
            if len(self._transfers) >= _MOST and not self._make_room():
                raise CorpusError(f"{name}: too many files at once.", hint="Try again in a moment.", kind="busy")
            token = secrets.token_urlsafe(16)
            self._transfers[token] = Transfer(name, size, owner=owner, by=by)
            return token

    def part(self, token: str, data: str, owner: Owner = SHARED) -> int:
        """
        Take the next part, in base64; return how many bytes have been received. The last part starts the work.

        Raises
        ------
        CorpusError
            The file is not being received, or the part does not fit.

        """
        transfer = self._transfer(token, owner)
        try:
            piece = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError) as error:
            raise self._broken(token) from error
        with self._lock:
            # An empty part would keep a place without bringing anything.
            if (
                transfer.state != "coming"
                or not 0 < len(piece) <= PART_BYTES
                or len(transfer.data) + len(piece) > transfer.size
            ):
                raise self._broken(token)
            transfer.data += piece
            transfer.touched = time.monotonic()
            come = len(transfer.data)
            if come == transfer.size:
                transfer.state = "waiting"
                threading.Thread(target=self._add, args=(transfer,), name="ui-upload", daemon=True).start()
            return come

    def look(self, token: str, owner: Owner = SHARED) -> Transfer:
        """Return how far a file is; one that was added or refused is then forgotten."""
        transfer = self._transfer(token, owner)
        if transfer.state != "coming":  # asking for the state must not keep an idle file alive
            transfer.touched = time.monotonic()
        if transfer.state in {"added", "refused"}:
            with self._lock:
                self._transfers.pop(token, None)
        return transfer

    def _transfer(self, token: str, owner: Owner) -> Transfer:
        transfer = self._transfers.get(token)
        if transfer is None or transfer.owner != owner:
            raise CorpusError("The file: did not arrive whole.", kind="broken_off")
        return transfer

    def _broken(self, token: str) -> CorpusError:
        transfer = self._transfers.pop(token, None)
        return CorpusError(f"{transfer.name if transfer else 'The file'}: did not arrive whole.", kind="broken_off")

    def _forget(self) -> None:
        now = time.monotonic()
        for token, transfer in list(self._transfers.items()):
            # A file being worked on ends by itself; the others belong to pages that are gone.
            late = transfer.state == "coming" and now - transfer.begun > _FINISH_SECONDS
            if transfer.state not in {"waiting", "working"} and (late or now - transfer.touched > _IDLE_SECONDS):
                del self._transfers[token]

    def _make_room(self) -> bool:
        """Drop the slowest file if it arrives too slowly, to make room for another; tell whether there was one."""
        now = time.monotonic()
        slow = [
            (len(transfer.data) / (now - transfer.begun), token)
            for token, transfer in self._transfers.items()
            if transfer.state == "coming" and now - transfer.begun > _PATIENCE_SECONDS
        ]
        rate, token = min(slow, default=(float(limits.SLOWEST_BYTES_PER_SECOND), ""))
        if rate >= limits.SLOWEST_BYTES_PER_SECOND:
            return False
        del self._transfers[token]
        return True

    def _add(self, transfer: Transfer) -> None:
        transfer.state = "working"
        data = bytes(transfer.data)
        transfer.data = bytearray()

        def progress(_: str, done: int, total: int) -> None:
            transfer.done, transfer.total = done, total

        try:
            transfer.upload = self._collections(transfer.owner).add(transfer.name, data, progress=progress)
            self._added(transfer)
            transfer.state = "added"
        except RagError as error:
            transfer.error = error
            transfer.state = "refused"
        except Exception as error:  # noqa: BLE001 - whatever it is, the page must not wait for ever
            _LOG.error("adding a file failed", exc_info=error)
            transfer.error = CorpusError(f"{transfer.name}: failed.", kind="failed")
            transfer.state = "refused"
        transfer.touched = time.monotonic()
