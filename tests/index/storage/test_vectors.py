from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.storage.vectors import VectorIndex

if TYPE_CHECKING:
    from pathlib import Path


def unit(rows: int, dimension: int = 8, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@given(st.sets(st.integers(1, 2**40), min_size=1, max_size=20), st.integers(1, 30), st.integers(0, 2**20))
def test_search_is_the_exact_order_of_cosines_under_the_given_ids(ids: set[int], k: int, seed: int) -> None:
    keys = sorted(ids)
    vectors, query = unit(len(keys), seed=seed), unit(1, seed=seed + 1)[0]
    found = VectorIndex.build(keys, vectors).search(query, k)
    expected = sorted(zip(keys, vectors @ query, strict=True), key=lambda pair: -pair[1])[:k]
    assert [id_ for id_, _ in found] == [id_ for id_, _ in expected]
    assert [score for _, score in found] == pytest.approx([float(s) for _, s in expected], abs=1e-5)


def test_equal_cosines_are_ordered_by_id() -> None:
    same = np.tile(unit(1), (3, 1))
    assert [id_ for id_, _ in VectorIndex.build([9, 4, 7], same).search(same[0], 3)] == [4, 7, 9]


def test_similarity_of_one_stored_vector() -> None:
    vectors = unit(3)
    built = VectorIndex.build([10, 20, 30], vectors)
    assert built.similarity(vectors[0], 20) == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-6)


def test_an_empty_index_finds_nothing_and_survives_saving(tmp_path: Path) -> None:
    VectorIndex.build([], np.zeros((0, 0), dtype=np.float32)).save(tmp_path / "v")
    loaded = VectorIndex.load(tmp_path / "v")
    assert loaded.size == 0
    assert loaded.search(unit(1)[0], 5) == []


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    vectors = unit(4)
    built = VectorIndex.build([3, 5, 8, 13], vectors)
    built.save(tmp_path / "v")
    loaded = VectorIndex.load(tmp_path / "v")
    assert (loaded.size, loaded.dimension) == (4, 8)
    assert loaded.search(vectors[2], 4) == built.search(vectors[2], 4)
    assert loaded.search(vectors[2], 1)[0][0] == 8
