from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Literal

import pytest

from index.storage.reader import Index
from index.syncing.sync import sync
from index.types import Document, Metadata
from rag.retrieval.hybrid import Scale, admits, retrieve
from rag.types import Filter, Hit

if TYPE_CHECKING:
    from pathlib import Path

    from tests.rag.fakes import HashingEmbedder

QUESTION = "Wie viel Geld will Cambricon aufnehmen?"


@pytest.fixture
def index(corpus: Path, index_dir: Path, embedder: HashingEmbedder) -> Index:
    sync(corpus, index_dir, embedder)
    return Index.open(index_dir, embedding=embedder.fingerprint)


def hits(index: Index, embedder: HashingEmbedder, question: str = QUESTION, **options: Filter | None) -> list[Hit]:
    vector = embedder.embed_query(question)
    return retrieve(index, question, vector, k=10, scale=Scale(index.cosine_floor), **options)


def test_hits_are_ordered_on_one_scale_with_the_ranks_of_both_retrievers(
    index: Index, embedder: HashingEmbedder
) -> None:
    found = hits(index, embedder)
    assert found[0].path == "cambricon.md"
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    assert all(0 <= hit.score <= 1 for hit in found)
    assert {rank.retriever for rank in found[0].ranks} == {"dense", "lexical"}
    assert all(index.documents[hit.path].text[hit.start : hit.end] == hit.text for hit in found)


@pytest.mark.parametrize(
    ("restrict", "paths"),
    [
        (Filter(source="heise"), {"huawei.md"}),
        (Filter(since="2025-06-01"), {"huawei.md"}),
        (Filter(until="2025-06-01"), {"cambricon.md"}),
        (Filter(since="2025-05-08", until="2025-08-01"), {"cambricon.md", "huawei.md"}),
        (Filter(since="2025-05-09", until="2025-07-31"), set()),
        (Filter(collection="all"), {"cambricon.md", "huawei.md", "nvidia.txt"}),
        (Filter(paths=frozenset({"nvidia.txt"})), {"nvidia.txt"}),
        (Filter(source="IT-Markt", paths=frozenset({"nvidia.txt"})), set()),
        (None, {"cambricon.md", "huawei.md", "nvidia.txt"}),
    ],
)
def test_a_filter_leaves_out_documents_before_anything_is_counted(
    index: Index, embedder: HashingEmbedder, restrict: Filter | None, paths: set[str]
) -> None:
    assert {hit.path for hit in hits(index, embedder, restrict=restrict)} == paths


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("source", ["Gemäßigte Zeitung", "gemäßigte zeitung", "GEMÄSSIGTE ZEITUNG"])
def test_a_source_and_a_path_are_found_in_either_unicode_form(source: str, form: Literal["NFC", "NFD"]) -> None:
    given = unicodedata.normalize(form, source)
    for stored in ("NFC", "NFD"):
        name = unicodedata.normalize(stored, "Gemäßigte Zeitung")
        document = Document(f"{name}.md", "", Metadata(name, source=name), "")
        assert admits(Filter(source=given), document)
        assert admits(Filter(paths=frozenset({unicodedata.normalize(form, f"{name}.md")})), document)
        assert not admits(Filter(source="Gemassigte Zeitung"), document)
        assert not admits(Filter(paths=frozenset({"Gemassigte Zeitung.md"})), document)


def test_words_that_stand_nowhere_find_by_meaning_alone(index: Index, embedder: HashingEmbedder) -> None:
    found = hits(index, embedder, "Xylophon Quittengelee")
    assert all({rank.retriever for rank in hit.ranks} == {"dense"} for hit in found)


@pytest.mark.parametrize(("cosine", "scaled"), [(0.5, 0.0), (0.8, 0.0), (0.9, 0.5), (1.0, 1.0)])
def test_the_scale_runs_from_the_floor_to_identity(cosine: float, scaled: float) -> None:
    assert Scale(0.8)(cosine) == pytest.approx(scaled)
