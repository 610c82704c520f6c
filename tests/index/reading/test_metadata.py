"""Metadata of a text comes from the fields of its format, if they are plausible."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.reading.about import authors, plausible, stated_day
from index.reading.documents import parse
from index.storage.store import Store
from index.types import Document, Metadata, Span
from tests.files import lines, make_docx, make_html, make_pdf, needs_files
from tests.office import make_epub, make_mail, make_open_document, make_sheet, make_xlsx

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "Die Mühle von Talheim mahlt seit 1912 Korn und Hafer."


def about(data: bytes, path: str) -> Metadata:
    return parse(data, path).metadata


@needs_files
def test_a_web_page_says_who_wrote_it_when_and_where_it_stands() -> None:
    head = (
        "<title>Mühle</title><link rel=canonical href='https://example.org/muehle'>"
        '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle", '
        '"headline": "Die Mühle", "datePublished": "2024-05-03T08:00:00+02:00", '
        '"author": [{"@type": "Person", "name": "Erika Muster"}], "publisher": {"@type": "Organization", '
        '"name": "Talheimer Bote"}}</script>'
    )
    found = about(make_html(f"<article><h1>Die Mühle</h1>{f'<p>{TEXT}</p>' * 5}</article>", head=head), "a.html")
    assert (found.authors, found.date, found.url) == (("Erika Muster",), "2024-05-03", "https://example.org/muehle")
    assert (found.language, found.dated_by_file) == ("de", False)
    meta = '<meta name="author" content="Max Mann"><meta property="article:published_time" content="2023-01-02">'
    found = about(make_html(f"<h1>Mühle</h1>{f'<p>{TEXT}</p>' * 5}", head=meta), "a.html")
    assert (found.authors, found.date) == (("Max Mann",), "2023-01-02")


@needs_files
def test_a_word_document_has_its_core_properties() -> None:
    day = dt.datetime(2025, 5, 1, tzinfo=dt.UTC)
    found = about(
        make_docx(lambda one: one.add_paragraph(TEXT), title="Titel", created=day, language="en-GB"), "a.docx"
    )
    expected = Metadata("Titel", date="2025-05-01", language="en", authors=("Redaktion",))
    assert found == expected


@needs_files
def test_books_sheets_and_texts_name_their_authors() -> None:
    creators = "<dc:creator>Erika Muster</dc:creator><dc:creator>Max Mann</dc:creator>"
    source = "<dc:source>https://example.org/buch</dc:source>"
    book = make_epub({"a.xhtml": f"<p>{TEXT}</p>"}, about=creators + source)
    found = about(book, "a.epub")
    assert (found.authors, found.url) == (("Erika Muster", "Max Mann"), "https://example.org/buch")
    meta = "<meta:initial-creator>Erika Muster</meta:initial-creator><meta:editing-cycles>3</meta:editing-cycles>"
    found = about(make_open_document("text", f"<text:p>{TEXT}</text:p>", meta=meta), "a.odt")
    assert found.authors == ("Erika Muster",)
    core = b'<p:coreProperties xmlns:p="p" xmlns:dc="d"><dc:creator>Max Mann</dc:creator></p:coreProperties>'
    sheet = make_xlsx({"A": make_sheet([["Ort", "Menge"], ["Talheim", 12]])}, more={"docProps/core.xml": core})
    assert about(sheet, "a.xlsx").authors == ("Max Mann",)


@needs_files
def test_a_mail_is_by_who_sent_it() -> None:
    for sender, name in (("Anna Ö <anna@example.org>", "Anna Ö"), ("anna@example.org", "anna@example.org")):
        found = about(make_mail("Mühle", TEXT, sender=sender).as_bytes(), "a.eml")
        assert (found.authors, found.date, found.dated_by_file) == ((name,), "2025-06-03", False)


def test_front_matter_names_author_and_address() -> None:
    text = f"---\ntitle: Mühle\nautoren: [Erika Muster, Max Mann]\nurl: https://example.org/a\n---\n\n{TEXT}\n"
    found = about(text.encode(), "a.md")
    assert (found.authors, found.url) == (("Erika Muster", "Max Mann"), "https://example.org/a")
    assert about(text.replace("https:", "javascript:").encode(), "a.md").url == ""


# ---- PDF


def pdf(*texts: str, info: str = "", xmp: str = "", created: str = "D:20200202120000", catalog: str = "") -> bytes:
    data = make_pdf([lines(*texts, TEXT, pitch=40)], created=created)
    if info:
        data = data.replace(b"/CreationDate", f"/Author ({info}) /CreationDate".encode("cp1252"))
    if catalog:
        data = data.replace(b"/Type /Catalog", b"/Type /Catalog " + catalog.encode())
    return data.replace(b"%\xe2\xe3\xcf\xd3\n", b"%\xe2\xe3\xcf\xd3\n%" + packet(xmp).replace(b"\n", b" ") + b"\n")


def packet(xmp: str) -> bytes:
    if not xmp:
        return b""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">{xmp}</rdf:Description></rdf:RDF></x:xmpmeta>'
    ).encode()


@needs_files
def test_the_date_of_a_pdf_is_that_of_its_file_only_where_nothing_else_is_there_and_says_so() -> None:
    found = about(pdf(), "a.pdf")
    assert (found.date, found.dated_by_file) == ("2020-02-02", True)
    for line in ("Talheim, den 3. Mai 2019", "Stand: 03.05.2019", "3. Mai 2019", "Veröffentlicht am 3. Mai 2019"):
        found = about(pdf("Jahresbericht", line), "a.pdf")
        assert (found.date, found.dated_by_file) == ("2019-05-03", False), line
    found = about(pdf("Am 3. Mai 2019 wurde das Haus gebaut."), "a.pdf")
    assert (found.date, found.dated_by_file) == ("2020-02-02", True)
    found = about(pdf(xmp="<prism:publicationDate>2018-07-06</prism:publicationDate>"), "a.pdf")
    assert (found.date, found.dated_by_file) == ("2018-07-06", False)
    for created in ("D:29990101", "D:00000000", "", "gestern"):
        found = about(pdf(created=created), "a.pdf")
        assert (found.date, found.dated_by_file) == ("", False)


@needs_files
def test_a_pdf_says_who_wrote_it_in_which_language() -> None:
    found = about(pdf(info="Erika Muster; Max Mann", catalog="/Lang (en-US)"), "a.pdf")
    assert (found.authors, found.language) == (("Erika Muster", "Max Mann"), "en")
    xmp = (
        "<dc:creator><rdf:Seq><rdf:li>Eva Eins</rdf:li><rdf:li>Ute Zwei</rdf:li></rdf:Seq></dc:creator>"
        "<dc:title><rdf:Alt><rdf:li>Ein Titel</rdf:li></rdf:Alt></dc:title>"
        "<prism:url>https://example.org/a.pdf</prism:url><prism:publicationName>Bote</prism:publicationName>"
    )
    found = about(pdf(info="Jemand", xmp=xmp), "a.pdf")
    assert found.authors == ("Eva Eins", "Ute Zwei")
    assert (found.title, found.url, found.source) == ("Ein Titel", "https://example.org/a.pdf", "Bote")
    for broken in ("<dc:title>", "<!ENTITY x SYSTEM 'file:///etc/passwd'>", "&x;"):
        assert about(pdf(xmp=broken), "a.pdf").title


# ---- what is plausible


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("Muster, Erika", ("Muster, Erika",)),
        ("Erika Muster, Max Mann", ("Erika Muster", "Max Mann")),
        ("Erika Muster und Max Mann", ("Erika Muster", "Max Mann")),
        ("Von Erika Muster", ("Erika Muster",)),
        ("Erika Muster <e@example.org>", ("Erika Muster",)),
        ("Administrator", ()),
        ("Microsoft Office User", ()),
        ("python-docx", ()),
        ("-", ()),
        ("x" * 200, ()),
    ],
)
def test_authors_are_people(field: str, names: tuple[str, ...]) -> None:
    assert authors([field, field]) == names


@given(st.lists(st.text(max_size=200), max_size=4), st.text(max_size=400))
def test_anything_is_taken_for_what_a_file_says(fields: list[str], text: str) -> None:
    found = authors(fields)
    assert all(name and "\n" not in name and len(name) <= 80 for name in found)
    assert stated_day(text) == plausible(stated_day(text))


def test_the_store_gives_back_all_that_is_known(tmp_path: Path) -> None:
    import numpy as np

    known = Metadata(
        "T", "S", "2024-01-02", "en", ("Erika Muster", "Max \u2028Mann"), "https://e.org", dated_by_file=True
    )
    document = Document("a.pdf", TEXT, known, "0" * 64, "pdf", (0, 5), machine_read=(Span(0, 4), Span(6, 9)))
    none: Any = np.zeros((0, 2), np.float32)
    with Store.create(tmp_path / "a.sqlite", embedding="e", pipeline="p") as store:
        with store.transaction():
            store.add(document, [], none, none, np.zeros(2, np.float32))
        assert store.snapshot().documents["a.pdf"] == document
        assert store.extracted()[document.sha256] == document
