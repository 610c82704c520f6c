"""The list of articles, and the choice of the articles that are asked."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from index.errors import RagError
from index.storage.left_out import Skipped
from rag.types import Filter
from tests.ui import fakes
from ui.conversation.extension import Asked
from ui.features.library import ArticleList, Library, LibraryRequest, entry_html
from ui.render.articles import article_html, set_back
from ui.render.texts import DE, EN


class Request:
    headers = MappingProxyType({"accept-language": "de"})
    session_hash = "a"


REQUEST: Any = Request()


def paths(**wanted: Any) -> list[str]:
    return [document.path for document in ArticleList(fakes.FakeRag()).find(LibraryRequest(**wanted))]


def test_the_list_is_sorted_searched_and_filtered() -> None:
    assert paths()[0] == "cambricon.md"  # the only one with a date
    assert set(paths()) == set(fakes.DOCUMENTS)
    assert paths(words="huawei block") == ["allianz.md"]
    assert paths(words="PRIVATPLATZIERUNG") == ["cambricon.md"]
    assert paths(words="gibt es nicht") == []
    assert paths(source="it-markt") == ["cambricon.md"]
    assert paths(since="2025-07-22", until="2025-07-22") == ["cambricon.md"]
    assert paths(since="2025-07-23") == paths(until="2025-07-21") == []
    assert paths(path="allianz.md") == ["allianz.md"]


def test_the_shelf_notices_changed_articles(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = fakes.FakeRag()
    articles = ArticleList(fake)
    assert articles.entries() is articles.entries()
    new = fakes.make_document("neu.md", "Neues", title="Neu")
    monkeypatch.setattr(fake, "documents", lambda: [new])
    assert [entry.document.path for entry in articles.entries()] == ["neu.md"]


def test_a_page_of_the_list_is_escaped_and_says_where_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = fakes.FakeRag()
    many = [fakes.make_document(f"{n:03}.md", "Text", title=f"<b>{n:03}</b>", source="S") for n in range(60)]
    monkeypatch.setattr(fake, "documents", lambda: many)
    library = Library(fake)
    answer = library.library_list({"words": "", "first": 0}, REQUEST)
    assert (answer["found"], answer["all"], answer["next"], answer["sources"]) == (60, 60, 50, ["S"])
    assert answer["dated"] is False
    assert Library(fakes.FakeRag()).library_list({}, REQUEST)["dated"] is True
    assert "<b>" not in answer["html"]
    assert library.library_list({"first": 50}, REQUEST)["next"] is None
    assert library.library_list({"since": "gestern"}, REQUEST)["error"]
    assert 'data-path="000.md"' in entry_html(many[0], EN)


def test_the_list_says_what_was_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = fakes.FakeRag()
    good = fakes.make_document("gut.md", "Text", title="Gut")
    text = "Text\n\n<!-- not read: pages 2-3: without text, only a picture -->\n"
    bad = replace(fakes.make_document("<b>.pdf", text, title="Bericht"), encoding="pdf")
    monkeypatch.setattr(fake, "documents", lambda: [bad, good])
    skipped = [Skipped("<i>.pdf", "a PDF without text.", "scanned"), Skipped("x", "a link that leads to itself.")]
    monkeypatch.setattr(fake, "left_out", lambda: skipped, raising=False)
    library = Library(fake)
    answer = library.library_list({}, REQUEST)
    assert "Nicht gelesen: Seite 2–3 (nur ein Bild, kein Text)" in answer["html"]
    assert DE.refused_scanned in answer["html"]
    assert "a link that leads to itself." in answer["html"]
    assert answer["html"].count("q-unread") == 3
    assert "<b>" not in answer["html"]
    assert "<i>" not in answer["html"]
    assert answer["unread"] == [
        {"document": "<b>.pdf", "what": "pages 2-3: without text, only a picture"},
        {"document": "<i>.pdf", "what": "a PDF without text."},
        {"document": "x", "what": "a link that leads to itself."},
    ]
    assert library.library_list({"words": "gut"}, REQUEST)["unread"] == []
    assert "q-unread" not in entry_html(good, DE)


def test_the_choice_narrows_the_question() -> None:
    library = Library(fakes.FakeRag())
    asked = Asked(library.engine, {"filter": Filter(collection="all"), "client": "a"})

    def narrowed(**choice: str) -> Filter:
        options = library.narrow(asked, json.dumps(choice), request=REQUEST).options
        assert options["client"] == "a"
        return options["filter"]

    assert library.narrow(asked, "", request=REQUEST) is asked
    assert library.narrow(asked, "@library", request=REQUEST) is asked
    assert narrowed(source="IT-Markt", since="2025-01-01") == Filter("IT-Markt", "2025-01-01", collection="all")
    assert narrowed(until="2025-12-31") == Filter(until="2025-12-31", collection="all")
    assert narrowed(path="allianz.md") == Filter(paths=frozenset({"allianz.md"}), collection="articles")
    with pytest.raises(RagError, match="chosen article is not there"):
        narrowed(path="fehlt.md")
    with pytest.raises(RagError):
        library.narrow(asked, "{", request=REQUEST)


def test_what_is_never_cited_is_set_back_and_nothing_is_lost() -> None:
    text = (
        "# Titel der Nachricht\n\nCambricon will bis zu vier Milliarden Yuan aufnehmen, wie das Unternehmen mitteilte.\n\n"
        "Das Geld soll in die Entwicklung neuer Chips fließen, heißt es in der Mitteilung.\n\n"
        "Jetzt Newsletter abonnieren\n"
    )
    ranges = [text[low:high].strip() for low, high in set_back(fakes.make_document("a.md", text, title="T")).values()]
    assert ranges == ["Jetzt Newsletter abonnieren"]
    html = article_html(fakes.make_document("a.md", text, title="T"), {"c0": (2, 7)}, DE)
    assert '<span class="q-aside">' in html
    assert DE.article_aside in html
    assert DE.article_aside not in article_html(fakes.DOCUMENTS["allianz.md"], {}, DE)
