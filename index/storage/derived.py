"""The files derived from a store: what searches need, written once, loaded after a look at their digests."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.errors import IndexDamagedError
from index.storage import manifest as manifests
from index.storage.failures import MEND, damaged
from index.storage.lexical import LexicalIndex
from index.storage.vectors import stores as vector_stores

if TYPE_CHECKING:
    from pathlib import Path

    from index.storage.manifest import Manifest
    from index.storage.protocols import Lexical, Vectors
    from index.storage.store import Snapshot

_SENTENCES = "sentences.npy"
_TITLES = "titles.npy"
_LEXICAL = "lexical"
_NEEDED = frozenset({_SENTENCES, _TITLES, *(f"{_LEXICAL}/{name}" for name in LexicalIndex.NEEDED)})


@dataclass(frozen=True, slots=True)
class Derived:
    """The derived files, loaded."""

    vectors: Vectors
    lexical: Lexical
    sentence_vectors: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
    title_vectors: np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def write(folder: Path, snapshot: Snapshot, *, store: str, before: Path | None = None) -> dict[str, str]:
    """
    Write the derived files of a snapshot into a new folder, and return their digests; nothing refers to it yet.

    Parameters
    ----------
    folder, snapshot
        Where, and what.
    store
        The setting that names what keeps the vectors, see `index.storage.vectors.stores`.
    before
        The folder of the generation that this one was made from, None where there is none.

    """
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    chunks = snapshot.chunks
    name = vector_stores.name_of(store)
    earlier = None if before is None else vector_stores.place(before, name)
    vector_stores.store(store).write(
        vector_stores.place(folder, name),
        [stored.id for stored in chunks],
        snapshot.chunk_vectors,
        earlier=earlier if earlier is not None and earlier.exists() else None,
    )
    titles = {path: document.metadata.title for path, document in snapshot.documents.items()}
    LexicalIndex.build([f"{titles[stored.chunk.path]}\n{stored.chunk.text}" for stored in chunks]).save(
        folder / _LEXICAL
    )
    np.save(folder / _SENTENCES, snapshot.sentence_vectors)
    np.save(folder / _TITLES, snapshot.title_vectors)
    return _digests(folder)


def load(index_dir: Path, manifest: Manifest, store: str) -> Derived:
    """
    Load the derived files after checking each against its digest; ``store`` says how a vector store is reached.

    Raises
    ------
    IndexDamagedError
        One is missing, has changed, or is not in the manifest.

    """
    folder = index_dir / manifest.derived
    if problem := next(iter(problems(index_dir, manifest)), ""):
        raise IndexDamagedError(problem, hint=MEND)
    try:
        return Derived(
            vector_stores.opened(folder, manifest.digests, store),
            LexicalIndex.load(folder / _LEXICAL),
            np.load(folder / _SENTENCES, mmap_mode="r"),
            np.load(folder / _TITLES, mmap_mode="r"),
        )
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise damaged(folder, str(error)) from error


def problems(index_dir: Path, manifest: Manifest, store: str = "") -> list[str]:
    """Return in one line each what is wrong with the derived files, also that another store than this wrote them."""
    folder = index_dir / manifest.derived
    try:
        if folder.is_symlink() or not folder.is_dir():
            return [f"The index folder {folder} is missing."]
        found = _digests(folder)
    except OSError as error:
        return [f"The index folder {folder} cannot be read ({error.strerror or error})."]
    wrong: list[str] = []
    for name in sorted(manifest.digests.keys() | _NEEDED | found.keys()):
        if name not in found:
            wrong.append(f"The index file {folder / name} is missing.")
        elif name not in manifest.digests:
            wrong.append(f"The index file {folder / name} is none that was written.")
        elif found[name] != manifest.digests[name]:
            wrong.append(f"The index file {folder / name} has changed since it was written.")
    by = vector_stores.written_by(manifest.digests)
    if not by:
        wrong.append(f"The index folder {folder} has no vectors.")
    elif store and by != vector_stores.name_of(store):
        wrong.append(f"The vectors in {folder} are kept by {by}, not by {vector_stores.name_of(store)}.")
    return wrong


def _digests(folder: Path) -> dict[str, str]:
    # Desktops leave hidden files of theirs in folders; nothing here reads them.
    files = [file for file in sorted(folder.rglob("*")) if not file.name.startswith(".") and file.is_file()]
    return {file.relative_to(folder).as_posix(): manifests.sha256(file) for file in files}
