"""A program with a browser's key can ask and read that browser's files; no other program can."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.rag.building import build
from tests.rag.fakes import ScriptedEngine
from tests.ui.api.serving import chat, served
from tests.ui.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

SECRET = "Der Kuchenbasar des Vereins brachte 412 Euro ein."
QUESTION = "Wie viel brachte der Kuchenbasar des Vereins ein?"


@pytest.fixture
def url(corpus: Path, index_dir: Path) -> Iterator[str]:
    engine = ScriptedEngine(SECRET, confirms=lambda page: "412 Euro" in page)
    with served(build(corpus, index_dir, engine)) as address:
        yield address


def everything(http: httpx.Client, path: str) -> list[tuple[int, str]]:
    """Ask in every possible way."""
    asked: list[tuple[str, dict[str, Any]]] = []
    for collection in ("articles", "uploads", "all"):
        restrict = {"filter": {"collection": collection}}
        asked += [
            ("api/ask", {"question": QUESTION, "fresh": True, "stream": stream, **restrict}) for stream in (False, True)
        ]
        asked.append(("api/search", {"query": QUESTION, **restrict}))
    asked.append(("v1/chat/completions", chat(QUESTION, model="corpus")))
    answers = [http.post(address, json=body) for address, body in asked]
    answers += [http.get("api/documents"), http.get(f"api/documents/{path}")]
    return [(answer.status_code, answer.text) for answer in answers]


def test_own_files_are_seen_with_their_owners_key_alone(url: str) -> None:
    with Visitor(url) as anna, Visitor(url) as bert, Visitor(url, site=None) as nobody:
        path = anna.add("Protokoll.md", SECRET)["added"]["document"]
        bert.add("Anderes.md", "Ein anderer Satz steht hier.")
        hers = everything(anna.client, path)
        assert {status for status, _ in hers} == {200}
        seen = [SECRET in text for _, text in hers]
        # Her file is found in her own files and in all, but not in the articles. The chat asks only the articles.
        assert seen == [False] * 3 + [True] * 6 + [False, False, True]
        for visitor in (bert, nobody):
            theirs = everything(visitor.client, path)
            assert [text for _, text in theirs if SECRET in text or "Protokoll" in text] == []
            assert theirs[-1][0] == 404
            assert json.loads(theirs[-1][1])["error"]["code"] == "not_found"
