from __future__ import annotations

import pytest

from index.markup.notes import notes
from index.reading.extraction.archives import book
from index.reading.extraction.types import ExtractionError
from tests.files import make_zip, needs_files
from tests.office import make_epub, make_open_document

pytestmark = needs_files
ABOUT = "<dc:title>Wärme</dc:title><dc:language>de-AT</dc:language><dc:date>2025-05-01</dc:date><dc:publisher>Tal</dc:publisher>"


def test_chapters_come_in_reading_order_under_their_titles() -> None:
    found = book.extract(
        make_epub(
            {
                "b.xhtml": "<p>Zweitens &amp; zuletzt.</p>",
                "a.xhtml": "<header><h1>Anfang</h1></header><p>Erstens 10 m<sup>2</sup>.</p><p hidden='hidden'>GEHEIM</p>",
            },
            spine=["a.xhtml", "b.xhtml", "a.xhtml"],
            titles={"b.xhtml": "Das Ende", "a.xhtml": "Anfang", "b.xhtml#x": "Abschnitt"},
            about=ABOUT,
        )
    )
    assert found.text == "# Anfang\n\nErstens 10 m².\n\n# Das Ende\n\nZweitens & zuletzt.\n"
    assert (found.title, found.source, found.date, found.language) == ("Wärme", "Tal", "2025-05-01", "de-AT")


def test_tables_of_a_book_carry_the_names_of_their_columns() -> None:
    table = "<table><tr><th>Ort</th><th>Amt</th></tr><tr><td>Nord</td><td>Kasse</td></tr></table>"
    assert "Nord | Amt: Kasse" in book.extract(make_epub({"a.xhtml": table})).text


def test_paths_out_of_the_archive_lead_nowhere() -> None:
    found = book.extract(
        make_epub({"../../../../../etc/passwd": "<p>x</p>", "/etc/hostname": "<p>y</p>", "a.xhtml": "<p>Da.</p>"})
    )
    assert found.text == "Da.\n"


def test_a_chapter_that_cannot_be_read_is_said_and_the_others_are_read() -> None:
    many = " ".join(f"a{number}='x'" for number in range(300))
    found = book.extract(make_epub({"a.xhtml": f"<p {many}>x</p>", "b.xhtml": "<p>Da.</p>"}))
    assert found.text.startswith("Da.\n")
    assert notes(found.text) == ("1 damaged chapter",)


ENCRYPTION = (
    '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData><e:CipherData>'
    '<e:CipherReference URI="OEBPS/{}"/></e:CipherData></e:EncryptedData></encryption>'
)


def test_a_protected_book_says_so_and_protected_fonts_do_no_harm() -> None:
    locked = {"META-INF/encryption.xml": ENCRYPTION.format("a.xhtml").encode()}
    with pytest.raises(ExtractionError) as caught:
        book.extract(make_epub({"a.xhtml": "<p>Da.</p>"}, more=locked))
    assert caught.value.kind == "encrypted"
    fonts = {"META-INF/encryption.xml": ENCRYPTION.format("font.otf").encode()}
    assert book.extract(make_epub({"a.xhtml": "<p>Da.</p>"}, more=fonts)).text == "Da.\n"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(make_epub({"a.xhtml": "<p></p>"}), "without text", id="empty"),
        pytest.param(make_epub({"a.xhtml": "<p>x</p>"})[:500], "damaged", id="cut"),
        pytest.param(make_zip({"mimetype": b"application/epub+zip"}), "damaged", id="nothing"),
        pytest.param(make_zip({"buch.epub": make_epub({"a": "x"})}), "another kind of ZIP archive", id="zip-in-zip"),
        pytest.param(make_open_document("text", "x"), "OpenDocument text", id="odt"),
        pytest.param(make_epub({"a.xhtml": " " * 30_000_000}), "unpacks to far more", id="bomb"),
    ],
)
def test_a_book_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(ExtractionError) as caught:
        book.extract(data)
    assert reason in caught.value.message
    assert "\n" not in caught.value.message
