"""The map of the passages is reproducible, groups similar passages and names the groups by their words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.storage.vectors.exact import VectorIndex
from index.types import Chunk, Metadata
from rag.exploring.overview import overview

TOPICS = ("Der Vulkan speit Lava und Asche.", "Die Biene sammelt Honig im Garten.", "Der Chip rechnet im Speicher.")


def index_of(vectors: np.ndarray[Any, Any], texts: list[str]) -> Any:
    ids = [10 * number + 3 for number in range(len(texts))]  # ids differ from row numbers
    chunks = {
        id_: SimpleNamespace(chunk=Chunk(f"{n % 7}.md", n, n + len(text), text))
        for n, (id_, text) in enumerate(zip(ids, texts, strict=True))
    }
    documents = {f"{n}.md": SimpleNamespace(metadata=Metadata(f"Artikel {n}")) for n in range(7)}
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True) if len(vectors) else vectors
    found = VectorIndex.build(ids, unit.astype(np.float32))
    chosen = SimpleNamespace(ids=lambda: np.array(ids, dtype=np.int64))
    return SimpleNamespace(chunks=chunks, documents=documents, vectors=found, chosen=lambda _: chosen)


def three_topics(each: int) -> Any:
    random = np.random.default_rng(0)
    centres = random.normal(size=(3, 32))
    vectors = np.vstack([centre + 0.3 * random.normal(size=(each, 32)) for centre in centres])
    return index_of(vectors, [text for text in TOPICS for _ in range(each)])


def test_topics_are_found_named_and_kept_apart() -> None:
    seen = overview(three_topics(9))
    assert seen == overview(three_topics(9))
    assert seen.passages == 27
    assert [topic.size for topic in seen.topics] == [9, 9, 9]
    assert {frozenset(topic.terms) for topic in seen.topics} == {
        frozenset({"Vulkan", "Lava", "Asche"}),
        frozenset({"Biene", "Honig", "Garten"}),
        frozenset({"Chip", "Speicher"}),
    }
    places = np.array([(point.x, point.y) for point in seen.points])
    numbers = np.array([point.topic for point in seen.points])
    means = np.stack([places[numbers == topic].mean(axis=0) for topic in range(3)])
    nearest = np.argmin(np.linalg.norm(places[:, None] - means, axis=2), axis=1)
    assert np.array_equal(nearest, numbers)
    assert np.abs(places).max() == pytest.approx(1)


def test_of_many_passages_some_are_shown() -> None:
    seen = overview(three_topics(100), most=90)
    assert (len(seen.points), seen.passages) == (90, 300)
    assert {point.topic for point in seen.points} == {0, 1, 2} | {point.topic for point in seen.points}
    assert overview(index_of(np.zeros((0, 4)), [])).points == ()


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(1, 5), st.integers(0, 99))
def test_every_shape_of_corpus_has_a_map(count: int, dimension: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).integers(-1, 2, size=(count, dimension)) + 0.5
    seen = overview(index_of(vectors, ["Ein Satz."] * count))
    assert len(seen.points) == count
    assert sum(topic.size for topic in seen.topics) == count
    assert all(-1 <= value <= 1 for point in seen.points for value in (point.x, point.y))
