"""Requirements for every vector store: FAISS, Milvus, and a store from another package with a remote server."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.collections.registry import Registry
from index.collections.union import prefixed, unite
from index.errors import IndexDamagedError, RagError
from index.storage.integrity import damages
from index.storage.reader import Index
from index.storage.vectors import stores as vector_stores
from index.syncing.sync import remove_index, sync
from tests.milvus_lite_server import needs_milvus, running
from tests.rag import building

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from index.storage.protocols import Vectors
    from tests.rag.fakes import HashingEmbedder


QUICK = ["faiss", "numpy", "numpy://here"]
"""Stores of which very many can be made."""


def unit(rows: int, dimension: int = 8, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def elsewhere(plugins: None) -> Any:
    """Return the module of the other package, with a reachable and empty server."""
    module = importlib.import_module("one_article.vectors")
    module.SERVER.clear()
    module.SENT.clear()
    module.STATE.update(reachable=True, fails=False)
    return module


@pytest.fixture(scope="module")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the setting of a Milvus: the one that ``TEST_MILVUS`` names, or one that the tests start."""
    if named := os.environ.get("TEST_MILVUS"):
        yield named
        return
    with running(tmp_path_factory.mktemp("milvus")) as one:
        yield one.setting


@pytest.fixture(params=[*QUICK, pytest.param("milvus", marks=needs_milvus)])
def store(request: pytest.FixtureRequest, elsewhere: Any) -> str:
    if request.param == "milvus":
        return str(request.getfixturevalue("milvus"))
    return str(request.param)


@pytest.fixture
def keep(store: str, tmp_path: Path) -> Any:
    """Return a function that writes vectors and opens them again."""
    count = iter(range(10**6))

    def kept(ids: Sequence[int], vectors: np.ndarray, earlier: Path | None = None) -> Vectors:
        place = tmp_path / f"vectors-{next(count)}"
        vector_stores.store(store).write(place, ids, vectors, earlier=earlier)
        return vector_stores.store(store).open(place)

    return kept


def expected(ids: Sequence[int], vectors: np.ndarray, query: np.ndarray, k: int) -> list[int]:
    return [id_ for id_, _ in sorted(zip(ids, vectors @ query, strict=True), key=lambda pair: (-pair[1], pair[0]))][:k]


@pytest.mark.parametrize("store", QUICK, indirect=True)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_search_is_the_exact_order_of_cosines_and_filters_come_first(keep: Any, data: st.DataObject) -> None:
    _search_is_exact(keep, data)


@needs_milvus
@pytest.mark.parametrize("store", ["milvus"], indirect=True)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8)
@given(data=st.data())
def test_search_in_milvus_is_the_same(keep: Any, data: st.DataObject) -> None:
    _search_is_exact(keep, data)


def _search_is_exact(keep: Any, data: st.DataObject) -> None:
    keys = sorted(data.draw(st.sets(st.integers(1, 2**40), min_size=1, max_size=20)))
    k, seed = data.draw(st.integers(1, 30)), data.draw(st.integers(0, 2**20))
    among = sorted(data.draw(st.sets(st.sampled_from(keys))))
    vectors, query = unit(len(keys), seed=seed), unit(1, seed=seed + 1)[0]
    kept = keep(keys, vectors)
    found = kept.search(query, k)
    assert [id_ for id_, _ in found] == expected(keys, vectors, query, k)
    cosines = dict(zip(keys, vectors @ query, strict=True))
    assert [score for _, score in found] == pytest.approx([float(cosines[id_]) for id_, _ in found], abs=1e-5)
    left = [keys.index(id_) for id_ in among]
    passing = kept.search(query, k, among=among)
    assert [id_ for id_, _ in passing] == expected(among, vectors[left], query, k)
    whole = dict(kept.search(query, len(keys)))
    assert passing == [(id_, whole[id_]) for id_, _ in passing]  # the same scores as without the filter


def test_equal_cosines_are_ordered_by_id(keep: Any) -> None:
    same = np.tile(unit(1), (3, 1))
    assert [id_ for id_, _ in keep([9, 4, 7], same).search(same[0], 3)] == [4, 7, 9]


def test_cosines_and_rows_of_stored_vectors_are_in_the_order_asked_for(keep: Any) -> None:
    vectors = unit(3)
    kept = keep([10, 20, 30], vectors)
    assert kept.similarities(vectors[0], [30, 20]) == pytest.approx(
        [float(vectors[0] @ vectors[2]), float(vectors[0] @ vectors[1])], abs=1e-6
    )
    assert kept.rows([30, 10]).tolist() == vectors[[2, 0]].tolist()
    assert kept.similarities(vectors[0], []) == []
    assert len(kept.rows([])) == 0


def test_an_empty_one_finds_nothing(keep: Any) -> None:
    kept = keep([], np.zeros((0, 0), dtype=np.float32))
    assert kept.size == 0
    assert kept.search(unit(1)[0], 5) == []


def build(corpus: Path, index_dir: Path, embedder: HashingEmbedder, store: str) -> Index:
    sync(corpus, index_dir, embedder, store=store)
    return Index.open(index_dir, embedding=embedder.fingerprint, store=store)


def test_an_index_is_the_same_whatever_keeps_its_vectors(
    corpus: Path, tmp_path: Path, embedder: HashingEmbedder, store: str
) -> None:
    plain = build(corpus, tmp_path / "plain", embedder, "faiss")
    index = build(corpus, tmp_path / "index", embedder, store)
    assert index.vectors.size == len(index.chunks) == plain.vectors.size
    ids = list(index.chunks)
    assert index.vectors.rows(ids).tolist() == plain.vectors.rows(ids).tolist()
    for query in ("Milliarden Yuan", "Nvidia H20"):
        vector = embedder.embed_query(query)
        assert dict(index.vectors.search(vector, 9)) == pytest.approx(dict(plain.vectors.search(vector, 9)))
    assert damages(tmp_path / "index") == []


def test_a_sync_makes_a_new_generation_and_whoever_reads_goes_on_with_the_old_one(
    corpus: Path, index_dir: Path, embedder: HashingEmbedder, store: str
) -> None:
    old = build(corpus, index_dir, embedder, store)
    vector = embedder.embed_query("Nvidia H20")
    before = old.vectors.search(vector, 3)
    (corpus / "cambricon.md").write_text("# Cambricon\n\nNun andere Wörter über Dividenden.\n", encoding="utf-8")
    (corpus / "nvidia.txt").unlink()
    new = build(corpus, index_dir, embedder, store)
    assert old.vectors.search(vector, 3) == before
    assert new.generation == old.generation + 1
    assert {id_ for id_, _ in new.vectors.search(vector, 99)} == set(new.chunks)
    assert damages(index_dir) == []


def test_hybrid_search_finds_the_same_with_filters_and_after_changes(corpus: Path, tmp_path: Path, store: str) -> None:
    plain = building.build(corpus, tmp_path / "plain")
    other = building.build(corpus, tmp_path / "other", store=store)
    everything = (None, {"source": "Heise"}, {"since": "2025-06-01"}, {"until": "2025-06-01"})
    for change in ("nvidia.txt", "huawei.md", ""):
        for one in (plain, other):
            one.sync()
        for restrict in everything:
            hits, same = (one.search("Umsatz mit Chips", k=5, filter=restrict) for one in (plain, other))
            assert [(hit.path, hit.start, pytest.approx(hit.score, abs=1e-6)) for hit in hits] == [
                (hit.path, hit.start, hit.score) for hit in same
            ]
            assert hits or restrict
        if change:
            (corpus / change).unlink()


def test_a_store_elsewhere_is_sent_what_is_new_and_forgets_what_is_old(
    corpus: Path, index_dir: Path, embedder: HashingEmbedder, elsewhere: Any
) -> None:
    old = build(corpus, index_dir, embedder, "numpy")
    assert sorted(elsewhere.SENT) == sorted(old.chunks)
    elsewhere.SENT.clear()
    (corpus / "neu.md").write_text("# Neu\n\nEine neue Meldung über Dachse im Wald.\n", encoding="utf-8")
    new = build(corpus, index_dir, embedder, "numpy")
    assert set(elsewhere.SENT) == new.chunks.keys() - old.chunks.keys() != set()
    assert [set(kept) for kept in elsewhere.SERVER.values()] == [set(new.chunks)]
    remove_index(index_dir)
    assert elsewhere.SERVER == {}


def test_a_write_that_breaks_off_leaves_the_index_as_it_was_and_nothing_elsewhere(
    corpus: Path, index_dir: Path, embedder: HashingEmbedder, elsewhere: Any
) -> None:
    old = build(corpus, index_dir, embedder, "numpy")
    (corpus / "neu.md").write_text("# Neu\n\nEine neue Meldung über Dachse im Wald.\n", encoding="utf-8")
    elsewhere.STATE["fails"] = True
    with pytest.raises(RagError, match="broke off"):
        sync(corpus, index_dir, embedder, store="numpy")
    assert [set(kept) for kept in elsewhere.SERVER.values()] == [set(old.chunks)]
    elsewhere.STATE["fails"] = False
    assert "neu.md" in build(corpus, index_dir, embedder, "numpy").documents


def test_a_store_that_is_out_of_reach_is_said_in_its_own_words_and_cleaned_later(
    corpus: Path, index_dir: Path, embedder: HashingEmbedder, elsewhere: Any
) -> None:
    build(corpus, index_dir, embedder, "numpy")
    elsewhere.STATE["reachable"] = False
    with pytest.raises(RagError, match="does not answer"):
        Index.open(index_dir, embedding=embedder.fingerprint, store="numpy")
    build(corpus, index_dir, embedder, "faiss")
    assert len(elsewhere.SERVER) == 1
    elsewhere.STATE["reachable"] = True
    sync(corpus, index_dir, embedder)
    assert elsewhere.SERVER == {}


def test_a_named_collection_takes_its_vectors_elsewhere_with_it(
    corpus: Path, index_dir: Path, embedder: HashingEmbedder, elsewhere: Any
) -> None:
    registry = Registry(index_dir)
    one = registry.put("news", corpus)
    sync(corpus, one.index_dir, embedder, store="numpy://here")
    assert len(elsewhere.SERVER) == 1
    elsewhere.STATE["reachable"] = False
    with pytest.raises(RagError, match="out of reach"):
        registry.remove("news", store="numpy://here")
    assert registry.get("news").is_ready is False
    elsewhere.STATE["reachable"] = True
    registry.remove("news", store="numpy://here")
    assert elsewhere.SERVER == {}
    assert registry.all() == ()


def test_another_setting_moves_the_vectors_without_embedding_anything(
    corpus: Path, index_dir: Path, embedder: HashingEmbedder, elsewhere: Any
) -> None:
    index = build(corpus, index_dir, embedder, "faiss")
    embedder.passages.clear()
    # An index is opened with the store that wrote it. Only a sync moves it to the configured store.
    assert Index.open(index_dir, embedding=embedder.fingerprint, store="numpy").generation == index.generation
    for store, collections in (("numpy", 1), ("numpy://here", 1), ("faiss", 0)):
        build(corpus, index_dir, embedder, store)
        assert len(elsewhere.SERVER) == collections
    assert embedder.passages == []


def test_indexes_of_two_stores_are_searched_as_one(
    corpus: Path, tmp_path: Path, embedder: HashingEmbedder, elsewhere: Any
) -> None:
    first = build(corpus, tmp_path / "first", embedder, "faiss")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "eigenes.md").write_text("# Eigenes\n\nEin Dachs im Wald.\n", encoding="utf-8")
    second = build(tmp_path / "own", tmp_path / "second", embedder, "numpy")
    united = unite(first, prefixed(second, "own/"))
    vector = embedder.embed_query("Ein Dachs im Wald")
    ids = list(united.chunks)
    nearest = united.vectors.search(vector, 2)
    assert united.chunks[nearest[0][0]].chunk.path == "own/eigenes.md"
    assert united.vectors.search(vector, 5, among=ids[:1]) == [
        (ids[0], united.vectors.similarities(vector, ids[:1])[0])
    ]
    backwards = united.vectors.rows(ids[::-1])
    assert (
        backwards.tolist()
        == np.concatenate([first.vectors.rows(ids[:-1]), second.vectors.rows(list(second.chunks))])[::-1].tolist()
    )
    assert united.vectors.similarities(vector, ids[::-1]) == pytest.approx((backwards @ vector).tolist(), abs=1e-6)


@pytest.mark.usefixtures("plugins")
@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("chroma", r"RAG_STORE=chroma: no installed package .* available: broken, faiss, milvus, numpy\."),
        ("milvus://host:port", "RAG_STORE is not a valid Milvus address. Its form is milvus://HOST"),
        ("broken", r"RAG_STORE=broken: the vector store cannot be loaded \(ValueError: no licence\)"),
        ("../x", r"RAG_STORE=\.\./x: no installed package"),
    ],
)
def test_a_store_that_cannot_be_used_is_said_before_anything_is_read(
    setting: str, said: str, corpus: Path, index_dir: Path, embedder: HashingEmbedder
) -> None:
    with pytest.raises(RagError, match=said):
        sync(corpus, index_dir, embedder, store=setting)
    assert embedder.passages == []
    assert not index_dir.exists()


def test_an_index_whose_vectors_are_gone_is_damaged_and_mended(
    corpus: Path, index_dir: Path, embedder: HashingEmbedder, store: str
) -> None:
    build(corpus, index_dir, embedder, store)
    name = vector_stores.name_of(store)
    vector_stores.place(next(index_dir.glob("derived-*")), name).unlink()
    with pytest.raises(IndexDamagedError, match=rf"vectors\.{name} is missing"):
        Index.open(index_dir, embedding=embedder.fingerprint, store=store)
    assert build(corpus, index_dir, embedder, store).vectors.size
