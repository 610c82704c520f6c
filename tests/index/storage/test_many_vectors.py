"""With very many vectors only the lists near the query are searched, and filters are applied before the search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import IndexDamagedError
from index.storage.columns.files import BLOCK
from index.storage.vectors import approximate, exact
from index.storage.vectors.exact import FaissStore, VectorIndex

if TYPE_CHECKING:
    from pathlib import Path

COUNT, DIMENSION, TOPICS = 6000, 32, 40


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def near_topics(count: int, seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    topics = np.random.default_rng(0).normal(size=(TOPICS, DIMENSION))
    return unit(topics[chance.integers(0, TOPICS, count)] + 0.6 * chance.normal(size=(count, DIMENSION)))


VECTORS = near_topics(COUNT, 1)
IDS = [3 * number + 5 for number in range(COUNT)]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[VectorIndex, Path]:
    place = tmp_path_factory.mktemp("vectors") / "vectors.faiss"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exact, "MOST_EXACT", 1000)
        patch.setattr(approximate, "FEW", 50)
        FaissStore().write(place, IDS, VECTORS)
    return FaissStore().open(place), place


def best(query: np.ndarray, k: int, among: list[int]) -> list[int]:
    rows = [IDS.index(id_) if len(among) < 100 else (id_ - 5) // 3 for id_ in among]
    cosines = VECTORS[rows] @ query
    return [among[place] for place in np.lexsort((among, -cosines))[:k]]


def test_nearly_all_of_the_nearest_are_found_with_their_exact_cosines(kept: tuple[VectorIndex, Path]) -> None:
    index, _ = kept
    queries = near_topics(100, 2)
    found = [index.search(query, 10) for query in queries]
    hits = sum(
        len({id_ for id_, _ in got} & set(best(query, 10, IDS))) for got, query in zip(found, queries, strict=True)
    )
    assert hits >= 0.97 * 1000
    for got, query in zip(found, queries, strict=True):
        assert [score for _, score in got] == pytest.approx(
            index.similarities(query, [id_ for id_, _ in got]), abs=1e-6
        )
        assert got == sorted(got, key=lambda pair: (-pair[1], pair[0]))
        assert len(got) == 10


def test_only_a_part_of_the_vectors_is_looked_at(kept: tuple[VectorIndex, Path]) -> None:
    index, _ = kept
    lists = index._lists
    assert lists is not None
    looked = [len(lists.near(query, 10)) for query in near_topics(20, 3)]
    assert max(looked) < COUNT / 10


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**20), st.sampled_from([0.002, 0.02, 0.3]), st.integers(1, 30))
def test_a_filter_is_applied_before_the_nearest_are_chosen(
    kept: tuple[VectorIndex, Path], seed: int, share: float, k: int
) -> None:
    index, _ = kept
    chance = np.random.default_rng(seed)
    among = [id_ for id_ in IDS if chance.random() < share]
    query = near_topics(1, seed + 1)[0]
    found = [id_ for id_, _ in index.search(query, k, among=among)]
    assert set(found) <= set(among)
    assert len(found) == min(k, len(among))
    if len(among) <= 50:
        assert found == best(query, k, among)


def test_more_than_the_lists_looked_through_hold_can_be_asked_for(kept: tuple[VectorIndex, Path]) -> None:
    index, _ = kept
    assert len({id_ for id_, _ in index.search(VECTORS[0], 3000)}) == 3000
    assert len(index.search(VECTORS[0], COUNT + 9)) == COUNT


def test_an_id_stands_for_its_vector_whatever_the_order_of_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exact, "MOST_EXACT", 100)
    order = np.random.default_rng(4).permutation(500)
    FaissStore().write(tmp_path / "v", [IDS[place] for place in order], VECTORS[order])
    index = FaissStore().open(tmp_path / "v")
    assert (index.rows(IDS[:500]) == VECTORS[:500]).all()
    assert [index.search(VECTORS[place], 1)[0][0] for place in range(0, 500, 7)] == IDS[0:500:7]


def test_a_damaged_vector_is_noticed_by_the_search_that_reads_it(
    kept: tuple[VectorIndex, Path], tmp_path: Path
) -> None:
    data = bytearray(kept[1].read_bytes())
    place = data.index(VECTORS[700].tobytes())
    data[place + 2] ^= 16
    spoilt = tmp_path / "v"
    spoilt.write_bytes(data)
    index = FaissStore().open(spoilt)
    with pytest.raises(IndexDamagedError, match="has changed since it was written"):
        index.search(VECTORS[700], 5)
    far = (700 + 2 * BLOCK // (4 * DIMENSION)) % COUNT
    assert (index.rows([IDS[far]]) == VECTORS[[far]]).all()
