"""The manifest: which derived files belong to which generation of the store."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.errors import IndexDamagedError
from index.lexical import LexicalIndex
from index.vectors import VectorIndex

if TYPE_CHECKING:
    from pathlib import Path

    from index.store import Snapshot

STORE = "store.sqlite"
MANIFEST = "manifest.json"
LOCK = ".lock"
_VECTORS = "vectors.faiss"
_SENTENCES = "sentences.npy"
_TITLES = "titles.npy"
_LEXICAL = "lexical"
_DERIVED = "derived-"
REBUILD = "Your articles are untouched; rebuild it with `rag index CORPUS --rebuild`."


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    What an index is made of.

    Parameters
    ----------
    generation
        The store's generation that the derived files were made from.
    derived
        Folder of the derived files, beside the manifest.
    embedding
        Fingerprint of the embedding model.
    content
        Digest of paths, file digests and pipeline: equal for equal corpora, on any machine.
    cosine_floor
        See `index.calibration`.
    digests
        SHA-256 of each derived file.

    """

    generation: int
    derived: str
    embedding: str
    content: str
    cosine_floor: float
    digests: dict[str, str]


@dataclass(frozen=True, slots=True)
class Derived:
    """The derived files, loaded."""

    vectors: VectorIndex
    lexical: LexicalIndex
    sentence_vectors: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
    title_vectors: np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def read(index_dir: Path) -> Manifest | None:
    """Return the manifest of an index, None where there is none."""
    file = index_dir / MANIFEST
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        return Manifest(**data)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise IndexDamagedError(f"The index file {file} is damaged ({error}).", hint=REBUILD) from error


def write_derived(index_dir: Path, snapshot: Snapshot, *, embedding: str, content: str, floor: float) -> Manifest:
    """Write the derived files of a snapshot into a folder of their own; nothing refers to it yet."""
    folder = index_dir / f"{_DERIVED}{snapshot.generation}"
    if folder.exists():  # left by a run that was killed
        shutil.rmtree(folder)
    folder.mkdir()
    chunks = snapshot.chunks
    VectorIndex.build([stored.id for stored in chunks], snapshot.chunk_vectors).save(folder / _VECTORS)
    titles = {path: document.metadata.title for path, document in snapshot.documents.items()}
    LexicalIndex.build([f"{titles[stored.chunk.path]}\n{stored.chunk.text}" for stored in chunks]).save(
        folder / _LEXICAL
    )
    np.save(folder / _SENTENCES, snapshot.sentence_vectors)
    np.save(folder / _TITLES, snapshot.title_vectors)
    return Manifest(snapshot.generation, folder.name, embedding, content, floor, _digests(folder))


def publish(index_dir: Path, manifest: Manifest) -> None:
    """Make the manifest's files the current ones, atomically, then delete older ones."""
    replace_atomically(index_dir / MANIFEST, json.dumps(asdict(manifest), indent=1).encode())
    for folder in _derived_folders(index_dir):
        if folder.name != manifest.derived:
            shutil.rmtree(folder, ignore_errors=True)


def load_derived(index_dir: Path, manifest: Manifest) -> Derived:
    """Load the derived files after checking each against its digest."""
    folder = index_dir / manifest.derived
    try:
        found = _digests(folder)
        for name, digest in manifest.digests.items():
            if found.get(name) != digest:
                state = "is missing" if name not in found else "has changed since it was written"
                raise IndexDamagedError(f"The index file {folder / name} {state}.", hint=REBUILD)
        return Derived(
            VectorIndex.load(folder / _VECTORS),
            LexicalIndex.load(folder / _LEXICAL),
            np.load(folder / _SENTENCES, mmap_mode="r"),
            np.load(folder / _TITLES, mmap_mode="r"),
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise IndexDamagedError(f"The index files in {folder} are damaged ({error}).", hint=REBUILD) from error


def remove_files(index_dir: Path) -> None:
    """Delete the files of an index, and nothing else that may lie in the folder."""
    for name in (MANIFEST, STORE, f"{STORE}-journal", f"{STORE}-wal", f"{STORE}-shm"):
        (index_dir / name).unlink(missing_ok=True)
    for folder in _derived_folders(index_dir):
        shutil.rmtree(folder, ignore_errors=True)


def _derived_folders(index_dir: Path) -> list[Path]:
    # Only names this module gives: a folder of the user's that begins alike is not ours to delete.
    return [folder for folder in index_dir.glob(f"{_DERIVED}*") if folder.name.removeprefix(_DERIVED).isdecimal()]


def replace_atomically(file: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old or the new one, never a part."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, file)  # noqa: PTH105 - the name is a string from mkstemp
    except BaseException:
        os.unlink(name)  # noqa: PTH108
        raise


def _digests(folder: Path) -> dict[str, str]:
    return {file.relative_to(folder).as_posix(): _sha256(file) for file in sorted(folder.rglob("*")) if file.is_file()}


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
