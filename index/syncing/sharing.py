"""
Prepare a share of a folder, on this machine or another one, for the sync that makes the index of all shares.

A worker leaves what it has read and embedded in the index's folder, as an interrupted run does: the next sync uses
what it finds there, see `index.syncing.recovery`. So a share can be interrupted at any time and continues where it
was, and nothing is published before all of it is there.
"""

from __future__ import annotations

import sqlite3
import time
import zlib
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from index.errors import RagError
from index.reading.extraction.process.limits import CORPUS
from index.reading.extraction.process.pool import shared
from index.reading.extraction.process.unreadable import RememberingExtractor, Unreadable
from index.reading.gathering import Known, gather
from index.storage import manifest as manifests
from index.storage.failures import writing_failed
from index.storage.manifest import check_compatible
from index.storage.store import Store
from index.syncing.preparation import look_ahead, prepare
from index.syncing.recovery import Recovered, known_before
from index.syncing.sync import PIPELINE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from index.protocols import Embedder
    from index.reading.options import ReadingOptions
    from index.syncing.preparation import Prepared
    from index.types import Document

MOST_SHARES = 1000
_LEFT_CHARACTERS = 1_000_000  # characters of articles in one store: some minutes on two cores


@dataclass(frozen=True, slots=True)
class Share:
    """
    One of several parts of a folder, determined by the names of its files.

    Parameters
    ----------
    number, count
        Number of the share, from 1, and number of all shares.

    """

    number: int
    count: int

    @classmethod
    def read(cls, written: str) -> Share:
        """
        Read ``2/4``.

        Raises
        ------
        RagError
            The text does not name a share.

        """
        number, slash, count = written.strip().partition("/")
        if slash and number.isascii() and number.isdecimal() and count.isascii() and count.isdecimal():
            share = cls(int(number), int(count))
            if 1 <= share.number <= share.count <= MOST_SHARES:
                return share
        raise RagError(f"{written!r} is not a share.", hint="Write N/M: 2/4 is the second of four shares.")

    def has(self, path: str) -> bool:
        """Tell whether a file belongs to the share; the answer is the same on any machine."""
        return zlib.crc32(path.encode("utf-8", "surrogateescape")) % self.count == self.number - 1


@dataclass(frozen=True, slots=True)
class ShareReport:
    """
    What was done for a share.

    Parameters
    ----------
    documents
        Number of documents in it.
    prepared
        Number of documents that were embedded now; the others had been before.
    seconds
        Time it took.

    """

    documents: int
    prepared: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return the object that `rag index --share --json` prints."""
        return asdict(self) | {"seconds": round(self.seconds, 3)}


def prepare_share(
    corpus: Path, index_dir: Path, embedder: Embedder, share: Share, *, options: ReadingOptions | None = None
) -> ShareReport:
    """
    Embed what is new in a share of a folder; reports its progress.

    Parameters
    ----------
    corpus, index_dir, embedder, options
        As for `index.syncing.sync.sync`. All workers name the same index: on several machines, a shared folder.
    share
        The part of the folder.

    Raises
    ------
    RagError
        As for `index.syncing.sync.sync`, except that unreadable files are left to that sync.

    """
    began = time.perf_counter()
    manifest = manifests.read(index_dir)
    if manifest is not None:
        check_compatible(manifest, embedder.fingerprint, index_dir)
    try:
        with shared().open(str(index_dir), CORPUS) as seat:
            found = gather(
                corpus,
                RememberingExtractor(seat, CORPUS, Unreadable.read(index_dir), PIPELINE),
                known=Known(partial(known_before, index_dir, PIPELINE, lambda _: False)),
                options=options,
                unchanged=lambda entries: [not share.has(one.path) for one in entries],
            ).documents
        index_dir.mkdir(parents=True, exist_ok=True)
        missing = _missing(found, index_dir, manifest, embedder.fingerprint)
        nothing = Recovered()
        batch: list[Prepared] = []
        for several in prepare(look_ahead(missing, nothing), embedder, nothing):
            batch += several
            if sum(len(one.document.text) for one in batch) >= _LEFT_CHARACTERS:
                _leave(batch, index_dir, embedder.fingerprint)
                batch = []
        if batch:
            _leave(batch, index_dir, embedder.fingerprint)
    except (OSError, sqlite3.Error) as error:
        raise writing_failed(error, index_dir) from error
    return ShareReport(len(found), len(missing), time.perf_counter() - began)


def _leave(prepared: Sequence[Prepared], index_dir: Path, embedding: str) -> None:
    """Write a store that no manifest names; a sync at the same time finds all of it or nothing."""
    with FileLock(index_dir / manifests.LOCK):
        file = index_dir / manifests.store_name(manifests.free_generation(index_dir, manifests.read(index_dir)))
        try:
            with Store.create(file, embedding=embedding, pipeline=PIPELINE) as store, store.transaction():
                for one in prepared:
                    store.add(one.document, one.chunks, one.chunk_vectors, one.sentence_vectors, one.title_vector)
        except (OSError, sqlite3.Error):
            file.unlink(missing_ok=True)  # to free the room on a full disk
            raise


def _missing(
    found: Sequence[Document], index_dir: Path, manifest: manifests.Manifest | None, embedding: str
) -> list[Document]:
    """Return the documents that neither the index nor a worker has processed."""
    there: set[tuple[str, str]] = set()
    for segment in manifest.segments if manifest is not None else ():
        with Store(index_dir / segment.store) as store:
            if store.meta("pipeline") == PIPELINE:
                there |= {(digest, title) for _, digest, title in store.known().values()}
    used = manifest.files if manifest is not None else frozenset()
    left = [file for file in manifests.stores(index_dir) if file.name not in used]
    with closing(Recovered(left, embedding=embedding, pipeline=PIPELINE)) as before:
        return [
            document
            for document in found
            if (document.sha256, document.metadata.title) not in there and before.whole(document) is None
        ]
