"""
What is embedded is left in the index's folder batch by batch, so that a run that is ended costs no more than a batch.

It is left as a run that was ended leaves it: in a store that no manifest names. The next sync uses what is in it, see
`index.syncing.recovery`, and deletes it.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from index.progress import scaled
from index.storage import manifest as manifests
from index.storage.store import Store
from index.syncing.preparation import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from index.protocols import Embedder
    from index.syncing.preparation import Prepared
    from index.types import Document

BATCH_CHARACTERS = 1_000_000
"""Of articles that are embedded at once: some minutes on two cores."""


def in_batches(documents: Sequence[Document], embedder: Embedder) -> Iterator[tuple[list[Prepared], bool]]:
    """Cut and embed documents, some at a time, and say whether more follow; tells how far all of them have come."""
    batches = list(_batches(documents))
    total = sum(len(document.text) for document in documents)
    done = 0
    if len(batches) == 1:
        yield prepare(batches[0], embedder), False
        return
    for number, batch in enumerate(batches, start=1):
        size = sum(len(document.text) for document in batch)
        with scaled(done, size, total):
            prepared = prepare(batch, embedder)
        yield prepared, number < len(batches)
        done += size


def leave(prepared: Sequence[Prepared], index_dir: Path, embedding: str, pipeline: str) -> Path:
    """
    Leave what was made of some documents to the next sync, and return the file; the caller has the lock.

    Parameters
    ----------
    prepared, index_dir
        What, and the folder of the index.
    embedding, pipeline
        What it was made with.

    """
    index_dir.mkdir(parents=True, exist_ok=True)
    number = manifests.free_generation(index_dir, manifests.read(index_dir))
    file = index_dir / manifests.store_name(number)
    try:
        with Store.create(file, embedding=embedding, pipeline=pipeline) as store, store.transaction():
            for one in prepared:
                store.add(one.document, one.chunks, one.chunk_vectors, one.sentence_vectors, one.title_vector)
    except (OSError, sqlite3.Error):
        file.unlink(missing_ok=True)  # a full disk needs the room
        raise
    return file


def _batches(documents: Sequence[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.text)
        if size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
