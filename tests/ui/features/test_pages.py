"""A page of a PDF as HTML: who may see it, what is said if it cannot be shown, and that all of it is escaped."""

from __future__ import annotations

import base64
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from index.errors import CorpusError
from index.types import Document, Metadata
from rag.pages.types import PageImage, Rectangle
from tests.files import lines, make_pdf, needs_files
from tests.ui import fakes
from ui.conversation.handlers import Handlers, texts_of
from ui.conversation.pages import PageView, page_html
from ui.render.texts import DE, EN
from ui.server.owners import COOKIE, Owners, owner_in

if TYPE_CHECKING:
    from pathlib import Path

    from rag.client import RAG

pytestmark = needs_files
ANNA, BERT = f"{COOKIE}={'a' * 43}", f"{COOKIE}={'b' * 43}"
SECRET = "Der Kuchenbasar des Vereins brachte 412 Euro ein."
PDF = make_pdf([lines(SECRET, "Danach wurde gewählt."), lines("Auf der zweiten Seite steht mehr davon.")])
EVIL = '<img src=x onerror="alert(1)">'


def asks(cookie: str, language: str = "de") -> Any:
    return SimpleNamespace(headers={"cookie": cookie, "accept-language": language}, session_hash=None)


def wish(path: str, text: str, quote: str, **more: Any) -> dict[str, Any]:
    start = text.index(quote)
    return {"path": path, "spans": [{"key": "c0", "start": start, "end": start + len(quote), "quote": quote}], **more}


def test_a_page_of_ones_own_file_is_shown_to_its_owner_alone(rag: RAG) -> None:
    owner = owner_in(ANNA)
    assert owner is not None
    upload = rag.owned_uploads.get(owner).add("Blatt.pdf", PDF)
    view = PageView(rag, Owners(), texts_of, shared=True)
    wanted = wish(upload.path, rag.document(upload.path, owner=owner).text, SECRET, first="c0")
    shown = view.sheet(wanted, asks(ANNA))
    assert (shown["page"], shown["pages"], shown["marks"]) == (1, 2, ["c0"])
    assert "data:image/png;base64," in shown["html"]
    assert SECRET in shown["html"]
    assert "zweiten" not in shown["html"]
    for cookie in (BERT, "", f"{COOKIE}=kurz"):
        refused = view.sheet(wanted, asks(cookie))
        assert (refused["page"], refused["marks"]) == (0, [])
        assert refused["html"] == f'<p class="q-note" role="status">{DE.sheet_failed}</p>'
    turned = view.sheet({**wanted, "page": 2, "turned": True}, asks(ANNA, "en"))
    assert (turned["page"], turned["marks"]) == (2, [])
    assert EN.sheet_text in turned["html"]


def test_pages_are_offered_for_pdfs_alone(rag: RAG, corpus: Path) -> None:
    (corpus / "a.pdf").write_bytes(PDF)
    rag.sync()
    handlers = Handlers(rag)
    html = {path: handlers.article({"path": path}, asks(ANNA))["html"] for path in ("a.pdf", "cambricon.md")}
    assert {path: 'id="q-page"' in found for path, found in html.items()} == {"a.pdf": True, "cambricon.md": False}
    view = PageView(rag, Owners(), texts_of)
    assert view.sheet({"path": "cambricon.md"}, asks(ANNA))["page"] == 0
    # A custom engine may not be able to show pages.
    assert PageView(fakes.FakeRag(), Owners(), texts_of).sheet({"path": "cambricon.md"}, asks(ANNA))["page"] == 0


@pytest.mark.parametrize(
    ("kind", "said"),
    [("page_gone", "sheet_gone"), ("page_changed", "sheet_changed"), ("page_failed", "sheet_failed")],
)
def test_why_a_page_cannot_be_shown_is_said_in_the_language_of_the_page(
    rag: RAG, corpus: Path, monkeypatch: pytest.MonkeyPatch, kind: str, said: str
) -> None:
    (corpus / "a.pdf").write_bytes(PDF)
    rag.sync()

    def fail(*_: Any, **__: Any) -> Any:
        raise CorpusError("/secret/place/a.pdf: broken", kind=kind)

    monkeypatch.setattr(rag, "page_image", fail)
    for language, texts in (("de", DE), ("en", EN)):
        shown = PageView(rag, Owners(), texts_of).sheet({"path": "a.pdf"}, asks(ANNA, language))
        assert getattr(texts, said) in shown["html"]
        assert "secret" not in shown["html"]


@pytest.mark.parametrize(
    "data",
    [None, [], {}, {"path": 3}, {"path": "a.pdf", "page": "x"}, {"path": "a.pdf", "spans": [{"key": "<b>"}]}, "{"],
)
def test_what_no_page_sends_is_refused_in_words(rag: RAG, data: Any) -> None:
    assert PageView(rag, Owners(), texts_of).sheet(data, asks(ANNA))["page"] == 0


def test_a_page_number_out_of_reach_is_refused_in_words(rag: RAG, corpus: Path) -> None:
    (corpus / "a.pdf").write_bytes(PDF)
    rag.sync()
    view = PageView(rag, Owners(), texts_of)
    for page in (0, -1, 3, 10**9, 10**30):
        shown = view.sheet({"path": "a.pdf", "page": page, "turned": True}, asks(ANNA))
        assert (shown["page"], "q-note" in shown["html"]) == (0, True)


IMAGE = PageImage("a.pdf", 3, 12, "iv", b"\x89PNG", "image/png", 100, 200, 300.0, 600.0, (), (), f"Der Text {EVIL}.\n")
DOCUMENT = Document("a.pdf", f"Eins.\n\nZwei.\n\nDer Text {EVIL}.\n", Metadata(EVIL), "", "pdf", (0, 7, 14))


def test_nothing_of_a_file_gets_through_unescaped() -> None:
    html = page_html(DOCUMENT, replace(IMAGE, label=EVIL), {}, {EVIL: [Rectangle(0, 0, 1, 1)]}, DE)
    assert "<img src=x" not in html
    assert html.count("<img") == 1


def test_marks_are_told_in_shares_of_the_page() -> None:
    html = page_html(DOCUMENT, IMAGE, {"c0": (14, 17)}, {"c0": [Rectangle(30, 60, 180, 90)]}, DE)
    assert 'data-marks="c0" style="left:10.000%;top:10.000%;width:50.000%;height:5.000%"' in html
    assert '<mark data-marks="c0">Der</mark>' in html
    assert "Eins." not in html
    assert base64.b64encode(b"\x89PNG").decode() in html
    assert "Seite iv (3. der Datei) von 12" in html


def test_the_first_and_last_page_have_no_neighbour() -> None:
    first = page_html(DOCUMENT, replace(IMAGE, page=1, pages=1, text=""), {}, {}, EN)
    assert first.count(" disabled") == 2
    assert EN.sheet_empty in first
    assert page_html(DOCUMENT, IMAGE, {}, {}, EN).count(" disabled") == 0
