"""What can be used again of earlier runs: of a store that is damaged, or that a run left when it was ended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from index.errors import IndexDamagedError, IndexMismatchError
from index.formats import KINDS, is_extracted, is_markdown
from index.storage import manifest as manifests
from index.storage.records import chunks_of
from index.storage.schema import READABLE
from index.storage.store import Store
from index.syncing.preparation import Prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from index.storage.manifest import Manifest, Segment
    from index.storage.records import Record
    from index.types import Document


class Recovered:
    """
    Documents that are as they were written, with their vectors.

    Parameters
    ----------
    documents
        Each by its path.

    """

    def __init__(self, documents: Iterable[Prepared] = ()) -> None:
        self.by_path = {one.document.path: one for one in documents}
        self._by_content = {_content(one.document): one for one in self.by_path.values()}

    def find(self, document: Document) -> Prepared | None:
        """Return what was made of the same text under the same title, as that of the given document."""
        found = self._by_content.get(_content(document))
        if found is None:
            return None
        chunks = tuple(replace(chunk, path=document.path) for chunk in found.chunks)
        return replace(found, document=document, chunks=chunks)


def _content(document: Document) -> tuple[str, str, bool, str | None]:
    # What passages and vectors depend on: text, title, and blocks, which only files of other formats tell themselves.
    told = document.structure if is_extracted(document.path) else None
    return document.text, document.metadata.title, is_markdown(document.path), told


def is_sound(index_dir: Path, manifest: Manifest, is_checked: Callable[[Path], bool]) -> bool:
    """Tell whether the stores are, byte for byte, what was published; some that were checked are not read again."""
    try:
        stores = ((index_dir / one.store, one) for one in manifest.segments)
        return all(is_checked(file) or _is_sound(file, one) for file, one in stores)
    except OSError:
        return False


def _is_sound(file: Path, named: Segment) -> bool:
    same_size = not file.is_symlink() and file.stat().st_size == named.store_bytes
    return same_size and manifests.sha256(file) == named.store_sha256


def recover(stores: Iterable[Path], *, embedding: str, pipeline: str) -> Recovered:
    """
    Return what is sound in stores that may be damaged.

    Parameters
    ----------
    stores
        Later ones first: what the first has counts.
    embedding, pipeline
        What the vectors, and the passages, must have been made with.

    """
    found: dict[str, Prepared] = {}
    for file in stores:
        for record in _records(file, embedding, pipeline):
            if not record.problem(vectors=True) and record.path not in found:
                found[record.path] = prepared_of(record)
    return Recovered(found.values())


def known_before(index_dir: Path, pipeline: str, is_checked: Callable[[Path], bool]) -> dict[str, Document]:
    """Return the documents whose text earlier runs took out of files, by the digests of these; again it would take time."""
    found: dict[str, Document] = {}
    left = manifests.stores(index_dir)
    try:
        manifest = manifests.read(index_dir)
        if manifest is not None and is_sound(index_dir, manifest, is_checked):
            for segment in manifest.segments:
                with Store(index_dir / segment.store) as store:
                    if store.meta("pipeline") == pipeline:
                        found |= store.extracted()
            left = [file for file in left if file.name not in manifest.files]
    except (IndexDamagedError, IndexMismatchError):
        found = {}
    for file in left:
        for record in _records(file, None, pipeline, vectors=False):
            if not record.problem(vectors=False) and record.document.encoding in KINDS:
                found.setdefault(record.document.sha256, record.document)
    return found


def _records(file: Path, embedding: str | None, pipeline: str, *, vectors: bool = True) -> list[Record]:
    try:
        with Store(file) as store:
            if store.meta("format") not in READABLE or store.meta("pipeline") != pipeline:
                return []
            if embedding is not None and store.meta("embedding") != embedding:
                return []
            return store.records(vectors=vectors)
    except (IndexDamagedError, OSError):
        return []


def prepared_of(record: Record, document: Document | None = None) -> Prepared:
    """Return a record as what was made of its document, or of another one with the same text."""
    document = document or record.document
    return Prepared(
        document,
        tuple(replace(chunk, path=document.path) for _, chunk in chunks_of(record)),
        _rows(record.chunk_vectors),
        _rows([one for of in record.sentence_vectors for one in of]),
        np.frombuffer(record.title_vector, dtype="<f4"),
    )


def _rows(vectors: Sequence[bytes]) -> NDArray[np.float32]:
    return np.stack([np.frombuffer(one, dtype="<f4") for one in vectors]) if vectors else np.zeros((0, 0), np.float32)
