"""What the page says about how a text was read: by a machine, from an archive, with the date of its file."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from index.errors import CorpusError
from index.types import Document, Metadata, Span
from rag.cli import console
from rag.types import Citation
from tests.files import lines, make_pdf, make_zip, needs_files
from tests.rag.building import build
from tests.recognising import FakeProgram, joined, picture, saved, scanned
from tests.ui.render.test_panels import answer
from ui.conversation.handlers import Handlers
from ui.conversation.records import Record, read, record_of
from ui.render.articles import article_html
from ui.render.escaping import byline
from ui.render.panels import answer_html
from ui.render.texts import DE, EN, Texts

if TYPE_CHECKING:
    from pathlib import Path

GERMAN: Any = SimpleNamespace(headers={"accept-language": "de"}, session_hash="s", client=None)
TEXT = "Das Rathaus hat vier Stockwerke. Sein Turm ist 52 Meter hoch. Es wurde 1897 gebaut."


def document(*read: Span, pages: tuple[int, ...] = (), text: str = TEXT, **known: Any) -> Document:
    return Document("a.pdf", text, Metadata("Rathaus", **known), "0" * 64, "pdf", pages, machine_read=read)


@pytest.mark.parametrize("texts", [DE, EN])
def test_an_article_says_what_of_it_a_machine_has_read(texts: Texts) -> None:
    assert "aschin" not in article_html(document(), {}, DE)
    whole = document(Span(0, len(TEXT)), text=f"{TEXT}\n<!-- not read: page 2: blank -->\n")
    assert texts.article_machine_read in article_html(whole, {}, texts)
    some = article_html(document(Span(33, 40), Span(62, 70), pages=(0, 33, 62)), {}, texts)
    assert f"{texts.article_machine_pages} 2, 3." in some
    assert texts.article_machine_read not in some


def test_a_day_that_is_the_files_says_so_and_an_address_is_no_link() -> None:
    known = {"date": "2024-05-03", "authors": ("Erika Muster",), "url": "https://example.org/<a>"}
    assert byline(document(**known, dated_by_file=True).metadata, DE) == (
        "<bdi>Erika Muster</bdi> · <bdi>3. Mai 2024 (Datum der Datei)</bdi>"
    )
    assert "Datum der Datei" not in byline(document(**known).metadata, DE)
    assert "example.org" not in article_html(document(**known), {}, DE)
    shown = article_html(document(url="https://example.org/a"), {}, DE)
    assert '<p class="q-byline"><bdi>https://example.org/a</bdi></p>' in shown
    assert "href" not in shown


def test_a_citation_says_that_a_machine_has_read_it(capsys: pytest.CaptureFixture[str]) -> None:
    cited = Citation("a.pdf", 0, 4, "Satz", "Titel", "0" * 64, 2, machine_read=True)
    given = answer(citations=(cited, cited))
    shown = answer_html(given, DE, documents={"a.pdf": document()})
    assert 'data-about="Seite 2 · von einer Maschine gelesen"' in shown
    assert given.to_json()["citations"][0]["machine_read"] is True
    console.print_answer(given)
    assert "Seite 2, von einer Maschine gelesen" in " ".join(capsys.readouterr().out.split())
    # A conversation that the browser kept shows the same when it is opened again.
    kept = read(Record, json.dumps(record_of("Frage?", "done", given))).restored()
    assert kept is not None
    assert kept.citations == given.citations


@needs_files
def test_a_picture_of_ones_own_is_read_where_the_program_is_installed(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rag = build(corpus, tmp_path / "index")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CorpusError, match="tesseract-ocr-deu") as caught:
        rag.uploads.add("bild.png", saved(picture(), "PNG"))
    assert caught.value.kind == "no_recognition"
    monkeypatch.setenv("PATH", str(FakeProgram(tmp_path / "bin").folder))
    added = rag.uploads.add("bild.png", saved(picture(), "PNG"))
    found = rag.document(added.path)
    assert found.is_machine_read(0, 5)
    # Adding another file updates the index without reading the first one again.
    rag.uploads.add("zwei.md", TEXT.encode())
    assert rag.document(added.path) == found


@needs_files
def test_what_is_in_an_archive_is_cited_and_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(FakeProgram(tmp_path / "bin").folder))
    pdf = joined(make_pdf([lines("Ein anderes Blatt.")]), make_pdf([lines(TEXT)]), scanned(picture()))
    (tmp_path / "korpus").mkdir()
    (tmp_path / "korpus" / "archiv.zip").write_bytes(make_zip({"ordner/rathaus.pdf": pdf}))
    record = {"title": "Bad", "text": "Das Bad hat drei Becken. Es öffnet um acht Uhr."}
    (tmp_path / "korpus" / "meldungen.jsonl").write_text(json.dumps(record), encoding="utf-8")
    corpus, index = tmp_path / "korpus", tmp_path / "index"
    rag = build(corpus, index, "Sein Turm ist 52 Meter hoch.", json_files="on")
    report = rag.sync()
    assert (report.added, report.notes) == (2, ())
    given = rag.ask("Wie hoch ist der Turm des Rathauses?")
    cited = next(one for one in given.citations if "52 Meter" in one.quote)
    assert (cited.path, cited.page, cited.machine_read) == ("archiv.zip/ordner/rathaus.pdf", 2, False)
    spans = [{"key": "c0", "start": cited.start, "end": cited.end, "quote": cited.quote}]
    opened = Handlers(rag).article({"path": cited.path, "spans": spans, "page": cited.page}, GERMAN)
    assert opened["marks"] == ["c0"]
    assert f'<mark data-marks="c0">{cited.quote}</mark>' in opened["html"]
    assert "Seite 3." in opened["html"]
    assert "Das Bad hat drei Becken." in Handlers(rag).article({"path": "meldungen.jsonl/1"}, GERMAN)["html"]
    rag = build(corpus, index, "Gelesen deu+eng", json_files="on")
    cited = next(one for one in rag.ask("Was wurde gelesen, hell mal Punkte?").citations if "Gelesen" in one.quote)
    assert (cited.page, cited.machine_read) == (3, True)
