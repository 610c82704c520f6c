from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.limits import MOST_ATTACHMENTS
from index.markup.notes import notes
from index.reading.extraction.archives import mail
from index.reading.extraction.types import ExtractionError
from tests.files import article, make_docx, make_zip, needs_files
from tests.office import make_mail

pytestmark = needs_files
TEXT = "Guten Tag,\n\ndas Angebot liegt bei 1.200 €.\n# keine Überschrift\n\nGruß\nAnna\n"


def test_a_mail_begins_with_its_subject_and_who_wrote_it_when() -> None:
    found = mail.extract(bytes(make_mail("Angebot für die Öfen", TEXT)))
    assert found.text == (
        "# Angebot für die Öfen\n\nVon: anna@example.org\nAn: Ben Öz <ben@example.org>\nDatum: 03.06.2025 14:05\n\n"
        "Guten Tag,\n\ndas Angebot liegt bei 1.200 €.\n\\# keine Überschrift\n\nGruß\nAnna\n"
    )
    assert (found.title, found.date) == ("Angebot für die Öfen", "2025-06-03")


def test_an_english_mail_keeps_its_own_words() -> None:
    text = mail.extract(bytes(make_mail("The offer", "This is the offer that you asked for.\n"))).text
    assert "From: anna@example.org\nTo: Ben Öz <ben@example.org>\nDate: 2025-06-03 14:05" in text


def test_of_html_what_is_seen_is_read_where_plain_text_does_not_say_it() -> None:
    page = "<p>" + "Die Lieferung kommt am Montag. " * 20 + "<span style='display:none'>GEHEIM</span></p>"
    text = mail.extract(bytes(make_mail("Lieferung", "Siehe HTML.\n", page=page))).text
    assert "Montag" in text
    assert "GEHEIM" not in text
    assert "Montag" not in mail.extract(bytes(make_mail("Lieferung", TEXT, page="<p>Montag</p>"))).text


def test_a_mail_names_what_is_attached_and_says_what_is_of_no_kind_that_is_read() -> None:
    message = make_mail("Unterlagen", TEXT)
    for data, name in ((make_docx(article), "Bericht.docx"), (b"x", "Modell.dwg"), (make_zip({"a": b"x"}), "mehr.zip")):
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    text = mail.extract(bytes(message)).text
    assert "Datum: 03.06.2025 14:05\nAnlagen: Bericht.docx; Modell.dwg; mehr.zip\n" in text
    assert "Talheim" not in text
    assert notes(text) == ("attachment Modell.dwg: not of a kind that is read.",)
    english = make_mail("The papers", "This is the report that you asked for.\n")
    english.add_attachment(b"x", maintype="text", subtype="csv", filename="table.csv")
    assert "\nAttachments: table.csv\n" in mail.extract(bytes(english)).text


def test_more_attachments_than_are_read_are_said_once() -> None:
    message = make_mail("Viele", TEXT)
    for number in range(MOST_ATTACHMENTS + 5):
        message.add_attachment(b"Anlage", maintype="text", subtype="plain", filename=f"{number}.txt")
    text = mail.extract(bytes(message)).text
    assert notes(text) == (f"attachments after the first {MOST_ATTACHMENTS}: too many",)


def test_encodings_that_a_mail_gets_wrong() -> None:
    head = b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nFrom: a@b.de\nContent-Type: text/plain; charset=%s\n\n"
    for named, data in (
        (b"us-ascii", "schön".encode("cp1252")),
        (b"unknown-8bit", "schön".encode()),
        (b"utf-8", "schön".encode("cp1252")),
    ):
        found = mail.extract(head % named + data)
        assert found.title == "Grüße"
        assert found.text.endswith("schön\n")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"Liebe Anna,\n\nhier kommt nur Text.\n", "not an email"),
        (b"<html><body>Subject: x</body></html>", "not an email"),
        (b"X-Eigen: 1\n\nText", "not an email"),
        (b"MIME-Version: 1.0\n\n", "without text"),
    ],
)
def test_what_is_no_mail_says_so(data: bytes, reason: str) -> None:
    with pytest.raises(ExtractionError) as caught:
        mail.extract(data)
    assert reason in caught.value.message
    assert "\n" not in caught.value.message


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from([b"Subject", b"Date", b"From", b"To", b"Content-Type", b"Content-Transfer-Encoding"]),
)
def test_any_header_is_read_or_refused(value: bytes, name: bytes) -> None:
    try:
        text = mail.extract(b"Subject: x\n" + name + b": " + value + b"\n\nText\n").text
    except ExtractionError:
        return
    assert text.encode().decode() == text  # no lone surrogates
