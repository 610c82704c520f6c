"""Named collections as an assistant sees them: queried by name, listed and read, but never users' own files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.rag.mcp.articles import articles
from tests.rag.mcp.test_tools import called

if TYPE_CHECKING:
    from pathlib import Path

    from rag import RAG

PATH = ".collections/news/kran.md"


@pytest.fixture(scope="module")
def rag(tmp_path_factory: pytest.TempPathFactory) -> RAG:
    folder: Path = tmp_path_factory.mktemp("articles")
    made = articles(folder)
    (folder / "news").mkdir()
    (folder / "news" / "kran.md").write_text("# Kran\n\nDer Kran von Auheim ist 40 Meter hoch.\n", encoding="utf-8")
    made.sync(collection="news", corpus=folder / "news")
    made.uploads.add("Geheim.md", b"# Geheim\n\nDer geheime Kran ist 7 Meter hoch.\n")
    return made


def paths(rag: RAG, **arguments: Any) -> set[str]:
    found = called(rag, "search", {"query": "Kran Hafen", "k": 20, **arguments})
    assert not found.is_error, found
    return {hit["path"] for hit in found.structured_content["hits"]}


def test_a_collection_is_asked_listed_and_read(rag: RAG) -> None:
    listed = called(rag, "list_articles").structured_content
    others = {one["path"] for one in listed["articles"]}
    assert listed["collections"] == ["news"]
    assert PATH not in others
    assert [
        one["path"] for one in called(rag, "list_articles", {"collection": "news"}).structured_content["articles"]
    ] == [PATH]
    assert paths(rag, collection="news") == {PATH}
    assert PATH not in paths(rag)
    both = paths(rag, collection="all")
    assert both == paths(rag, collection="articles,news")
    assert PATH in both
    assert both <= others | {PATH}
    assert "40 Meter" in called(rag, "read", {"path": PATH}).structured_content["text"]
    answer = called(
        rag, "ask", {"question": "Wie hoch ist der Kran von Auheim?", "collection": "news", "strictness": 0}
    )
    assert {one["path"] for one in answer.structured_content["citations"]} <= {PATH}
    assert "geheim" not in str(answer.structured_content).casefold()


@pytest.mark.parametrize("collection", ["nes", "uploads", "news,uploads", "", ","])
def test_what_is_none_is_refused(rag: RAG, collection: str) -> None:
    for name, more in (("search", {"query": "Kran"}), ("ask", {"question": "Wie hoch ist der Kran?"})):
        found = called(rag, name, {**more, "collection": collection})
        assert found.is_error
        assert "geheim" not in str(found).casefold()
    assert called(rag, "list_articles", {"collection": "nes"}).is_error
