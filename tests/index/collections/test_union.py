from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.collections.union import prefixed, unite
from index.storage.reader import Index
from index.syncing.sync import sync
from rag.retrieval.hybrid import Scale, retrieve
from tests.conftest import ARTICLES
from tests.rag.fakes import HashingEmbedder

if TYPE_CHECKING:
    from pathlib import Path

QUERIES = ("Milliarden Yuan für Cambricon", "Ascend 910C", "Nvidia H20", "Beschleunigerfertigung in Schanghai", "Mond")


def built(folder: Path, names: set[str], embedder: HashingEmbedder) -> Index:
    (folder / "c").mkdir(parents=True)
    for name in names:
        (folder / "c" / name).write_text(ARTICLES[name], encoding="utf-8", newline="")
    sync(folder / "c", folder / "i", embedder)
    return Index.open(folder / "i", embedding=embedder.fingerprint)


@pytest.fixture
def parts(tmp_path: Path) -> tuple[Index, Index, Index]:
    embedder = HashingEmbedder()
    names = set(ARTICLES)
    return (
        built(tmp_path / "all", names, embedder),
        built(tmp_path / "one", {"cambricon.md", "nvidia.txt"}, embedder),
        built(tmp_path / "two", {"huawei.md"}, embedder),
    )


def test_two_indexes_are_searched_as_one_made_of_both(parts: tuple[Index, Index, Index]) -> None:
    whole, first, second = parts
    united = unite(first, prefixed(second, "own/"))
    scale = Scale(whole.cosine_floor)
    embedder = HashingEmbedder()
    for query in QUERIES:
        vector = embedder.embed_query(query)
        wanted = retrieve(whole, query, vector, k=9, scale=scale)
        found = retrieve(united, query, vector, k=9, scale=scale)
        assert {hit.path.removeprefix("own/") for hit in found} == {hit.path for hit in wanted}
        scores = {hit.text: hit.score for hit in wanted}
        for hit in found:
            # Lengths are normalised within each part, so the scores are close but not equal.
            assert hit.score == pytest.approx(scores[hit.text], abs=0.06)
            assert united.documents[hit.path].text[hit.start : hit.end] == hit.text
            rows = united.sentence_rows(hit.chunk_id)
            sentences = [
                united.documents[hit.path].text[s.start : s.end] for s in united.chunks[hit.chunk_id].chunk.sentences
            ]
            assert np.allclose(rows, embedder.embed_passages(sentences), atol=3e-4)  # stored in half precision
    assert (
        retrieve(united, "Ascend 910C", embedder.embed_query("Ascend 910C"), k=1, scale=scale)[0].path
        == "own/huawei.md"
    )


def test_words_weigh_as_in_both_together(parts: tuple[Index, Index, Index]) -> None:
    whole, first, second = parts
    united = unite(first, prefixed(second, "own/"))
    assert united.lexical.size == whole.lexical.size == len(united.chunks)
    for term in ("milliard", "ascend", "nvidia", "gibtesnicht"):
        assert united.lexical.weight(term) == pytest.approx(whole.lexical.weight(term))
    for query in QUERIES:
        assert united.lexical.ceiling(query) == pytest.approx(whole.lexical.ceiling(query))
        assert united.lexical.scores(query).shape == (len(united.chunks),)


def test_the_parts_are_left_as_they_were(parts: tuple[Index, Index, Index]) -> None:
    _, first, second = parts
    paths = set(second.documents)
    unite(first, prefixed(second, "own/"))
    assert set(second.documents) == paths
    with pytest.raises(ValueError, match="in both"):
        unite(first, first)


def test_what_stands_before_is_found_in_both_parts(parts: tuple[Index, Index, Index]) -> None:
    whole, first, second = parts
    united = unite(first, prefixed(second, "own/"))
    for path, name in (("cambricon.md", "cambricon.md"), ("nvidia.txt", "nvidia.txt"), ("own/huawei.md", "huawei.md")):
        for offset in range(0, len(ARTICLES[name]) + 1, 7):
            wanted = whole.sentences_before(name, offset, 3)
            assert united.sentences_before(path, offset, 3) == wanted
        assert wanted
        assert all(united.chunks[id_].chunk.path == path for id_ in united.passages[path])
    assert united.sentences_before("huawei.md", 999, 3) == ()
    assert set(united.passages) == set(united.documents)


def test_three_indexes_are_searched_as_one(tmp_path: Path) -> None:
    embedder = HashingEmbedder()
    whole = built(tmp_path / "all", set(ARTICLES), embedder)
    names = sorted(ARTICLES)
    first, *others = [built(tmp_path / name, {name}, embedder) for name in names]
    united = unite(first, *(prefixed(one, f".x/{number}/") for number, one in enumerate(others)))
    assert len(united.chunks) == len(list(united.chunks)) == len(whole.chunks) == united.vectors.size
    assert {path.rpartition("/")[2] for path in united.documents} == set(whole.documents)
    for query in QUERIES:
        vector = embedder.embed_query(query)
        wanted = retrieve(whole, query, vector, k=9, scale=Scale(whole.cosine_floor))
        found = retrieve(united, query, vector, k=9, scale=Scale(whole.cosine_floor))
        assert {hit.path.rpartition("/")[2] for hit in found} == {hit.path for hit in wanted}
        for hit in found:
            assert united.documents[hit.path].text[hit.start : hit.end] == hit.text
            assert united.chunks[hit.chunk_id].id == hit.chunk_id
    ids = list(united.chunks)[::-1]
    rows = united.vectors.rows(ids)
    assert united.vectors.similarities(vector, ids) == pytest.approx((rows @ vector).tolist(), abs=1e-6)
    of_last = united.chosen(lambda *_: True, lambda path: path.startswith(f".x/{len(others) - 1}/")).ids().tolist()
    assert of_last
    assert {united.chunks[id_].chunk.path.rpartition("/")[2] for id_ in of_last} == {names[-1]}
    assert {id_ for id_, _ in united.vectors.search(vector, 99, among=of_last)} == set(of_last)
    with pytest.raises(ValueError, match="in both"):
        unite(first, prefixed(first, ".x/"), prefixed(first, ".x/"))
    with pytest.raises(KeyError):
        united.documents["none.md"]
