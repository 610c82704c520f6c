"""Milvus as a server that is down, slow, outdated or emptied: what is kept, and what is reported."""

from __future__ import annotations

import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from index.errors import RagError, StoreUnavailableError
from index.storage.reader import Index
from index.storage.vectors import milvus, milvus_server
from index.storage.vectors.milvus import MilvusStore, Place
from index.storage.vectors.milvus_server import Address
from index.syncing.sync import remove_index, sync
from rag import RAG, Settings
from tests.milvus_lite_server import free_port, needs_milvus, running
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.milvus_lite_server import Running


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("milvus")) as made:
        yield made


@pytest.fixture
def server(one: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """Yield a running and empty Milvus server that is asked again immediately after a failure."""
    monkeypatch.setattr(milvus_server, "REST_SECONDS", 0.0)
    milvus_server.server.cache_clear()
    for name in one.collections():
        one.database.drop_collection(name)
    yield one
    if one.server is None:
        one.start()


def unit(rows: int, dimension: int = 8, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("setting", "uri", "database", "seconds"),
    [
        ("milvus://host", "http://host:19530", "", 5.0),
        ("milvus://host:1/news?tls=1&timeout=2.5", "https://host:1", "news", 2.5),
        ("milvus://[::1]:7", "http://[::1]:7", "", 5.0),
        ("milvus:///srv/index/vectors.db", "/srv/index/vectors.db", "", 5.0),
    ],
)
def test_an_address_is_read(setting: str, uri: str, database: str, seconds: float) -> None:
    assert Address.read(setting) == Address(uri, database, seconds, setting)


@pytest.mark.parametrize(
    "setting",
    [
        "milvus://",
        "milvus://h:x",
        "milvus://h/a/b",
        "milvus://h?tls=maybe",
        "milvus://h?secret=geheim",
        "milvus://h?timeout=0",
        "milvus:///folder/file.txt",
    ],
)
def test_an_address_that_cannot_be_read_is_said_without_repeating_it(setting: str) -> None:
    with pytest.raises(RagError, match=r"RAG_STORE is not a valid Milvus address\. Its form is") as caught:
        Address.read(setting)
    assert "geheim" not in str(caught.value)


def test_a_password_belongs_into_a_variable() -> None:
    with pytest.raises(RagError, match="RAG_STORE_TOKEN") as caught:
        Address.read("milvus://leser:geheim@host")
    assert "geheim" not in str(caught.value)


def test_a_name_alone_names_no_server() -> None:
    with pytest.raises(RagError, match="RAG_STORE=milvus does not name a server"):
        MilvusStore("milvus").reach()


@needs_milvus
def test_long_filters_and_more_hits_than_milvus_gives_at_once(
    server: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus, "MOST_NAMED", 7)
    monkeypatch.setattr(milvus, "MOST_HITS", 20)
    vectors, query = unit(60), unit(1, seed=1)[0]
    store = MilvusStore(server.setting)
    store.write(tmp_path / "place", range(100, 160), vectors)
    kept = store.open(tmp_path / "place")
    order = (100 + np.argsort(-(vectors @ query), kind="stable")).tolist()
    assert [id_ for id_, _ in kept.search(query, 50)] == order[:50]
    for among in (order[::2], order[:41], order[20:33], order[::-1]):
        for k in (1, 5, 50):
            assert [id_ for id_, _ in kept.search(query, k, among=sorted(among))] == [
                id_ for id_ in order if id_ in among
            ][:k]
    assert kept.rows(order).tolist() == vectors[[id_ - 100 for id_ in order]].tolist()
    with pytest.raises(KeyError, match="no vector: 7"):
        kept.rows([100, 7])


@needs_milvus
def test_many_vectors_are_searched_by_a_graph(server: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milvus, "MOST_EXACT", 1000)
    vectors, queries = unit(1500, 16), unit(20, 16, seed=1)
    store = MilvusStore(server.setting)
    store.write(tmp_path / "place", range(1500), vectors)
    kept = store.open(tmp_path / "place")
    found = [{id_ for id_, _ in kept.search(query, 10)} for query in queries]
    exactly = [set(np.argsort(-(vectors @ query))[:10].tolist()) for query in queries]
    assert np.mean([len(a & b) / 10 for a, b in zip(found, exactly, strict=True)]) >= 0.97
    name = Place.read(tmp_path / "place").collection
    described = store._server().call(lambda client, seconds: client.describe_index(name, "vector", timeout=seconds))
    assert described["index_type"] == "HNSW"


def build(corpus: Path, index_dir: Path, embedder: HashingEmbedder, setting: str) -> Index:
    sync(corpus, index_dir, embedder, store=setting)
    return Index.open(index_dir, embedding=embedder.fingerprint, store=setting)


@needs_milvus
def test_while_it_is_gone_questions_are_answered_and_it_is_said_once(
    server: Running, corpus: Path, index_dir: Path, embedder: HashingEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    setting = f"{server.setting}?timeout=0.5"
    index = build(corpus, index_dir, embedder, setting)
    vector, ids = embedder.embed_query("Nvidia H20"), list(index.chunks)
    before = index.vectors.search(vector, 3)
    server.stop()
    for opened in (index, Index.open(index_dir, embedding=embedder.fingerprint, store=setting)):
        assert opened.vectors.search(vector, 3) == [(id_, pytest.approx(score)) for id_, score in before]
        assert opened.vectors.search(vector, 3, among=ids[:1]) == [(ids[0], pytest.approx(dict(before)[ids[0]]))]
        assert opened.vectors.rows(ids[::-1]).shape == (len(ids), len(vector))
    # A sync without changes needs no Milvus. A sync with changes reports the problem before it embeds anything.
    assert sync(corpus, index_dir, embedder, store=setting).unchanged == 3
    (corpus / "neu.md").write_text("# Neu\n\nEine Meldung über Dachse im Wald.\n", encoding="utf-8")
    embedder.passages.clear()
    with pytest.raises(StoreUnavailableError, match=rf"Milvus at {server.setting} d.*\. Start it"):
        sync(corpus, index_dir, embedder, store=setting)
    assert embedder.passages == []
    said = [line.getMessage() for line in caplog.records if line.levelno >= logging.WARNING]
    assert len(said) == 1
    assert "Until it answers, the index searches its own vectors" in said[0]
    server.start()
    for _ in range(40):
        assert index.vectors.search(vector, 3) == before
        if caplog.records[-1].getMessage() == "The vector store answers again.":
            break
    else:
        pytest.fail("it was not asked again")
    assert "neu.md" in build(corpus, index_dir, embedder, setting).documents


@needs_milvus
def test_articles_are_opened_with_the_index_as_it_was_while_it_is_gone(
    server: Running, corpus: Path, index_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Small(RAG):
        def __init__(self, settings: Settings) -> None:
            super().__init__(settings, embedder=HashingEmbedder(), engine=ScriptedEngine("x"))

    how = {"index": index_dir, "store": f"{server.setting}?timeout=0.5"}
    assert len(Small.open(corpus, **how).search("Nvidia H20")) == 3
    server.stop()
    (corpus / "neu.md").write_text("# Neu\n\nEine Meldung über Dachse im Wald.\n", encoding="utf-8")
    assert len(Small.open(corpus, **how).search("Nvidia H20")) == 3
    assert "The index is asked as it was." in caplog.text
    with pytest.raises(StoreUnavailableError):
        Small.open(corpus, **how | {"index": index_dir.with_name("none")})


@needs_milvus
def test_what_was_embedded_is_kept_where_it_goes_in_mid_write(
    server: Running, corpus: Path, index_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = build(corpus, index_dir, embedder, server.setting)
    (corpus / "neu.md").write_text("# Neu\n\nEine Meldung über Dachse im Wald.\n", encoding="utf-8")

    def break_off(*_: Any, **__: Any) -> None:
        raise StoreUnavailableError("Milvus broke off.")

    monkeypatch.setattr(milvus, "_count", break_off)
    with pytest.raises(StoreUnavailableError, match="broke off"):
        sync(corpus, index_dir, embedder, store=server.setting)
    monkeypatch.undo()
    assert Index.open(index_dir, embedding=embedder.fingerprint, store=server.setting).generation == old.generation
    embedder.passages.clear()
    new = build(corpus, index_dir, embedder, server.setting)
    assert "neu.md" in new.documents
    assert embedder.passages == []
    assert len(server.collections()) == 1  # the partly written collection is gone


@needs_milvus
def test_a_milvus_that_was_emptied_is_filled_again_by_the_next_sync(
    server: Running, corpus: Path, index_dir: Path, embedder: HashingEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    before = build(corpus, index_dir, embedder, server.setting)
    vector = embedder.embed_query("Nvidia H20")
    found = before.vectors.search(vector, 3)
    server.database.drop_collection(server.collections()[0])
    embedder.passages.clear()
    opened = Index.open(index_dir, embedding=embedder.fingerprint, store=server.setting)
    assert [id_ for id_, _ in opened.vectors.search(vector, 3)] == [id_ for id_, _ in found]
    assert "no longer has the vectors. Your articles are untouched" in caplog.text
    new = build(corpus, index_dir, embedder, server.setting)
    assert new.vectors.search(vector, 3) == found
    assert len(server.collections()) == 1
    assert embedder.passages == []


@needs_milvus
def test_two_indexes_in_one_milvus_do_not_meet(
    server: Running, corpus: Path, tmp_path: Path, embedder: HashingEmbedder
) -> None:
    first = build(corpus, tmp_path / "first", embedder, server.setting)
    (corpus / "nvidia.txt").unlink()
    second = build(corpus, tmp_path / "second", embedder, server.setting)
    assert (first.vectors.size, second.vectors.size) == (3, 2)
    assert len(server.collections()) == 2
    remove_index(tmp_path / "second")  # finds the server by the address in the index's folder
    assert len(server.collections()) == 1
    assert len(first.vectors.search(embedder.embed_query("Nvidia"), 9)) == 3


@needs_milvus
def test_the_token_is_sent_and_written_nowhere(
    server: Running, corpus: Path, index_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_STORE_TOKEN", "leser:geheimnis")
    build(corpus, index_dir, embedder, server.setting)
    files = [file for file in index_dir.rglob("*") if file.is_file()]
    assert files
    assert not [file for file in files if b"geheimnis" in file.read_bytes()]


@needs_milvus
def test_one_that_is_too_old_is_named(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    import pymilvus

    monkeypatch.setattr(pymilvus.MilvusClient, "get_server_version", lambda *_, **__: "v2.2.9")
    with pytest.raises(StoreUnavailableError, match=r"is version v2\.2\.9; 2\.5 or later is needed"):
        MilvusStore(server.setting).reach()


@needs_milvus
def test_one_that_never_answers_is_not_waited_for_twice() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = MilvusStore(f"milvus://127.0.0.1:{silent.getsockname()[1]}?timeout=0.3")

        def ask(_: int) -> str:
            with pytest.raises(StoreUnavailableError) as caught:
                store.reach()
            return str(caught.value)

        with ThreadPoolExecutor(20) as askers:
            said = list(askers.map(ask, range(60)))
        assert all("did not answer within 0.3 s" in line or "does not answer" in line for line in said)
        silent.settimeout(0)
        connections = 0
        with suppress(BlockingIOError):
            while True:
                silent.accept()[0].close()
                connections += 1
        assert connections <= 4  # only one of the threads tried, and only once


@needs_milvus
def test_one_that_is_not_there_is_said() -> None:
    with pytest.raises(StoreUnavailableError, match=r"Milvus at milvus://127\.0\.0\.1:\d+ d.*\. Start it"):
        MilvusStore(f"milvus://127.0.0.1:{free_port()}?timeout=0.3").reach()


def test_without_the_client_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(RagError, match=r"RAG_STORE=milvus needs the extra `milvus`"):
        milvus_server.Server(Address.read("milvus://nowhere")).call(lambda *_: None)


@needs_milvus
def test_a_file_of_milvus_lite_is_a_store_too(
    corpus: Path, index_dir: Path, tmp_path: Path, embedder: HashingEmbedder
) -> None:
    from milvus_lite.server_manager import server_manager_instance

    setting = f"milvus://{tmp_path}/vectors.db"
    try:
        index = build(corpus, index_dir, embedder, setting)
        assert len(index.vectors.search(embedder.embed_query("Nvidia H20"), 9)) == 3
        server_manager_instance.release_all()
        (tmp_path / "kept").write_bytes(b"")
        with pytest.raises(StoreUnavailableError, match="cannot be opened"):
            MilvusStore(f"milvus://{tmp_path}/kept/vectors.db").reach()
    finally:
        server_manager_instance.release_all()
        milvus_server.server.cache_clear()
