"""Files on their way in: they come in parts, and are added to the collection when they are whole."""

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
_PATIENCE_SECONDS = 20.0  # so long a file keeps its place, however slowly it comes
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
class Parcel:
    """
    A file on its way.

    Parameters
    ----------
    name
        As the user's machine calls it.
    size
        Bytes that will come.
    data
        What has come.
    state
        How far it is.
    done, total
        Of the texts to embed.
    upload
        The file in the collection, once it is there.
    error
        Why it was refused.
    owner
        Whose it is; to anybody else it is not there.
    touched
        When something happened last, in seconds of a clock that never goes back.
    begun
        When it was announced, of the same clock.

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
    touched: float = field(default_factory=time.monotonic)
    begun: float = field(default_factory=time.monotonic)


class Inbox:
    """
    Takes files in parts and adds them to their owners' collections.

    Each waits in a thread of its own, of which there are no more than files on their way. How many are read at once,
    and whose turn it is, the collection's readers say (`index.reading.extraction.process.pool`): a file that takes long
    holds up no other.

    Parameters
    ----------
    collections
        Gives an owner's collection.

    """

    def __init__(self, collections: Callable[[Owner], Collection]) -> None:
        self._collections = collections
        self._parcels: dict[str, Parcel] = {}
        self._lock = threading.Lock()

    def begin(self, name: str, size: int, owner: Owner = SHARED) -> str:
        """
        Announce a file; return the token under which its parts are to be sent.

        Raises
        ------
        CorpusError
            It is too large, or too many are on their way.

        """
        most = self._collections(owner).limits.file_bytes
        if size > most:
            raise CorpusError(f"{name}: larger than {most / 1e6:.0f} MB.", kind="too_large")
        with self._lock:
            self._forget()
            if len(self._parcels) >= _MOST and not self._make_room():
                raise CorpusError(f"{name}: too many files at once.", hint="Try again in a moment.", kind="busy")
            token = secrets.token_urlsafe(16)
            self._parcels[token] = Parcel(name, size, owner=owner)
            return token

    def part(self, token: str, data: str, owner: Owner = SHARED) -> int:
        """
        Take the next part, in base64; return how many bytes have come. With the last one the work begins.

        Raises
        ------
        CorpusError
            The file is not on its way, or the part does not fit.

        """
        parcel = self._parcel(token, owner)
        try:
            piece = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError) as error:
            raise self._broken(token) from error
        with self._lock:
            # An empty part would keep a place and bring nothing.
            if (
                parcel.state != "coming"
                or not 0 < len(piece) <= PART_BYTES
                or len(parcel.data) + len(piece) > parcel.size
            ):
                raise self._broken(token)
            parcel.data += piece
            parcel.touched = time.monotonic()
            come = len(parcel.data)
            if come == parcel.size:
                parcel.state = "waiting"
                threading.Thread(target=self._add, args=(parcel,), name="ui-upload", daemon=True).start()
            return come

    def look(self, token: str, owner: Owner = SHARED) -> Parcel:
        """Return how far a file is; one that has arrived or was refused is forgotten with that."""
        parcel = self._parcel(token, owner)
        if parcel.state != "coming":  # asking alone does not make a file come
            parcel.touched = time.monotonic()
        if parcel.state in {"added", "refused"}:
            with self._lock:
                self._parcels.pop(token, None)
        return parcel

    def _parcel(self, token: str, owner: Owner) -> Parcel:
        parcel = self._parcels.get(token)
        if parcel is None or parcel.owner != owner:
            raise CorpusError("The file: did not arrive whole.", kind="broken_off")
        return parcel

    def _broken(self, token: str) -> CorpusError:
        parcel = self._parcels.pop(token, None)
        return CorpusError(f"{parcel.name if parcel else 'The file'}: did not arrive whole.", kind="broken_off")

    def _forget(self) -> None:
        now = time.monotonic()
        for token, parcel in list(self._parcels.items()):
            # What is being worked on ends by itself; the rest belongs to pages that are gone.
            late = parcel.state == "coming" and now - parcel.begun > _FINISH_SECONDS
            if parcel.state not in {"waiting", "working"} and (late or now - parcel.touched > _IDLE_SECONDS):
                del self._parcels[token]

    def _make_room(self) -> bool:
        """Give the place of the slowest file to another, where it comes too slowly; tell whether there is one."""
        now = time.monotonic()
        slow = [
            (len(parcel.data) / (now - parcel.begun), token)
            for token, parcel in self._parcels.items()
            if parcel.state == "coming" and now - parcel.begun > _PATIENCE_SECONDS
        ]
        rate, token = min(slow, default=(float(limits.SLOWEST_BYTES_PER_SECOND), ""))
        if rate >= limits.SLOWEST_BYTES_PER_SECOND:
            return False
        del self._parcels[token]
        return True

    def _add(self, parcel: Parcel) -> None:
        parcel.state = "working"
        data = bytes(parcel.data)
        parcel.data = bytearray()

        def progress(_: str, done: int, total: int) -> None:
            parcel.done, parcel.total = done, total

        try:
            parcel.upload = self._collections(parcel.owner).add(parcel.name, data, progress=progress)
            parcel.state = "added"
        except RagError as error:
            parcel.error = error
            parcel.state = "refused"
        except Exception as error:  # noqa: BLE001 - whatever it is, the page must not wait for ever
            _LOG.error("adding a file failed", exc_info=error)
            parcel.error = CorpusError(f"{parcel.name}: failed.", kind="failed")
            parcel.state = "refused"
        parcel.touched = time.monotonic()
