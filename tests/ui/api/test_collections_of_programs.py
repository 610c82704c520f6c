"""Named collections over HTTP: as a filter and as models of their own, without anyone's own files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ARTICLES
from tests.rag.building import build
from tests.rag.fakes import ScriptedEngine
from tests.ui.api.serving import chat, said, served
from tests.ui.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from rag import RAG

PORT = "Der Hafen von Auheim kostet 12 Millionen Euro."
QUESTION = "Wie viel kostet der Hafen von Auheim?"
SECRET = "Der geheime Hafen von Auheim kostet 7 Euro."
PATH = ".collections/news/hafen.md"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("all") / "corpus"
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


@pytest.fixture(scope="module")
def engine(corpus: Path) -> RAG:
    made = build(corpus, corpus.parent / "index", ScriptedEngine(PORT, confirms=lambda page: "12 Mill" in page))
    news = corpus.parent / "news"
    news.mkdir()
    (news / "hafen.md").write_text(f"# Hafen\n\n{PORT}\n", encoding="utf-8")
    made.sync(collection="news", corpus=news)
    made.uploads.add("Geheim.md", f"# Geheim\n\n{SECRET}\n".encode())  # added in the shell by whoever runs the app
    return made


@pytest.fixture(scope="module")
def http(engine: RAG) -> Iterator[httpx.Client]:
    with served(engine) as url, Visitor(url, site=None) as nobody:
        yield nobody.client


def found(http: httpx.Client, **restrict: str) -> set[str]:
    answer = http.post("api/search", json={"query": "Hafen Nvidia", "k": 50, "filter": restrict})
    assert answer.status_code == 200, answer.text
    return {hit["path"] for hit in answer.json()}


def test_what_is_named_is_asked_and_no_own_files(http: httpx.Client, corpus: Path) -> None:
    articles = {file.name for file in corpus.iterdir()}
    assert found(http) == articles
    assert found(http, collection="news") == found(http, collection="news,uploads") == {PATH}
    assert found(http, collection="articles,news") == found(http, collection="all") == articles | {PATH}
    answer = http.post("api/ask", json={"question": QUESTION, "strictness": 0, "filter": {"collection": "news"}})
    (cited,) = {one["path"] for one in answer.json()["citations"]}
    assert cited == PATH
    document = http.get(f"api/documents/{cited}").json()
    place = answer.json()["citations"][0]
    assert document["text"][place["start"] : place["end"]] == place["quote"]


def test_each_is_listed_by_itself(http: httpx.Client, corpus: Path) -> None:
    listed = http.get("api/documents").json()
    assert [one["path"] for one in listed["documents"]] == sorted(file.name for file in corpus.iterdir())
    assert listed["collections"] == ["news"]
    news = http.get("api/documents", params={"collection": "news", "limit": 1}).json()
    assert ([one["path"] for one in news["documents"]], news["total"], news["next"]) == ([PATH], 1, None)


@pytest.mark.parametrize("collection", ["nes", "news,nes", "", ",", "x" * 1001, "../news", 4711])
def test_what_is_none_is_refused(http: httpx.Client, collection: Any) -> None:
    for path, body in (("api/search", {"query": "Hafen"}), ("api/ask", {"question": QUESTION})):
        answer = http.post(path, json={**body, "filter": {"collection": collection}})
        assert answer.status_code == 400, answer.text
        assert "\n" not in answer.json()["error"]["message"]
        assert "geheim" not in answer.text.casefold()


def test_each_is_a_model(http: httpx.Client, engine: RAG, corpus: Path) -> None:
    assert [one["id"] for one in http.get("v1/models").json()["data"]] == [corpus.name, "quellentreu/news"]
    for name in ("quellentreu/news", "quellentreu%2Fnews"):
        assert http.get(f"v1/models/{name}").json()["id"] == "quellentreu/news"
    answer = http.post("v1/chat/completions", json=chat(QUESTION, model="quellentreu/news"))
    assert PORT in said(answer)["content"]
    assert answer.json()["model"] == "quellentreu/news"
    assert PORT not in said(http.post("v1/chat/completions", json=chat(QUESTION, model=corpus.name)))["content"]
    everything = said(http.post("v1/chat/completions", json=chat(QUESTION, model="quellentreu/all")))["content"]
    assert PORT in everything
    assert SECRET not in everything
    engine.remove_collection("news")
    assert http.post("v1/chat/completions", json=chat(QUESTION, model="quellentreu/news")).status_code == 404
    assert http.get("v1/models/quellentreu/news").status_code == 404
