"""Helpers that the tests of syncing share."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.storage import manifest
from index.storage.reader import Index
from index.storage.records import Record
from index.storage.store import Store

if TYPE_CHECKING:
    import pytest


def counts(report: Any) -> tuple[int, ...]:
    return report.added, report.changed, report.renamed, report.removed, report.unchanged


def opened(index_dir: Path) -> Index:
    return Index.open(index_dir, embedding="hash-1")


def one_line(caught: pytest.ExceptionInfo[BaseException]) -> str:
    message = str(caught.value)
    assert message
    assert "\n" not in message
    return message


def current(index_dir: Path) -> manifest.Manifest:
    found = manifest.read(index_dir)
    assert found is not None
    return found


def store_of(index_dir: Path) -> Path:
    """Return the store of the latest segment."""
    return index_dir / current(index_dir).segments[-1].store


def derived_of(index_dir: Path) -> Path:
    """Return the folder of files derived from the store of the latest segment."""
    return index_dir / current(index_dir).segments[-1].derived


def alter(index_dir: Path, *statements: str) -> None:
    """Change the published store without updating its digests."""
    connection = sqlite3.connect(store_of(index_dir))
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


_EARLIER_TABLES = """
DROP TABLE chunks;
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, document_id INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    headings TEXT NOT NULL, vector BLOB NOT NULL
);
CREATE TABLE sentences (
    id INTEGER PRIMARY KEY AUTOINCREMENT, chunk_id INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    vector BLOB NOT NULL
);
"""


def as_format_5(file: Path) -> None:
    """Convert a store to the earlier format 5: a table of sentences, and vectors in single precision."""
    with Store(file) as store:
        records = store.records(vectors=True)
    connection = sqlite3.connect(file)
    connection.executescript(_EARLIER_TABLES)
    connection.execute("UPDATE meta SET value = '5' WHERE key = 'format'")
    for one in records:
        spans = tuple(tuple(map(tuple, json.loads(str(of)))) for of in one.sentences)
        of_sentences = tuple(tuple(row.tobytes() for row in one.rows(of)) for of in one.sentence_vectors)
        (title,) = one.rows([one.title_vector])
        passages = tuple(row.tobytes() for row in one.rows(one.chunk_vectors))
        old = Record(one.row, one.chunks, spans, "", "", title.tobytes(), passages, of_sentences, "<f4")
        connection.execute(
            "UPDATE documents SET title_vector = ?, text_digest = ?, vector_digest = ? WHERE id = ?",
            (old.title_vector, old.digest_of_text(), old.digest_of_vectors(), old.id),
        )
        for chunk, vector, of, vectors in zip(old.chunks, passages, spans, of_sentences, strict=True):
            row = (chunk[0], old.id, *chunk[1:], vector)
            connection.execute("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?)", row)
            for span, blob in zip(of, vectors, strict=True):
                connection.execute("INSERT INTO sentences VALUES (NULL, ?, ?, ?, ?)", (chunk[0], *span, blob))
    connection.commit()
    connection.close()


def reseal(index_dir: Path, **changes: Any) -> None:
    """Publish a changed manifest with a correct digest. Fields of a segment are changed in the latest one."""
    found = current(index_dir)
    of_segment = {name: changes.pop(name) for name in ("root", "digests") if name in changes}
    latest = replace(found.segments[-1], **of_segment)
    manifest.publish(index_dir, replace(found, segments=(*found.segments[:-1], latest), **changes).sealed())


def state(index_dir: Path) -> dict[str, Any]:
    """Return everything that answers depend on, without ids, generation and storage order."""
    index = opened(index_dir)
    rows = {id_: row for row, id_ in enumerate(index.chunks)}
    scored = {word: index.lexical.scores(word) for word in WORDS}
    passages = {}
    for path, ids in index.passages.items():
        for id_ in ids:
            chunk = index.chunks[id_].chunk
            scores = tuple(round(float(scored[word][rows[id_]]), 6) for word in WORDS)
            vector = index.vectors.rows([id_])[0].tobytes()
            passages[path, chunk.start] = (chunk, vector, index.sentence_rows(id_).tobytes(), scores)
    titles = {path: vector.tobytes() for path, vector in index.title_vectors.items()}
    terms = tuple(round(index.lexical.weight(word), 6) for word in WORDS)
    return {
        "fingerprint": index.fingerprint,
        "documents": dict(index.documents),
        "passages": passages,
        "titles": titles,
        "floor": round(index.cosine_floor, 6),
        "terms": terms,
        "compounds": tuple(index.lexical.split_compound(word) for word in WORDS),
    }


WORDS = "cambricon milliarden yuan ascend beschleuniger nvidia dollar dachse chiphersteller schanghai 910c".split()
