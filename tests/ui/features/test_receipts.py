"""The button that saves an answer. What the browser kept is first compared with the articles and their owner."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from rag import Settings
from rag.receipts import Files, check, read
from tests.rag.building import synced
from tests.ui import fakes
from ui.conversation.records import record_of
from ui.features.receipts import Receipts
from ui.render.panels import turn_html
from ui.render.texts import DE, EN
from ui.server.owners import COOKIE, Owners, owner_in

if TYPE_CHECKING:
    from pathlib import Path

ANNA, BERT = f"{COOKIE}={'a' * 43}", f"{COOKIE}={'b' * 43}"
QUESTION = "Wie viel Geld will Cambricon aufnehmen?"


def asks(cookie: str = ANNA, language: str = "de") -> Any:
    return SimpleNamespace(headers={"cookie": cookie, "accept-language": language}, session_hash=None)


def test_a_kept_answer_becomes_a_file_that_holds(corpus: Path, index_dir: Path) -> None:
    rag = synced(corpus, index_dir, "4 Milliarden Yuan")
    record = record_of(QUESTION, "done", rag.ask(QUESTION))
    receipts = Receipts(rag, Owners())
    for language, texts in (("de", "Beleg"), ("en", "Receipt")):
        saved = receipts.receipt({"record": record}, asks(language=language))
        assert saved["error"] == ""
        assert f"<h1>{texts}</h1>" in saved["html"]
        report = check(read(saved["html"].encode()), Files(Settings(corpus=corpus, index=index_dir)))
        assert (report.verdict, report.standing > 0) == ("holds", True)


def test_a_browser_cannot_have_its_own_words_saved(corpus: Path, index_dir: Path) -> None:
    rag = synced(corpus, index_dir, "4 Milliarden Yuan")
    record = record_of(QUESTION, "done", rag.ask(QUESTION))
    receipts = Receipts(rag, Owners())
    failed = {"html": "", "error": DE.receipt_failed}
    for change in (
        lambda answer: answer.update(answer="Frei erfunden."),
        lambda answer: answer["citations"][0].update(quote="Frei erfunden."),
        lambda answer: answer["citations"][0].update(document_sha256="0" * 64),
        lambda answer: answer["citations"][0].update(path="../geheim.md"),
        lambda answer: answer["sentences"][0].update(text="Frei erfunden."),
    ):
        altered = copy.deepcopy(record)
        change(altered["answer"])
        assert receipts.receipt({"record": altered}, asks()) == failed
    for data in (None, {}, {"record": {}}, {"record": {**record, "answer": None}}, "x"):
        assert receipts.receipt(data, asks()) == failed


def test_ones_own_file_is_saved_by_its_owner_alone(corpus: Path, index_dir: Path) -> None:
    rag = synced(corpus, index_dir, "412 Euro")
    owner = owner_in(ANNA)
    assert owner is not None
    rag.owned_uploads.get(owner).add("Blatt.txt", b"Der Kuchenbasar des Vereins brachte 412 Euro ein.")
    asked = "Was brachte der Kuchenbasar ein?"
    record = record_of(asked, "done", rag.ask(asked, filter={"collection": "uploads"}, owner=owner, strictness=0))
    receipts = Receipts(rag, Owners())
    assert "412 Euro" in receipts.receipt({"record": record}, asks(ANNA))["html"]
    for cookie in (BERT, "", f"{COOKIE}=kurz"):
        assert receipts.receipt({"record": record}, asks(cookie)) == {"html": "", "error": DE.receipt_failed}


def test_an_engine_without_receipts_says_so(corpus: Path) -> None:
    record = {"question": "Wer?", "state": "done", "error": "", "answer": None}
    assert Receipts(fakes.FakeRag(), Owners()).receipt({"record": record}, asks(language="en")) == {
        "html": "",
        "error": EN.receipt_failed,
    }


@pytest.mark.parametrize("texts", [DE, EN])
def test_the_button_stands_below_answers_that_are_done(texts: Any) -> None:
    button = f'data-action="receipt">{texts.receipt}</button>'
    assert button in turn_html("Wer?", "", 1, texts, state="done")
    for state in ("busy", "stopped", "failed"):
        assert 'data-action="receipt"' not in turn_html("Wer?", "", 1, texts, state=state)
