from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path
from typing import Never

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import formats
from index.errors import CorpusError
from index.formats import check_content
from index.reading import documents
from index.reading.decoding import decode
from index.reading.documents import find, front_matter, iter_files, load
from index.reading.extraction.process.isolation import Reader
from index.segmenting.chunking import chunk as chunk_of
from tests.files import INSTALLED, article, lines, make_docx, make_html, make_pdf, needs_files


def write(folder: Path, name: str, content: str | bytes) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def names(corpus: Path) -> list[str]:
    return [file.relative_to(corpus).as_posix() for file in iter_files(corpus)]


def test_files_are_found_in_order_and_others_are_not(tmp_path: Path) -> None:
    for name in (
        "b.md",
        "a/z.txt",
        "a/A.TXT",
        ".hidden.md",
        ".git/x.md",
        "set.jsonl",
        "c.PDF",
        "d.htm",
        "e.docx",
        "f.doc",
    ):
        write(tmp_path, name, "Text.")
    assert names(tmp_path) == ["a/A.TXT", "a/z.txt", "b.md", "c.PDF", "d.htm", "e.docx"]


def test_a_folder_stands_before_what_only_begins_like_it(tmp_path: Path) -> None:
    for name in ("a/b.md", "a-b.md", "a.md", "a/b/c.md", "a/b-c.md"):
        write(tmp_path, name, "Text.")
    # Paths are sorted by their parts: "a" comes before "a-b.md", although "/" comes after "-".
    assert names(tmp_path) == ["a/b/c.md", "a/b-c.md", "a/b.md", "a-b.md", "a.md"]


def test_links_out_of_the_corpus_are_not_followed(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    inside = write(corpus, "in.md", "Innen.")
    outside = write(tmp_path / "other", "out.md", "Außen.")
    (corpus / "linked.md").symlink_to(outside)
    (corpus / "folder").symlink_to(outside.parent, target_is_directory=True)
    (corpus / "same.md").symlink_to(inside)
    assert names(corpus) == ["in.md", "same.md"]
    assert find(corpus).left_out == (
        ("folder", "a link to a folder; links are not followed."),
        ("linked.md", "a link to a place outside of the folder."),
    )


def test_links_that_lead_to_themselves_are_left_out_with_a_line(tmp_path: Path) -> None:
    write(tmp_path, "a/in.md", "Innen.")
    (tmp_path / "selbst.md").symlink_to(tmp_path / "selbst.md")
    (tmp_path / "hin.md").symlink_to(tmp_path / "her.md")
    (tmp_path / "her.md").symlink_to(tmp_path / "hin.md")
    (tmp_path / "a" / "oben").symlink_to(tmp_path, target_is_directory=True)
    assert names(tmp_path) == ["a/in.md"]
    assert dict(find(tmp_path).left_out) == {
        "a/oben": "a link to a folder; links are not followed.",
        "her.md": "a link that leads to itself.",
        "hin.md": "a link that leads to itself.",
        "selbst.md": "a link that leads to itself.",
    }


def unreadable(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    real = os.scandir

    def scandir(path: str) -> object:
        if Path(path) == folder:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)


def test_a_folder_that_cannot_be_read_is_left_out_with_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a/in.md", "Innen.")
    write(tmp_path, "b/in.md", "Innen.")
    unreadable(monkeypatch, tmp_path / "a")
    assert names(tmp_path) == ["b/in.md"]
    assert find(tmp_path).left_out == (("a", "the folder cannot be read (Permission denied)."),)


def test_a_corpus_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unreadable(monkeypatch, tmp_path)
    with pytest.raises(CorpusError, match="cannot be read") as caught:
        find(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    assert names(tmp_path) == []


@pytest.mark.parametrize("make_file", [False, True], ids=["missing", "a-file"])
def test_a_corpus_must_be_a_folder(tmp_path: Path, make_file: bool) -> None:
    corpus = tmp_path / "x.md"
    if make_file:
        corpus.write_text("Text.")
    with pytest.raises(CorpusError):
        list(iter_files(corpus))


@pytest.mark.parametrize(
    ("data", "text", "codec"),
    [
        pytest.param("Größe".encode(), "Größe", "utf-8", id="utf-8"),
        pytest.param(b"\xef\xbb\xbf" + "Größe".encode(), "Größe", "utf-8", id="utf-8-bom"),
        pytest.param(b"\xff\xfe" + "Größe".encode("utf-16-le"), "Größe", "utf-16", id="utf-16-le"),
        pytest.param(b"\xfe\xff" + "Größe".encode("utf-16-be"), "Größe", "utf-16", id="utf-16-be"),
        pytest.param("Größe".encode("cp1252"), "Größe", "cp1252", id="cp1252"),
        # In cp1252, "ß" and the closing quote are the bytes DF 93, which are also valid UTF-8.
        pytest.param("„Spaß“ für alle".encode("cp1252"), "„Spaß“ für alle", "cp1252", id="cp1252-quotes"),
        pytest.param("„MENÜ“ öffnen".encode("cp1252"), "„MENÜ“ öffnen", "cp1252", id="cp1252-capitals"),
        pytest.param(b"a\r\nb\rc\n", "a\r\nb\rc\n", "utf-8", id="line-ends-untouched"),
        pytest.param("u\u0308".encode(), "u\u0308", "utf-8", id="not-normalised"),
        pytest.param(b"", "", "utf-8", id="empty"),
    ],
)
def test_decode(data: bytes, text: str, codec: str) -> None:
    assert decode(data) == (text, codec)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param("Größe und ".encode() + b"\xff" + b" mehr", "UTF-8 at byte 12", id="broken-utf-8"),
        pytest.param(b"\xef\xbb\xbfab\xff", "UTF-8 at byte 5", id="broken-after-bom"),
        pytest.param("Привет, мир".encode() + b"\xff", "UTF-8", id="broken-cyrillic"),
        pytest.param(b"PK\x03\x04\x00\x00", "binary", id="nul"),
        pytest.param(bytes(range(1, 32)) * 4, "binary", id="controls"),
        pytest.param(b"\xff\xfea\x00\x00\xd8", "UTF-16", id="lone-surrogate"),
        pytest.param(b"abc \x81 def", "cp1252", id="not-cp1252"),
    ],
)
def test_decode_refuses(data: bytes, reason: str) -> None:
    with pytest.raises(CorpusError, match=reason):
        decode(data)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"), max_size=50))
def test_decoding_gives_back_what_was_encoded(text: str) -> None:
    wanted = "A" * 600 + text
    assert decode(wanted.encode()) == (wanted, "utf-8")
    assert decode(b"\xff\xfe" + wanted.encode("utf-16-le")) == (wanted, "utf-16")


@given(st.binary(max_size=80))
def test_decoding_any_bytes_gives_text_or_says_why_not(data: bytes) -> None:
    try:
        text, codec = decode(data)
    except CorpusError as error:
        reason = str(error)
    else:
        reason = ""
        assert codec in {"utf-8", "utf-16", "cp1252"}
        text.encode()
    assert "\n" not in reason


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_front_matter(newline: str) -> None:
    text = newline.join(["---", "title: 1.10", "date: 2025-09-01", "tags: [a, b]", "more: {x: y}", "---", "Text."])
    values, body = front_matter(text)
    assert values == {"title": "1.10", "date": "2025-09-01", "tags": "a, b"}
    assert text[body:] == "Text."


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("---\nkein Ende", id="open"),
        pytest.param("---\nnur ein Satz\n---\nText", id="no-mapping"),
        pytest.param("---\na: [\n---\nText", id="malformed"),
        pytest.param("---\na: \x07\n---\nText", id="control-character"),
        pytest.param("---\n" + "[" * 5000 + "\n---\n", id="deep"),
        pytest.param("\n---\na: b\n---\n", id="not-at-the-start"),
        pytest.param("---- \na: b\n---\n", id="four-dashes"),
        pytest.param("---\na: b\n " + "x" * 70_000 + "\n---\n", id="too-long"),
    ],
)
def test_what_is_no_front_matter_is_text(text: str) -> None:
    assert front_matter(text) == ({}, 0)


@pytest.mark.parametrize(
    ("name", "content", "title"),
    [
        pytest.param("a.md", "---\ntitle: Aus  dem Kopf\n---\n# Anders", "Aus dem Kopf", id="front-matter"),
        pytest.param("a.md", "Vorspann\n\n# Der Titel #\n\nText", "Der Titel", id="heading"),
        pytest.param("a.md", "```\n# Code\n```\n\n# Titel", "Titel", id="not-in-code"),
        pytest.param("a.md", "## Abschnitt\n\nText", "Abschnitt", id="lower-heading-is-the-first-line"),
        pytest.param("a.txt", "\n\n  Erste   Zeile \nZweite", "Erste Zeile", id="first-line"),
        pytest.param("a.txt", "Wort " * 60, ("Wort " * 24).strip(), id="cut"),
        pytest.param("a.txt", "x" * 300, "x" * 120, id="cut-inside-a-word"),
        pytest.param("Der Name.txt", "---\na: b\n---\n \u200b\n", "Der Name", id="file-name"),
    ],
)
def test_title(tmp_path: Path, name: str, content: str, title: str) -> None:
    assert load(write(tmp_path, name, content), tmp_path).metadata.title == title


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2025-09-01", "2025-09-01"),
        ("2025-09-01T10:00:00", "2025-09-01"),
        ("1. September 2025", "2025-09-01"),
        ("2025-13-01", ""),
    ],
)
def test_dates_of_front_matter(tmp_path: Path, written: str, date: str) -> None:
    file = write(tmp_path, "a.md", f"---\ndate: {written}\nlang: en-GB\nsource: Blatt\n---\nText.")
    metadata = load(file, tmp_path).metadata
    assert (metadata.date, metadata.language, metadata.source) == (date, "en", "Blatt")


def test_a_document_holds_its_path_and_digest(tmp_path: Path) -> None:
    document = load(write(tmp_path, "a/b.txt", "Text.\r\n"), tmp_path)
    assert (document.path, document.text, document.encoding) == ("a/b.txt", "Text.\r\n", "utf-8")
    assert document.metadata.language == "de"
    assert len(document.sha256) == 64


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b" \r\n\t", "empty", id="blank"),
        pytest.param(b"\xef\xbb\xbf", "empty", id="only-bom"),
        pytest.param(b"a\x00b", "a.txt: binary", id="binary"),
        pytest.param(b"x" * 101, "larger", id="large"),
    ],
)
def test_load_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, reason: str) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 100)
    with pytest.raises(CorpusError, match=reason) as caught:
        load(write(tmp_path, "a.txt", content), tmp_path)
    assert "\n" not in str(caught.value)


def test_load_names_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "dangling.md").symlink_to(tmp_path / "gone.md")
    assert names(tmp_path) == ["dangling.md"]
    with pytest.raises(CorpusError, match=r"dangling\.md"):
        load(tmp_path / "dangling.md", tmp_path)
    with pytest.raises(CorpusError, match="not inside"):
        load(write(tmp_path, "a.md", "Text."), tmp_path / "elsewhere")
    if os.geteuid():
        secret = write(tmp_path, "secret.md", "Text.")
        secret.chmod(0)
        with pytest.raises(CorpusError, match="cannot be read"):
            load(secret, tmp_path)


PDF = make_pdf([lines("Auf der ersten Seite steht dieser Satz.")], title="report_final.docx")
DOCX = make_docx(article) if INSTALLED else b"PK\x03\x04"
HTML = make_html("<h1>Titel der Seite</h1><p>Ein Satz.</p>", language="en-GB")


@needs_files
def test_each_format_becomes_a_document(tmp_path: Path) -> None:
    with Reader() as reader:
        pdf, docx, html = (
            load(write(tmp_path, name, data), tmp_path, reader=reader)
            for name, data in (("a.pdf", PDF), ("b.DOCX", DOCX), ("c.htm", HTML))
        )
    assert (pdf.encoding, docx.encoding, html.encoding) == ("pdf", "docx", "html")
    assert (pdf.page(0), docx.page(0), html.page(0)) == (1, None, None)
    assert pdf.metadata.title == "Auf der ersten Seite steht dieser Satz."
    assert docx.metadata.title == "Bericht zur Wärmepumpe"
    assert (html.metadata.title, html.metadata.language) == ("Titel der Seite", "en")
    assert html.text == "# Titel der Seite\n\nEin Satz.\n"


@needs_files
@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.pdf", DOCX, "named .pdf, but it is a ZIP archive"),
        ("a.pdf", HTML, "named .pdf, but it is an HTML page"),
        ("a.pdf", b"nur Text", "named .pdf, but it is not a PDF"),
        ("a.docx", PDF, "named .docx, but it is a PDF"),
        ("a.docx", b"nur Text", "named .docx, but it is not a Word document"),
        (
            "a.docx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....",
            "old or encrypted Office file, not .docx. Save it as .docx",
        ),
        ("a.html", PDF, "named .html, but it is a PDF"),
        ("a.html", b"nur Text", "not HTML"),
        ("a.txt", PDF, "named .txt, but it is a PDF"),
        ("a.md", HTML, "named .md, but it is an HTML page"),
        ("a.txt", b"\x89PNG\r\n\x1a\n", "a picture"),
        ("a.html", b"\x7fELF\x02", "a program"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    with pytest.raises(CorpusError) as caught:
        load(write(tmp_path, name, data), tmp_path)
    assert str(caught.value).startswith(f"{name}: ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["Ein PDF beginnt mit %PDF-1.7, heißt es.", "<div>Markdown</div> darf HTML haben.", "PK und so"]
)
def test_a_text_that_speaks_of_formats_is_a_text(tmp_path: Path, text: str) -> None:
    assert load(write(tmp_path, "a.md", text), tmp_path).text == text


@needs_files
def test_a_missing_library_is_named_by_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "_LIBRARIES", {"pdf": "no_such_library"})
    with pytest.raises(CorpusError, match=r"a\.pdf: .*extra `files`.*pip install"):
        load(write(tmp_path, "a.pdf", PDF), tmp_path)


@needs_files
def test_what_was_taken_out_of_a_file_is_not_taken_out_again(tmp_path: Path) -> None:
    class Refusing(Reader):
        def extract(self, data: bytes, kind: str) -> Never:
            raise AssertionError("read again")

    before = load(write(tmp_path, "a.html", make_html("<p>Text</p>")), tmp_path)
    untitled = replace(before, metadata=replace(before.metadata, title="a"))
    renamed = load(
        write(tmp_path, "b.html", make_html("<p>Text</p>")),
        tmp_path,
        reader=Refusing(),
        known={before.sha256: untitled},
    )
    assert (renamed.path, renamed.text, renamed.metadata.title) == ("b.html", before.text, "b")


def test_a_run_of_comments_is_looked_at_once() -> None:
    check_content(b"<!---->" * 585 + b"x", ".md")  # a backtracking pattern would take forever
    with pytest.raises(CorpusError, match="HTML|web page"):
        check_content(b'<?xml version="1.0"?>\n' + b"<!-- a -->\n" * 20 + b"<!DOCTYPE html><p>x", ".md")


@needs_files
def test_what_of_a_pdf_was_not_read_is_said_in_its_text(tmp_path: Path) -> None:
    from index.markup.notes import notes

    pages = [
        lines("Auf der ersten Seite steht ein Satz über den Hafen."),
        [],
        lines("Auf der dritten steht noch einer."),
    ]
    (tmp_path / "a.pdf").write_bytes(make_pdf(pages))
    document = load(tmp_path / "a.pdf", tmp_path)
    assert notes(document.text) == ("page 2: without text",)
    assert not any("page 2" in chunk.text for chunk in chunk_of(document))
