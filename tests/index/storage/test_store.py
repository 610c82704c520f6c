from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.errors import IndexDamagedError
from index.storage.store import Store
from index.types import Chunk, Document, Metadata, Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXT = "Erster Satz. Zweiter 🐉 Satz.\r\nDritter."
SPANS = (Span(0, 12), Span(13, 28))


def document(path: str = "a.md") -> Document:
    return Document(path, TEXT, Metadata("Titel", "IT-Markt", "2025-05-08", "de"), "0" * 64, "cp1252")


def chunks(path: str = "a.md") -> list[Chunk]:
    return [
        Chunk(path, 0, 28, TEXT[0:28], ("Oben", "Ünten"), SPANS),
        Chunk(path, 30, 38, TEXT[30:38], (), (Span(30, 38),)),
    ]


def add(store: Store, path: str = "a.md") -> None:
    with store.transaction():
        vectors = np.eye(4, dtype=np.float32)
        store.add(document(path), chunks(path), vectors[:2], vectors[:3], vectors[3])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "s.sqlite", embedding="e", pipeline="p") as made:
        yield made


def test_what_was_added_is_read_back_by_another_connection(store: Store, tmp_path: Path) -> None:
    add(store)
    with Store(tmp_path / "s.sqlite") as other:
        snapshot = other.snapshot()
    assert snapshot.documents == {"a.md": document()}
    assert [stored.chunk for stored in snapshot.chunks] == chunks()
    assert [stored.first_sentence for stored in snapshot.chunks] == [0, 2]
    assert snapshot.chunk_vectors.tolist() == np.eye(4)[:2].tolist()
    assert snapshot.sentence_vectors.tolist() == np.eye(4)[:3].tolist()
    assert snapshot.title_vectors.tolist() == np.eye(4)[3:].tolist()


def test_ids_are_never_used_again(store: Store) -> None:
    add(store)
    first = {stored.id for stored in store.snapshot().chunks}
    store.remove("a.md")
    add(store)
    assert first.isdisjoint(stored.id for stored in store.snapshot().chunks)


def test_removing_a_document_removes_its_passages_and_sentences_only(store: Store) -> None:
    add(store, "a.md")
    add(store, "b.md")
    store.remove("a.md")
    snapshot = store.snapshot()
    assert set(snapshot.documents) == {stored.chunk.path for stored in snapshot.chunks} == {"b.md"}
    assert len(snapshot.sentence_vectors) == 3
    assert [stored.first_sentence for stored in snapshot.chunks] == [0, 2]


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.transaction():  # noqa: PT012
        vectors = np.eye(4, dtype=np.float32)
        store.add(document(), chunks(), vectors[:2], vectors[:3], vectors[3])
        store.advance()
        _ = 1 / 0
    assert store.known() == {}
    assert store.generation == 0


def test_a_document_with_fewer_vectors_than_passages_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="zip"), store.transaction():
        store.add(
            document(),
            chunks(),
            np.eye(4, dtype=np.float32)[:1],
            np.eye(4, dtype=np.float32)[:3],
            np.zeros(4, dtype=np.float32),
        )
    assert store.known() == {}


def test_a_document_with_fewer_vectors_than_sentences_is_refused(store: Store) -> None:
    vectors = np.eye(4, dtype=np.float32)
    with pytest.raises(ValueError, match="2 vectors of 3 sentences"), store.transaction():
        store.add(document(), chunks(), vectors[:2], vectors[:2], vectors[3])
    assert store.known() == {}


def test_vectors_are_kept_in_half_precision_and_come_back_the_same_however_often(store: Store, tmp_path: Path) -> None:
    chance = np.random.default_rng(4)
    vectors = chance.standard_normal((6, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with store.transaction():
        store.add(document(), chunks(), vectors[:2], vectors[2:5], vectors[5])
    kept = store.snapshot()
    np.testing.assert_allclose(kept.chunk_vectors @ vectors.T, vectors[:2] @ vectors.T, atol=2e-4)
    with Store.create(tmp_path / "again.sqlite", embedding="e", pipeline="p") as again, again.transaction():
        again.add(document(), chunks(), kept.chunk_vectors, kept.sentence_vectors, kept.title_vectors[0])
        for name in ("chunk_vectors", "sentence_vectors", "title_vectors"):
            assert np.array_equal(getattr(again.snapshot(), name), getattr(kept, name))


def test_generations_count_up(store: Store) -> None:
    assert [store.generation, store.advance(), store.advance(), store.generation] == [0, 1, 2, 2]


def test_an_empty_store_has_an_empty_snapshot(store: Store) -> None:
    snapshot = store.snapshot()
    assert (snapshot.documents, snapshot.chunks, len(snapshot.sentence_vectors)) == ({}, (), 0)


@pytest.mark.parametrize("content", [b"no database at all" * 100, b""], ids=["garbage", "empty"])
def test_a_file_that_is_no_store_is_damaged(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "s.sqlite"
    file.write_bytes(content)
    with pytest.raises(IndexDamagedError, match="rag index") as caught:
        Store(file)
    assert "\n" not in str(caught.value)


def test_what_is_only_read_is_neither_locked_nor_written_beside(store: Store, tmp_path: Path) -> None:
    add(store)
    with sqlite3.connect(tmp_path / "s.sqlite", isolation_level=None) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with Store(tmp_path / "s.sqlite") as other:
            assert other.snapshot().documents == {"a.md": document()}
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                other.advance()
    writer.close()


def test_a_rollback_that_is_no_longer_needed_does_not_hide_what_went_wrong(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="disk is full"), store.transaction():  # noqa: PT012
        store._connection.execute("ROLLBACK")  # SQLite does this itself when the disk is full
        raise sqlite3.OperationalError("database or disk is full")


CHANGES = [
    "UPDATE documents SET text = replace(text, 'Erster', 'Letzter')",
    "UPDATE documents SET title = 'Titex'",
    "UPDATE documents SET id = 7",
    "UPDATE documents SET text = x'00ff'",
    "UPDATE documents SET text_digest = 5",
    "UPDATE chunks SET start = 1 WHERE id = 1",
    "UPDATE chunks SET \"end\" = 'x' WHERE id = 1",
    "UPDATE chunks SET id = 9 WHERE id = 1",
    "UPDATE chunks SET document_id = 4",
    "UPDATE chunks SET sentences = '[[0, 12]]' WHERE id = 1",
    "UPDATE chunks SET sentences = '[[0, 12], [13, 27]]' WHERE id = 1",
    "UPDATE chunks SET sentences = 5 WHERE id = 2",
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("vectors", [True, False])
def test_what_is_not_as_it_was_written_is_noticed(store: Store, tmp_path: Path, change: str, vectors: bool) -> None:
    add(store)
    connection = sqlite3.connect(tmp_path / "s.sqlite", isolation_level=None)
    assert connection.execute(change).rowcount
    connection.close()
    with pytest.raises(IndexDamagedError, match="rag index") as caught:
        store.snapshot(vectors=vectors)
    assert "\n" not in str(caught.value)


def test_the_root_tells_what_no_document_does(store: Store, tmp_path: Path) -> None:
    add(store)
    roots = [store.snapshot().root]
    for change in (
        "UPDATE sqlite_sequence SET seq = seq - 1 WHERE name = 'chunks'",
        "UPDATE meta SET value = 'x' WHERE key = 'embedding'",
        "CREATE TABLE other (x)",
        "UPDATE documents SET vector_digest = 'x'",
    ):
        with sqlite3.connect(tmp_path / "s.sqlite") as connection:
            connection.execute(change)
        connection.close()
        roots.append(store.snapshot(vectors=False).root)
    assert len(set(roots)) == 5


@pytest.mark.parametrize(
    "change",
    ["UPDATE chunks SET vector = x'00' WHERE id = 1", "UPDATE chunks SET headings = '{'", "DROP TABLE chunks"],
)
def test_a_store_with_impossible_content_is_damaged(store: Store, tmp_path: Path, change: str) -> None:
    add(store)
    with sqlite3.connect(tmp_path / "s.sqlite") as connection:
        connection.execute(change)
    connection.close()
    with pytest.raises(IndexDamagedError, match="rag index") as caught:
        store.snapshot()
    assert "\n" not in str(caught.value)


def test_a_store_that_a_writer_removes_while_it_is_opened_can_be_read(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.close()
    connect = sqlite3.connect

    def connect_and_remove(*args: object, **kwargs: object) -> sqlite3.Connection:
        connection = connect(*args, **kwargs)  # type: ignore[arg-type, call-overload]
        connection.execute("SELECT count(*) FROM meta").fetchone()
        (tmp_path / "s.sqlite").unlink()
        return connection

    monkeypatch.setattr("index.storage.store.sqlite3.connect", connect_and_remove)
    with Store(tmp_path / "s.sqlite") as opened:
        assert opened.snapshot().documents == {}
