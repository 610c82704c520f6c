"""Choose the vector store: the one in the settings writes, and the one that wrote a generation opens it."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from index.errors import IndexDamagedError, RagError
from index.storage.columns.files import digest
from index.storage.failures import damaged
from index.storage.protocols import Reachable
from index.storage.vectors.backed import BackedVectors, outage
from index.storage.vectors.exact import FaissStore
from index.storage.vectors.milvus import MilvusStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from index.storage.protocols import Vectors, VectorStore

GROUP = "quellentreu.stores"
FAISS = "faiss"
"""The setting of the default store."""
MILVUS = "milvus"
"""The name of the other built-in store."""
_BEGINNING = "vectors."


def name_of(setting: str) -> str:
    """Return the name of the store in a setting: ``milvus`` of ``milvus://host``."""
    return setting.partition("://")[0].strip()


def place(folder: Path, name: str) -> Path:
    """Return the path at which a store of this name keeps its vectors in a folder of derived files."""
    return folder / f"{_BEGINNING}{name}"


def written_by(names: Iterable[str]) -> str:
    """Return the name of the store that wrote a generation, given the names of its derived files; empty if none did."""
    found = {name.split("/")[0].removeprefix(_BEGINNING) for name in names if name.startswith(_BEGINNING)}
    return found.pop() if len(found) == 1 else ""


@lru_cache(maxsize=16)
def store(setting: str) -> VectorStore:
    """
    Return the store that a setting names.

    Raises
    ------
    RagError
        No installed package provides it, or it cannot be created.

    """
    name = name_of(setting)
    if name == FAISS:
        return FaissStore()
    if name == MILVUS:
        return MilvusStore(setting)
    found = entry_points(group=GROUP, name=name)
    if not found:
        known = ", ".join(sorted({FAISS, MILVUS, *(one.name for one in entry_points(group=GROUP))}))
        raise RagError(
            f"RAG_STORE={name}: no installed package provides this vector store.",
            hint=f"Packages register theirs as entry points of the group {GROUP}; available: {known}.",
        )
    try:
        made: VectorStore = next(iter(found)).load()(setting)
    except RagError:
        raise
    except Exception as error:  # whatever it is, it is that package's
        raise RagError(
            f"RAG_STORE={name}: the vector store cannot be loaded ({type(error).__name__}: {error}).",
            hint="Repair the package that provides it, or leave the setting out.",
        ) from error
    return made


def opened(folder: Path, digests: Mapping[str, str], setting: str, own: Vectors) -> Vectors:
    """
    Open the vectors of a segment.

    Parameters
    ----------
    folder, digests
        Its derived files, each with its digest.
    setting
        The setting that says how to reach the store, if that store wrote them; another store is opened by name alone.
    own
        The same vectors in the index's own store, used while an external store is unavailable.

    Raises
    ------
    IndexDamagedError
        The vectors cannot be read.
    RagError
        The store cannot be created.

    """
    name = written_by(digests)
    where = place(folder, name)
    try:
        keeper = _store_for(name, setting)
        if isinstance(keeper, FaissStore):
            return keeper.open(where, digests[where.name])
        _check(folder, {file: one for file, one in digests.items() if file.split("/")[0] == where.name})
        return BackedVectors(lambda: keeper.open(where), own, outage(setting))
    except RagError:
        raise
    except Exception as error:  # a store may raise anything on a file that is not its own
        raise damaged(folder, str(error)) from error


def reach(setting: str) -> None:
    """Raise a `RagError` if a store can tell that it is unreachable, before anything is made for it."""
    keeper = store(setting)
    if isinstance(keeper, Reachable):
        keeper.reach()


def missing(folder: Path, digests: Mapping[str, str], setting: str) -> str:
    """Return an external store's message if it no longer has the vectors of a segment; empty if it does not say so."""
    name = written_by(digests)
    if name_of(setting) != name or name == FAISS:
        return ""
    try:
        _ = store(setting).open(place(folder, name)).size
    except IndexDamagedError as error:
        return error.message
    except Exception:  # noqa: BLE001 - it does not answer: what it has is not known to be gone
        return ""
    return ""


def forget(folder: Path, setting: str) -> bool:
    """Remove the vectors of a folder of derived files from their stores; tell whether all of them were removed."""
    try:
        for kept in folder.glob(f"{_BEGINNING}*"):
            _store_for(kept.name.removeprefix(_BEGINNING), setting).remove(kept)
    except (RagError, OSError):
        return False
    return True


def _check(folder: Path, digests: Mapping[str, str]) -> None:
    for file, wanted in digests.items():
        if digest(folder / file) != wanted:
            raise damaged(folder / file, "it has changed since it was written")


def _store_for(name: str, setting: str) -> VectorStore:
    return store(setting if name_of(setting) == name else name)
