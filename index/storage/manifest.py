"""The manifest, which says which files belong together and what their digests are."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from index.atomic import replace_atomically
from index.errors import IndexMismatchError
from index.reading.extraction.process.unreadable import FILE as UNREADABLE
from index.storage.failures import DOUBT, damaged, unreadable
from index.storage.schema import FORMAT
from index.storage.vectors import stores as vector_stores

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

MANIFEST = "manifest.json"
LOCK = ".lock"
PLACE = ".place.json"  # where the folder of articles lies, see `index.storage.place`
LEFT_OUT = "left-out.json"  # see `index.storage.left_out`
SEEN = "seen.json"  # see `index.syncing.seen`
_STORE = re.compile(r"store-([0-9]{1,18})\.sqlite")
_DERIVED = re.compile(r"derived-([0-9]{1,18})")
_EARLIER_STORE = "store.sqlite"  # the store of format 2 and before
_BESIDE = ("", "-journal", "-wal", "-shm")  # what SQLite may leave beside a store
_TEMPORARY = re.compile(
    rf"\.(?:{'|'.join(map(re.escape, (MANIFEST, UNREADABLE, PLACE, LEFT_OUT, SEEN)))})-\w+|\.{re.escape(_EARLIER_STORE)}-new"
)
_EARLIER_FIELDS = frozenset({"generation", "derived", "embedding", "content", "cosine_floor", "digests"})

_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class Segment:
    """
    A part of an index that is written once and never changed; see `index.storage.segments`.

    Parameters
    ----------
    store, derived
        Names of the store and of the folder of the derived files, both beside the manifest.
    store_bytes, store_sha256
        Size and SHA-256 of the store's file.
    root
        See `index.storage.store.Snapshot`.
    digests
        Digest of each derived file, by its path within the folder; see `index.storage.columns.files.digest`.

    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    store: Annotated[str, Field(pattern=rf"^{_STORE.pattern}$")]
    derived: Annotated[str, Field(pattern=rf"^{_DERIVED.pattern}$")]
    store_bytes: Annotated[int, Field(ge=0)]
    store_sha256: _Digest
    root: _Digest
    digests: dict[str, _Digest]


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    What an index is made of.

    Parameters
    ----------
    format
        Format of the store and of this file.
    generation
        Number of the generation; grows with every change.
    embedding
        Fingerprint of the embedding model.
    content
        Digest of paths, file digests and pipeline: equal for equal corpora, on any machine.
    cosine_floor
        See `index.syncing.calibration`.
    segments
        The segments, oldest first: ids of documents and passages grow from each to the next.
    digest
        SHA-256 of all of the above.

    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    format: int
    generation: Annotated[int, Field(ge=0, lt=10**18)]
    embedding: str
    content: Annotated[str, Field(pattern=r"^[0-9a-f]{1,64}$")]
    cosine_floor: Annotated[float, Field(ge=-1.01, le=1.01, allow_inf_nan=False)]
    segments: Annotated[tuple[Segment, ...], Field(min_length=1)]
    digest: str = ""

    @property
    def files(self) -> frozenset[str]:
        """Names of the stores and folders that belong to it."""
        return frozenset(name for one in self.segments for name in (one.store, one.derived))

    def sealed(self) -> Manifest:
        """Return a copy with its digest filled in."""
        return replace(self, digest=self._own_digest())

    def is_whole(self) -> bool:
        """Tell whether it matches its digest."""
        return self.digest == self._own_digest()

    def _own_digest(self) -> str:
        data = asdict(replace(self, digest=""))
        return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


_ANY: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
_MANIFEST = TypeAdapter(Manifest)


def stamp(index_dir: Path) -> tuple[int, int, int] | None:
    """Return a value that changes when another generation is published; None if there is no manifest."""
    try:
        found = (index_dir / MANIFEST).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


def read(index_dir: Path) -> Manifest | None:
    """
    Return the manifest of an index, None if there is none.

    Raises
    ------
    IndexDamagedError
        It has changed since it was written.
    IndexMismatchError
        Another version of this program wrote it.

    """
    file = index_dir / MANIFEST
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(file, error) from error
    return parse(data, file)


def parse(data: bytes, file: Path) -> Manifest:
    """
    Return the manifest that a file holds.

    Parameters
    ----------
    data, file
        The content that was read, and the path of the file for the message.

    Raises
    ------
    IndexDamagedError, IndexMismatchError
        As for `read`.

    """
    try:
        _check_version(_ANY.validate_json(data), file.parent)
        found = _MANIFEST.validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise damaged(file, f"{place}: {first['msg']}".removeprefix(": ")) from error
    except ValueError as error:
        raise damaged(file, str(error)) from error
    if not found.is_whole():
        raise damaged(file, "it has changed since it was written")
    return found


def _check_version(data: dict[str, Any], index_dir: Path) -> None:
    if "format" not in data and data.keys() == _EARLIER_FIELDS:
        made = "was made by an earlier version"
    elif type(form := data.get("format")) is int and form < FORMAT:
        made = f"has format {form}, not {FORMAT}"
    elif type(form) is int and form > FORMAT:
        hint = "Use the version that made it, or rebuild it with `rag index CORPUS --rebuild`."
        raise IndexMismatchError(f"The index in {index_dir} has format {form}, not {FORMAT}.", hint=hint)
    else:
        return
    hint = "Bring it up to date with `rag index CORPUS`."
    raise IndexMismatchError(f"The index in {index_dir} {made}.", hint=hint, earlier=True)


def publish(index_dir: Path, manifest: Manifest) -> None:
    """Make the manifest's files the current ones, atomically."""
    replace_atomically(index_dir / MANIFEST, json.dumps(asdict(manifest), indent=1).encode())


def clean(index_dir: Path, *, keep: Manifest, store: str = vector_stores.FAISS, spare: Collection[str] = ()) -> None:
    """Delete an index's files that a manifest does not name, older ones or of interrupted runs, except ``spare``."""
    with suppress(OSError):
        for file in _own_files(index_dir):
            if file.name not in keep.files and file.name not in spare:
                _delete(file, store)


def remove_files(index_dir: Path, *, store: str = vector_stores.FAISS) -> None:
    """Delete the files of an index, and nothing else that may lie in the folder."""
    for name in (MANIFEST, UNREADABLE, PLACE, LEFT_OUT, SEEN):
        (index_dir / name).unlink(missing_ok=True)
    for file in _own_files(index_dir):
        _delete(file, store)


def discard(index_dir: Path, generation: int, *, store: str = vector_stores.FAISS) -> None:
    """Delete the files of a generation, if it was not published."""
    with suppress(OSError):
        if store_name(generation) not in named(index_dir):
            _delete(index_dir / derived_name(generation), store)
            delete_store(index_dir / store_name(generation))


def delete_store(file: Path) -> None:
    """Delete a store, and the files that SQLite left beside it."""
    for ending in _BESIDE:
        _delete(Path(f"{file}{ending}"), vector_stores.FAISS)


def named(index_dir: Path) -> set[str]:
    """Return the names of the stores in the manifest, damaged or not; raises `OSError` if it cannot be read."""
    try:
        text = (index_dir / MANIFEST).read_text("utf-8", "replace")
    except FileNotFoundError:
        return set()
    return {match.group() for match in _STORE.finditer(text)}


def stores(index_dir: Path) -> list[Path]:
    """Return the stores of an index, latest first: those of its segments and those that interrupted runs left."""
    found = [file for file in index_dir.glob("store-*.sqlite") if _STORE.fullmatch(file.name)]
    return sorted(found, key=lambda file: -_number(file.name))


def free_generation(index_dir: Path, manifest: Manifest | None) -> int:
    """Return a generation number greater than that of any file in the folder."""
    numbers = [_number(file.name) for file in _own_files(index_dir)]
    return max([0, *numbers, *([] if manifest is None else [manifest.generation])]) + 1


def store_name(generation: int) -> str:
    """Return the name of the store of a generation."""
    return f"store-{generation}.sqlite"


def derived_name(generation: int) -> str:
    """Return the name of the folder of the files derived from a generation."""
    return f"derived-{generation}"


def check_compatible(manifest: Manifest, embedding: str, index_dir: Path) -> None:
    """Raise `IndexMismatchError` if the index was made with another model, or with the same one in another format."""
    made_with = manifest.embedding
    if made_with == embedding:
        return
    earlier = (_weights(made_with) or made_with) == _weights(embedding)
    update, anew = "Bring it up to date with `rag index CORPUS`.", "Rebuild it with `rag index CORPUS --rebuild`."
    raise IndexMismatchError(
        f"The index in {index_dir} was made with the embedding model {made_with}, not {embedding}.",
        hint=update if earlier else anew,
        earlier=earlier,
    )


def _weights(fingerprint: str) -> str | None:
    """Return a fingerprint (``name@digest/int8``) without the format of the weights; None if it names no format."""
    weights, _, form = fingerprint.rpartition("/")
    return weights if form and "@" in weights else None


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _own_files(index_dir: Path) -> Iterable[Path]:
    # Only names that this module gives: a user's file whose name begins the same way must not be deleted.
    for file in list(index_dir.iterdir()) if index_dir.is_dir() else ():
        name = file.name
        for ending in _BESIDE[1:]:
            name = name.removesuffix(ending)
        if name.endswith(DOUBT):
            name = name.removeprefix(".").removesuffix(DOUBT)
        named = _STORE.fullmatch(name) or _DERIVED.fullmatch(file.name) or _TEMPORARY.fullmatch(file.name)
        if named or name == _EARLIER_STORE:
            yield file


def _number(name: str) -> int:
    match = _STORE.match(name) or _DERIVED.match(name)
    return int(match.group(1)) if match else 0


def _delete(file: Path, store: str) -> None:
    # If something cannot be deleted now, here or in a store that is unreachable, the next run tries again.
    if file.is_dir() and not file.is_symlink():
        if vector_stores.forget(file, store):
            shutil.rmtree(file, ignore_errors=True)
        return
    with suppress(OSError):
        file.unlink(missing_ok=True)
