from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from index.errors import CorpusError, IndexDamagedError, RagError
from rag.client import RAG
from rag.query.filters import read_filter
from rag.types import AskOptions, Filter
from tests.rag.fakes import DIMENSION, HashingEmbedder

if TYPE_CHECKING:
    from pathlib import Path


def test_search_builds_a_missing_index_but_never_updates_one(rag: RAG, corpus: Path) -> None:
    assert rag.search("Ascend 910C", k=1)[0].path == "huawei.md"
    (corpus / "neu.md").write_text("# Neu\n\nZürich baut.\n", encoding="utf-8")
    assert "neu.md" not in {document.path for document in rag.documents()}
    assert rag.sync().added == 1
    assert rag.search("Zürich", k=1)[0].path == "neu.md"


def test_texts_are_embedded_as_passages_are(rag: RAG) -> None:
    texts = ["Der Drache", "im Wald"]
    assert np.array_equal(rag.embed(texts), HashingEmbedder().embed_passages(texts))
    asked = rag.embed(texts, queries=True)
    assert asked.shape == (2, DIMENSION)
    assert np.array_equal(asked[1], HashingEmbedder().embed_query("im Wald"))


def test_a_first_build_that_was_killed_is_built_by_the_first_question(rag: RAG, index_dir: Path) -> None:
    rag.sync()
    (index_dir / "manifest.json").unlink()  # as if the build had not got that far
    assert rag.search("Ascend 910C", k=1)[0].path == "huawei.md"


def test_a_changed_digit_is_not_shown_and_a_plain_sync_mends_it(rag: RAG, index_dir: Path) -> None:
    rag.sync()
    store = next(index_dir.glob("store-*.sqlite"))
    data = store.read_bytes()
    assert b"4 Milliarden Yuan" in data
    store.write_bytes(data.replace(b"4 Milliarden Yuan", b"7 Milliarden Yuan"))
    with pytest.raises(IndexDamagedError, match="`rag index CORPUS`") as caught:
        rag.search("Milliarden Yuan", k=1)
    assert "\n" not in str(caught.value)
    rag.sync()
    assert "4 Milliarden Yuan" in rag.search("Milliarden Yuan", k=1)[0].text


def test_hits_are_ordered_bounded_and_verbatim(rag: RAG) -> None:
    hits = rag.search("Milliarden Yuan für Cambricon", k=10)
    assert hits[0].path == "cambricon.md"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        assert 0 <= hit.score <= 1
        assert rag.document(hit.path).text[hit.start : hit.end] == hit.text


def test_a_parameter_that_there_is_not_is_refused_like_that_of_any_function(rag: RAG) -> None:
    wrong: dict[str, Any] = {"strict": 0.5}
    with pytest.raises(TypeError, match="no such parameter of a question: strict"):
        rag.ask("Was plant Huawei?", **wrong)
    with pytest.raises(TypeError, match="strict"):
        rag.stream("Was plant Huawei?", **wrong)


def test_the_parameters_of_a_question_stand_in_the_reference_of_asking() -> None:
    assert all(f"``{name}``" in (RAG.ask.__doc__ or "") for name in AskOptions.__annotations__)


@pytest.mark.parametrize(
    ("restrict", "paths"),
    [
        ({"source": "heise"}, {"huawei.md"}),
        (Filter(since="2025-05-08"), {"huawei.md", "cambricon.md"}),
        ({"since": "2025-05-09"}, {"huawei.md"}),
        ({"source": "Niemand"}, set()),
    ],
)
def test_a_filter_admits_only_its_documents(rag: RAG, restrict: object, paths: set[str]) -> None:
    assert {hit.path for hit in rag.search("Milliarden Stück", k=10, filter=restrict)} == paths


def test_bad_arguments_are_refused(rag: RAG) -> None:
    with pytest.raises(RagError, match="autor"):
        rag.search("Chip", filter={"autor": "x"})
    with pytest.raises(RagError, match="k cannot"):
        rag.search("Chip", k=0)
    with pytest.raises(RagError, match="Strictness"):
        rag.ask("Chip?", strictness=1.5)
    with pytest.raises(CorpusError, match=r"fehlt\.md"):
        rag.document("fehlt.md")


@pytest.mark.parametrize("name", ["since", "until"])
@pytest.mark.parametrize("day", ["31.12.2024", "2025-08", "20250801", "gestern"])
def test_a_day_that_is_none_is_said_instead_of_compared(name: str, day: str) -> None:
    with pytest.raises(RagError, match=f"{name}: {day} is not a date"):
        read_filter({name: day})
    assert read_filter({name: "2025-08-01"}) == Filter(**{name: "2025-08-01"})  # type: ignore[arg-type]
