"""Write the files derived from the store of a new segment, and check those of an existing index."""

from __future__ import annotations

import shutil
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from index.reading.documents import not_read
from index.storage.columns import files
from index.storage.columns.postings import Reading, key
from index.storage.failures import doubt_of
from index.storage.records import chunks_of
from index.storage.schema import VECTOR
from index.storage.segments.kinds import kinds_of, packed_kinds
from index.storage.segments.lexical_changes import lexical_columns
from index.storage.segments.segment import COLUMNS, LEXICAL, body_key, files_in, lexical_text, packed
from index.storage.vectors import stores as vector_stores
from index.text.spelling import wording

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from index.storage.manifest import Manifest, Segment
    from index.storage.segments.change import Change
    from index.storage.store import Store

_RELEASED = 1000  # number of documents after which filled columns are released from memory
_NEEDED = frozenset({COLUMNS, LEXICAL})


def write(folder: Path, store: Store, change: Change, *, setting: str, earlier: Path | None = None) -> dict[str, str]:
    """
    Write the derived files of a segment into a new folder, and return their digests; nothing refers to it yet.

    Parameters
    ----------
    folder, store, change
        The new folder, the store of the segment, and what the segment changes.
    setting
        The setting that names the vector store, see `index.storage.vectors.stores`.
    earlier
        The derived files of a segment that this one replaces, None if there is none.

    """
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    fresh = Reading()
    _write_columns(folder, store, change, setting, earlier, fresh)
    files.write(folder / LEXICAL, lexical_columns(fresh, change))
    return _digests(folder)


def _write_columns(
    folder: Path, store: Store, change: Change, setting: str, earlier: Path | None, fresh: Reading
) -> None:
    """Write documents, passages and vectors, and add each new passage to ``fresh``."""
    rows = store.described()
    passages, dimension = store.sizes()
    abouts = [packed(*row[1:6]) for row in rows]
    kinds, kind_of = kinds_of((row[3], row[4]) for row in rows)
    packed_pairs = packed_kinds(kinds)
    count = len(rows)
    out = files.ColumnsWriter(
        folder / COLUMNS,
        {
            "document_ids": ("<i8", (count,)),
            "digests": ("u1", (count, 32)),
            "about": ("u1", (sum(map(len, abouts)),)),
            "about_starts": ("<i8", (count + 1,)),
            "path_keys": ("<u8", (count,)),
            "path_rows": ("<i4", (count,)),
            "first_passages": ("<i8", (count + 1,)),
            "bodies": ("<u8", (count,)),
            "noted": ("u1", (count,)),
            "kinds": ("u1", (len(packed_pairs),)),
            "kind_of": ("<i4", (count,)),
            "ids": ("<i8", (passages,)),
            "document_rows": ("<i4", (passages,)),
            "first_sentences": ("<i8", (passages + 1,)),
            "wordings": ("<u8", (passages,)),
            "removed": ("<i8", (len(store.removed()),)),
            "sentence_sums": ("<u4", (passages,)),
            "title_vectors": (VECTOR, (count, dimension)),
        },
    )
    out["about"][...] = np.frombuffer(b"".join(abouts), np.uint8)
    out["about_starts"][1:] = np.cumsum([len(one) for one in abouts]) if abouts else ()
    out["kinds"][...], out["kind_of"][...] = np.frombuffer(packed_pairs, np.uint8), kind_of
    keys = np.array([key(row[1]) for row in rows], dtype=np.uint64)
    order = np.argsort(keys, kind="stable")
    out["path_keys"][...], out["path_rows"][...] = keys[order], order
    out["removed"][...] = store.removed()
    passage = sentence = 0
    with files.scratch(folder, (passages, dimension)) as vectors:
        for number, row in enumerate(rows):
            record = store.record(row[0], vectors=True)
            if record is None:
                raise ValueError(f"{row[1]!r} is not as it was written")
            out["document_ids"][number] = record.id
            out["digests"][number] = np.frombuffer(bytes.fromhex(record.text_digest), np.uint8)
            out["bodies"][number] = body_key(record.document.text)
            out["noted"][number] = bool(not_read(record.document))
            out["title_vectors"][number] = np.frombuffer(record.title_vector, VECTOR)
            last = passage + len(record.chunks)
            vectors[passage:last] = record.rows(record.chunk_vectors)
            out["document_rows"][passage:last] = number
            for (id_, chunk), of_sentences in zip(chunks_of(record), record.sentence_vectors, strict=True):
                out["ids"][passage] = id_
                out["wordings"][passage] = key(wording(chunk.text))
                out["sentence_sums"][passage] = zlib.crc32(b"".join(of_sentences))
                sentence += len(chunk.sentences)
                passage += 1
                out["first_sentences"][passage] = sentence
                if record.id >= change.added:
                    fresh.add(id_, lexical_text(record.document.metadata.title, chunk.text))
            out["first_passages"][number + 1] = passage
            if number % _RELEASED == _RELEASED - 1:
                out.release()
                files.give_back(vectors)
        name = vector_stores.name_of(setting)
        before = None if earlier is None else vector_stores.place(earlier, name)
        vector_stores.store(setting).write(
            vector_stores.place(folder, name),
            out["ids"].tolist(),
            vectors,
            earlier=before if before is not None and before.exists() else None,
        )
    out.seal()


def problems(
    index_dir: Path, manifest: Manifest, store: str = "", is_checked: Callable[[Path], bool] = lambda _: False
) -> list[str]:
    """
    Return what is wrong with the derived files, one line each.

    Parameters
    ----------
    index_dir, manifest
        Folder and manifest of the index.
    store
        The vector store that must have written the vectors; empty to accept any.
    is_checked
        Tells whether a file has been checked and need not be read again.

    """
    parts = ((index_dir / segment.derived, segment) for segment in manifest.segments)
    return [line for folder, segment in parts for line in _problems(folder, segment, store, is_checked)]


def _problems(folder: Path, segment: Segment, store: str, is_checked: Callable[[Path], bool]) -> list[str]:
    try:
        if folder.is_symlink() or not folder.is_dir():
            return [f"The index folder {folder} is missing."]
        found = {
            name: segment.digests[name] if name in segment.digests and is_checked(file) else files.digest(file)
            for file in files_in(folder)
            for name in [file.relative_to(folder).as_posix()]
        }
    except OSError as error:
        return [f"The index folder {folder} cannot be read ({error.strerror or error})."]
    wrong: list[str] = []
    for name in sorted(segment.digests.keys() | _NEEDED | found.keys()):
        if name not in found:
            wrong.append(f"The index file {folder / name} is missing.")
        elif name not in segment.digests:
            wrong.append(f"The index file {folder / name} is not one that was written.")
        elif found[name] != segment.digests[name]:
            wrong.append(f"The index file {folder / name} has changed since it was written.")
    if not wrong:
        for name in segment.digests:
            with suppress(OSError):  # the folder may be read-only
                doubt_of(folder / name).unlink(missing_ok=True)
    by = vector_stores.written_by(segment.digests)
    if not by:
        wrong.append(f"The index folder {folder} has no vectors.")
    elif store and by != vector_stores.name_of(store):
        wrong.append(f"The vectors in {folder} are kept by {by}, not by {vector_stores.name_of(store)}.")
    elif not wrong and (gone := vector_stores.missing(folder, segment.digests, store)):
        wrong.append(gone)
    return wrong


def _digests(folder: Path) -> dict[str, str]:
    return {file.relative_to(folder).as_posix(): files.digest(file) for file in files_in(folder)}
