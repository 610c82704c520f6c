"""Rules for all formats: each becomes a document in the reading process, and none is mistaken for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import formats
from index.errors import CorpusError
from index.markup.notes import MOST, comment, notes
from index.reading.documents import iter_files, load
from index.reading.extraction.process.isolation import Reader
from index.reading.extraction.process.worker import answer
from index.reading.extraction.writer import Writer
from index.segmenting.chunking import chunk
from index.syncing.sync import sync
from index.types import Document, Metadata
from tests.files import lines, make_html, make_pdf, make_zip, needs_files
from tests.office import (
    make_epub,
    make_mail,
    make_open_document,
    make_pptx,
    make_sheet,
    make_xlsx,
    shape,
)

if TYPE_CHECKING:
    from pathlib import Path

    from index.protocols import Embedder

PDF = make_pdf([lines("Auf der ersten Seite steht dieser Satz.")])
HTML = make_html("<h1>Titel der Seite</h1><p>Ein Satz.</p>")


def write(folder: Path, name: str, content: bytes) -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def _mail() -> bytes:
    return bytes(make_mail("Angebot", "Das Angebot liegt bei 1.200 €.\n"))


XLSX = make_xlsx({"Tabelle1": make_sheet([["Ort", "Plan", "Ist"], ["Nord", 5, 6]])})
ODT = make_open_document("text", "<text:p>Ein Satz.</text:p>")
OTHERS = {
    "a.xlsx": XLSX,
    "b.ods": make_open_document(
        "spreadsheet",
        "<table:table><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table>",
    ),
    "c.csv": b"Ort;Wert\nNord;5\n",
    "d.TSV": b"Ort\tWert\nNord\t5\n",
    "e.pptx": make_pptx([shape("Erste Folie", "title"), shape("Zweite Folie", "title")]),
    "f.odt": ODT,
    "g.odp": make_open_document(
        "presentation",
        '<draw:page><draw:frame presentation:class="title"><draw:text-box><text:p>Folie</text:p></draw:text-box></draw:frame></draw:page>',
    ),
    "h.epub": make_epub({"a.xhtml": "<h1>Anfang</h1><p>Erstens.</p>"}),
    "i.eml": _mail(),
}


@needs_files
def test_every_other_format_becomes_a_document_through_the_reading_process(tmp_path: Path) -> None:
    with Reader() as reader:
        found = {name: load(write(tmp_path, name, data), tmp_path, reader=reader) for name, data in OTHERS.items()}
    assert [document.encoding for document in found.values()] == [
        "xlsx", "ods", "csv", "csv", "pptx", "odt", "odp", "epub", "eml",
    ]  # fmt: skip
    # The first line of a table is not used as a title.
    assert [document.metadata.title for document in found.values()] == [
        "a", "b", "c", "d", "Erste Folie", "Ein Satz.", "Folie", "Anfang", "Angebot",
    ]  # fmt: skip
    slides = found["e.pptx"]
    assert slides.page(slides.text.index("Zweite")) == 2


@needs_files
@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.xlsx", ODT, "named .xlsx, but it is another kind of ZIP archive (an OpenDocument text (.odt))"),
        ("a.docx", XLSX, "named .docx, but it is another kind of ZIP archive (an Excel workbook (.xlsx))"),
        ("a.xlsx", b"Ort;Wert\n", "named .xlsx, but it is not an Excel workbook"),
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....",
            "old or encrypted Office file, not .xlsx. Save it as .xlsx",
        ),
        ("a.epub", PDF, "named .epub, but it is a PDF"),
        ("a.csv", XLSX, "named .csv, but it is a ZIP archive"),
        ("a.csv", HTML, "named .csv, but it is an HTML page"),
        ("a.csv", b"a;b\n\x00", "binary file"),
        ("a.eml", HTML, "named .eml, but it is an HTML page"),
        ("a.eml", b"Liebe Anna,\n", "named .eml, but it is not an email"),
        ("a.md", XLSX, "named .md, but it is a ZIP archive"),
        ("a.pptx", make_zip({"x.pptx": b""}), "another kind of ZIP archive."),
    ],
)
def test_no_format_is_taken_for_another(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    with pytest.raises(CorpusError) as caught:
        load(write(tmp_path, name, data), tmp_path)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@needs_files
@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(sorted(OTHERS)), st.integers(0, 400))
def test_damaged_files_give_text_or_one_line(noise: bytes, name: str, place: int) -> None:
    data = OTHERS[name]
    where = place * len(data) // 400
    found = answer(data[:where] + noise + data[where + len(noise) :], formats.EXTRACTED[formats.suffix_of(name)])
    assert "\n" not in found["reason"] if "reason" in found else found["extract"]["text"].strip()


@needs_files
def test_an_index_mirrors_other_formats_reads_none_twice_and_says_what_was_not_read(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, index_dir = tmp_path / "files", tmp_path / "index"
    corpus.mkdir()
    for name, data in OTHERS.items():
        write(corpus, name, data)
    write(corpus, "j.xlsx", make_xlsx({"A": make_sheet([["Ein Satz."]]), "B": make_sheet([["x"]])}, hidden=["B"]))
    write(corpus, "k.docx", XLSX)
    report = sync(corpus, index_dir, embedder)
    assert report.added == len(OTHERS) + 1
    assert [file.path for file in report.skipped] == ["k.docx"]
    assert [(note.path, note.text) for note in report.notes] == [("j.xlsx", "not read: 1 hidden sheet")]

    def read_again(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("index.reading.extraction.process.isolation._start", read_again)
    again = sync(corpus, index_dir, embedder)
    assert again.unchanged == report.added
    assert again.notes == report.notes
    assert again.to_json()["notes"] == [{"path": "j.xlsx", "text": "not read: 1 hidden sheet"}]


@pytest.mark.parametrize("note", ["a --> b", "<!-- x -->", "a\nb"])
def test_what_was_not_read_is_never_cited(note: str) -> None:
    writer = Writer()
    writer.paragraph("Davor steht dieser Satz.")
    writer.note(note)
    writer.paragraph("<!-- not read: kein Hinweis -->\nDanach steht dieser Satz.")
    text = writer.text()
    assert len(notes(text)) == 1
    document = Document("a.xlsx", text, Metadata("a"), "0" * 64, "xlsx")
    cited = " ".join(one.text for one in chunk(document))
    assert "Davor" in cited
    assert "Danach" in cited
    assert notes(text)[0] not in cited


def test_many_notes_are_counted() -> None:
    text = "\n\n".join(comment(f"sheet {number}") for number in range(MOST + 5))
    assert notes(text)[-1] == "and 5 more of this kind"
    assert len(notes(text)) == MOST + 1


def test_judgements_of_an_evaluation_set_are_no_document(tmp_path: Path) -> None:
    for folder in ("set/qrels", "eigene/qrels"):
        (tmp_path / folder).mkdir(parents=True)
        write(tmp_path / folder, "test.tsv", b"query-id\tcorpus-id\tscore\nq1\td1\t1\n")
    write(tmp_path / "set", "queries.jsonl", b"{}\n")
    assert [file.relative_to(tmp_path).as_posix() for file in iter_files(tmp_path)] == ["eigene/qrels/test.tsv"]
