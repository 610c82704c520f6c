"""
The SQLite store: an index's single source of truth. All other files are derived from it.

A store is written once: a change is made in a copy (see `index.syncing.building`), which replaces the old one
when it is complete. Each document is protected by two digests (see `index.storage.records`), and all of these by the
root digest in the manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Self

from index.errors import IndexDamagedError
from index.storage.failures import MEND, damaged, unreadable
from index.storage.records import Record, StoredChunk, document_of, gather, record_of, scan
from index.storage.schema import (
    ABSORB,
    DIGESTS,
    EARLIER,
    FORMAT,
    INSERT_CHUNK,
    INSERT_DOCUMENT,
    SCHEMA,
    SIZES,
)
from index.storage.snapshots import Snapshot, snapshot_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from index.types import Chunk, Document


class Store:
    """
    One connection to the store; threads use it in turn.

    Parameters
    ----------
    file
        The database file. `create` makes a new one.
    writable
        Whether to open it for writing, allowed only while nobody else knows of the file. Otherwise it is only read,
        and no lock or other file is made beside it.
    expected
        Its size in bytes, if that is known.

    Raises
    ------
    IndexDamagedError
        The file is not a store.

    """

    def __init__(self, file: Path, *, writable: bool = False, expected: int | None = None) -> None:
        self._file = file
        try:
            with file.open("rb") as stream:  # measured here: a writer may remove an earlier generation at any time
                size = os.fstat(stream.fileno()).st_size
        except FileNotFoundError as error:
            raise IndexDamagedError(f"The index file {file} is missing.", hint=MEND) from error
        except OSError as error:
            raise unreadable(file, error) from error
        if expected is not None and size != expected:
            raise damaged(file, "it has another size than when it was written")
        mode = "mode=rw" if writable else "mode=ro&immutable=1"
        with self._checked():
            self._connection = sqlite3.connect(
                f"{file.resolve().as_uri()}?{mode}", uri=True, isolation_level=None, check_same_thread=False
            )
        try:
            # A damaged length must not lead to a row of gigabytes.
            largest = min(2**30, size + 2**28 if writable else size)
            self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, largest)
            with self._checked():
                self._connection.execute("PRAGMA cell_size_check = ON")
                if writable:
                    self._connection.execute("PRAGMA foreign_keys = ON")
                    self._connection.execute("PRAGMA synchronous = FULL")
                    self._connection.execute("PRAGMA secure_delete = ON")
                self._earlier = self.meta("format") in EARLIER
        except BaseException:
            self.close()
            raise

    @classmethod
    def create(
        cls,
        file: Path,
        *,
        embedding: str,
        pipeline: str,
        generation: int = 0,
        last_ids: Mapping[str, int] | None = None,
    ) -> Store:
        """
        Make an empty store.

        Parameters
        ----------
        file, embedding, pipeline, generation
            Path of the file, and what the store records about itself: fingerprint of the embedding model, identifier of
            the pipeline from files to passages, number of the generation.
        last_ids
            The last id given so far in each table, by table name.

        """
        connection = sqlite3.connect(file, isolation_level=None)
        try:
            connection.executescript("BEGIN;" + SCHEMA)
            meta = {"format": str(FORMAT), "embedding": embedding, "pipeline": pipeline, "generation": str(generation)}
            connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
            connection.executemany("INSERT INTO sqlite_sequence VALUES (?, ?)", (last_ids or {}).items())
            connection.execute("COMMIT")
        finally:
            connection.close()
        return cls(file, writable=True)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all changes inside the block visible together, or not at all."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            # On a full disk SQLite has rolled back already; a failure here must not hide the original error.
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def meta(self, key: str) -> str:
        """Return a value of the meta table, empty if there is none."""
        with self._checked():
            row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    @property
    def generation(self) -> int:
        """The generation: the number of changes made so far."""
        with self._checked():
            return int(self.meta("generation") or 0)

    def advance(self, *, to: int | None = None) -> int:
        """Start the next generation, or a given later one, and return its number."""
        following = self.generation + 1 if to is None else to
        self._connection.execute("UPDATE meta SET value = ? WHERE key = 'generation'", (str(following),))
        return following

    def extracted(self) -> dict[str, Document]:
        """Return the documents whose text was extracted from their files, by file digest; none is checked."""
        columns = "path, text, sha256, encoding, title, source, date, language, pages, blocks, about"
        with self._checked():
            rows = self._connection.execute(
                f"SELECT {columns} FROM documents WHERE encoding NOT IN ('utf-8', 'utf-16', 'cp1252') ORDER BY id"  # noqa: S608
            )
            return {document.sha256: document for document in (document_of(row) for row in rows)}

    def document_of_file(self, sha256: str) -> Document | None:
        """Return a document by the SHA-256 of its file, if its text and metadata agree with their digest."""
        with self._checked():
            row = self._connection.execute("SELECT min(id) FROM documents WHERE sha256 = ?", (sha256,)).fetchone()
            found = self._gather(vectors=False, only=row[0])[0] if row[0] is not None else []
            return next((record.document for record in found if not record.problem(vectors=False)), None)

    def known(self, *, tolerant: bool = False) -> dict[int, tuple[str, str, str]]:
        """Return path, SHA-256 of the file and title of each document, by id; none is checked (see `records`)."""
        statement = "SELECT id, path, sha256, title FROM documents ORDER BY id"
        with self._checked():
            return {row[0]: row[1:] for row in scan(self._connection, statement, tolerant=tolerant)}

    def texts(self) -> Iterator[str]:
        """Yield the texts of the documents in order of ids, one at a time; none is checked."""
        with self._checked():
            yield from (row[0] for row in self._connection.execute("SELECT text FROM documents ORDER BY id"))

    def passage_counts(self) -> dict[int, int]:
        """Return the number of passages of each document that has any, by document id; none is checked."""
        with self._checked():
            return dict(self._connection.execute("SELECT document_id, count(*) FROM chunks GROUP BY document_id"))

    def passage_vectors(self, first: int, last: int) -> list[tuple[int, bytes]]:
        """Return id and vector of the passages whose ids are in an inclusive range; none is checked."""
        query = "SELECT id, vector FROM chunks WHERE id BETWEEN ? AND ? ORDER BY id"
        with self._checked():
            return self._connection.execute(query, (first, last)).fetchall()

    def sentence_vectors(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return the vectors of the sentences of some passages, by passage id; none is checked."""
        query = f"SELECT id, sentence_vectors FROM chunks WHERE id IN ({','.join(str(int(id_)) for id_ in ids)})"  # noqa: S608
        with self._checked():
            return dict(self._connection.execute(query))

    def first_id(self) -> int:
        """Return the lowest document id; if there are no documents, the highest number an id could have."""
        with self._checked():
            row = self._connection.execute("SELECT coalesce(min(id), 9223372036854775807) FROM documents").fetchone()
            return int(row[0])

    def root(self) -> str:
        """Return the digest of the digests of all documents and of what else the store holds."""
        with self._checked():
            return self._root([(row[0], row[1], row[2]) for row in self._connection.execute(DIGESTS)])

    def count(self) -> tuple[int, int]:
        """Return the numbers of documents and chunks; none is checked."""
        with self._checked():
            counts = "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM chunks)"
            return tuple(self._connection.execute(counts).fetchone())

    def add(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        chunk_vectors: NDArray[np.float32],
        sentence_vectors: NDArray[np.float32],
        title_vector: NDArray[np.float32],
    ) -> None:
        """Add a document with its chunks and the vectors of its title, its chunks and all their sentences in order."""
        last = self.last_ids()
        ids = last.get("documents", 0) + 1, last.get("chunks", 0) + 1
        made = record_of(document, chunks, (chunk_vectors, sentence_vectors, title_vector), ids)
        digests = made.digest_of_text(), made.digest_of_vectors()
        self._connection.execute(INSERT_DOCUMENT, (*made.row, *digests, made.title_vector))
        self._connection.executemany(INSERT_CHUNK, made.chunk_rows())

    def remove(self, path: str) -> None:
        """Remove a document with its chunks and sentences."""
        self._connection.execute("DELETE FROM documents WHERE path = ?", (path,))

    def last_ids(self) -> dict[str, int]:
        """Return the last id given in each table, by table name."""
        with self._checked():
            return dict(self._connection.execute("SELECT name, seq FROM sqlite_sequence ORDER BY name").fetchall())

    def absorb(self, file: Path, without: Iterable[int]) -> None:
        """Take over the documents of an earlier segment, with their ids, except some that no longer count."""
        run = self._connection.execute
        run("ATTACH ? AS earlier", (f"{file.resolve().as_uri()}?mode=ro&immutable=1",))
        run("CREATE TEMP TABLE gone (id INTEGER PRIMARY KEY)")
        try:
            with self.transaction():
                self._connection.executemany("INSERT INTO temp.gone VALUES (?)", ((int(id_),) for id_ in without))
                for statement in ABSORB:
                    run(statement)
        finally:
            run("DROP TABLE temp.gone")
            run("DETACH earlier")

    def forget(self, ids: Iterable[int], *, before: int) -> None:
        """Record that documents no longer count, but only those of earlier segments, whose ids are below ``before``."""
        self._connection.executemany("INSERT OR IGNORE INTO removed VALUES (?)", ((int(id_),) for id_ in ids))
        self._connection.execute("DELETE FROM removed WHERE document_id >= ?", (before,))

    def removed(self) -> list[int]:
        """Return the ids of documents of earlier segments that no longer count, ascending."""
        with self._checked():
            return [row[0] for row in self._connection.execute("SELECT document_id FROM removed ORDER BY document_id")]

    def described(self) -> list[tuple[int, str, str, str, str, str, str]]:
        """Return id, path, title, source, date, language and text digest of each document, in order of ids."""
        columns = "id, path, title, source, date, language, text_digest"
        with self._checked():
            return self._connection.execute(f"SELECT {columns} FROM documents ORDER BY id").fetchall()  # noqa: S608

    def sizes(self) -> tuple[int, int]:
        """Return the number of passages, and the dimension of the vectors (0 if there are none)."""
        with self._checked():
            return tuple(self._connection.execute(SIZES).fetchone())

    def record(self, id_: int, *, vectors: bool = False) -> Record | None:
        """Return a document after checking it against its digests; None if there is none with this id."""
        with self._checked():
            found = self._gather(vectors=vectors, only=id_)[0]
            for record in found:
                if problem := record.problem(vectors=vectors):
                    raise ValueError(problem)
            return found[0] if found else None

    def records(self, *, vectors: bool) -> list[Record]:
        """
        Read all documents, checked or not, in order of their ids.

        Parameters
        ----------
        vectors
            Whether vectors are read, too.

        Returns
        -------
        What could be read; from a damaged store perhaps not all. `Record.problem` tells whether a record is damaged.

        """
        return self._gather(vectors=vectors, tolerant=True)[0]

    def snapshot(self, *, vectors: bool = True) -> Snapshot:
        """
        Read everything and compare it with its digests.

        Parameters
        ----------
        vectors
            Whether vectors are read, too.

        Raises
        ------
        IndexDamagedError
            Something has changed since it was written; the message names the document.

        """
        with self._checked():
            records, strays = self._gather(vectors=vectors)
            if strays:
                raise ValueError("passages of no document")
            for record in records:
                if problem := record.problem(vectors=vectors):
                    raise ValueError(problem)
            digests = [(record.id, record.text_digest, record.vector_digest) for record in records]
            return snapshot_of(records, self.generation, self._root(digests))

    def integrity(self) -> list[str]:
        """Return what SQLite itself finds wrong with the file, one line each."""
        with self._checked():
            found = [str(row[0]) for row in self._connection.execute("PRAGMA integrity_check(20)")]
        return [" ".join(line.split()) for line in found if line != "ok"]

    def _gather(self, *, vectors: bool, only: int | None = None, tolerant: bool = False) -> tuple[list[Record], int]:
        return gather(self._connection, vectors=vectors, only=only, tolerant=tolerant, earlier=self._earlier)

    def _root(self, digests: list[tuple[int, str, str]]) -> str:
        read = self._connection.execute
        parts: list[Any] = [
            read("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall(),
            read("SELECT key, value FROM meta ORDER BY key").fetchall(),
            read("SELECT name, seq FROM sqlite_sequence ORDER BY name").fetchall(),
            read("SELECT document_id FROM removed ORDER BY document_id").fetchall(),
            digests,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @contextmanager
    def _checked(self) -> Iterator[None]:
        """Turn errors raised by SQLite or by the conversion of its rows into one-line errors."""
        try:
            yield
        except (sqlite3.DatabaseError, ValueError, TypeError, KeyError, OverflowError) as error:
            raise damaged(self._file, str(error)) from error


__all__ = ["Snapshot", "Store", "StoredChunk"]
