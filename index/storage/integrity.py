"""Read all of an index and report each damage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.errors import IndexDamagedError, IndexMismatchError
from index.storage import left_out, place
from index.storage import manifest as manifests
from index.storage.segments import derived
from index.storage.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def damages(index_dir: Path) -> list[str]:
    """
    Compare every byte of an index with its digests, without changing anything and without a model.

    Parameters
    ----------
    index_dir
        Folder of the index.

    Returns
    -------
    What has changed since it was written, one line each; empty if nothing has, or if there is no index.

    Raises
    ------
    IndexMismatchError
        Another version of this program made it.

    """
    try:
        manifest = manifests.read(index_dir)
    except IndexDamagedError as error:
        return [error.message, *(line for file in manifests.stores(index_dir) for line in _of_store(file, ""))]
    if manifest is None:
        return []
    found = derived.problems(index_dir, manifest)
    for segment in manifest.segments:
        store = index_dir / segment.store
        found += _of_store(store, segment.root)
        try:
            whole = manifests.sha256(store) == segment.store_sha256
        except OSError as error:
            found[-1:] = [f"The index file {store} cannot be read ({error.strerror or error})."]
            continue
        if not whole:
            found.append(f"The index file {store} has changed since it was written.")
    if place.is_damaged(index_dir):
        found.append(f"The index file {index_dir / manifests.PLACE} has changed since it was written.")
    if left_out.is_damaged(index_dir):
        found.append(f"The index file {index_dir / manifests.LEFT_OUT} has changed since it was written.")
    return found


def _of_store(file: Path, root: str) -> list[str]:
    try:
        with Store(file) as store:
            records = store.records(vectors=True)
            found = [f"Of {file}, {problem}." for one in records if (problem := one.problem(vectors=True))]
            found += [f"The index file {file}: {line}." for line in _of_database(store)]
            try:
                snapshot = store.snapshot()
            except (IndexDamagedError, IndexMismatchError) as error:
                return found or [error.message]
            if root and snapshot.root != root:
                found.append(f"The index file {file} is not the one that the manifest names.")
            return found
    except IndexDamagedError as error:
        return [error.message]
    except OSError as error:
        return [f"The index file {file} cannot be read ({error.strerror or error})."]


def _of_database(store: Store) -> list[str]:
    try:
        return store.integrity()
    except IndexDamagedError as error:
        return [error.message]
