from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


def test_attachments_are_sections_and_what_cannot_be_read_is_said() -> None:
    message = make_mail("Unterlagen", TEXT)
    word = "vnd.openxmlformats-officedocument.wordprocessingml.document"
    for data, name in (
        (make_docx(article), "Bericht.docx"),
        (b"Ort;Wert;Rest\nNord;5;x\n", "tabelle.csv"),
        (b"# Kopf\n\nText <!-- so\n", "notiz.md"),
        (b"%PDF-1.4\n", "kaputt.docx"),
        (make_zip({"a": b"x"}), "mehr.zip"),
        (b"", "leer.txt"),
    ):
        message.add_attachment(data, maintype="application", subtype=word, filename=name)
    text = mail.extract(bytes(message)).text
    assert "\n\n## Bericht.docx\n\n### Bericht zur Wärmepumpe\n\nDie Gemeinde Talheim" in text
    assert "\n\n## tabelle.csv\n\nOrt | Wert | Rest\n\nNord | Wert: 5 | Rest: x" in text
    assert "\n\n## notiz.md\n\n### Kopf\n\nText <!-- so" in text
    assert notes(text) == (
        "attachment kaputt.docx: named .docx, but it is a PDF.",
        "attachment mehr.zip: not of a kind that is read.",
        "attachment leer.txt: empty.",
    )


def test_a_mail_within_a_mail_within_a_mail_is_read_and_no_deeper() -> None:
    message = make_mail("Ebene 1", TEXT)
    for level in range(2, 8):
        outer = make_mail(f"Ebene {level}", TEXT)
        outer.add_attachment(message)
        message = outer
    text = mail.extract(bytes(message)).text
    assert "# Ebene 7" in text
    assert "## Ebene 6" in text
    assert "### Ebene 5" in text
    assert "Ebene 4" not in text
    assert notes(text) == ("a mail within 3 others: too deep",)


def test_mails_attached_as_files_are_no_deeper_either() -> None:
    data = bytes(make_mail("Ebene 1", TEXT))
    for level in range(2, 8):
        outer = make_mail(f"Ebene {level}", TEXT)
        outer.add_attachment(data, maintype="application", subtype="octet-stream", filename="inner.eml")
        data = bytes(outer)
    text = mail.extract(data).text
    assert "Ebene 5" in text
    assert "Ebene 4" not in text
    assert "too deep" in notes(text)[0]


def test_attachments_are_bounded_over_all_levels() -> None:
    inner = make_mail("Innen", TEXT)
    for number in range(mail.MAX_ATTACHMENTS + 5):
        inner.add_attachment(f"Anlage {number}".encode(), maintype="text", subtype="plain", filename=f"{number}.txt")
    outer = make_mail("Außen", TEXT)
    outer.add_attachment(inner)
    text = mail.extract(bytes(outer)).text
    assert text.count("Anlage") == mail.MAX_ATTACHMENTS - 1
    assert notes(text) == (f"attachments after the first {mail.MAX_ATTACHMENTS}: too many",)


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
        (b"Liebe Anna,\n\nhier kommt nur Text.\n", "not a mail"),
        (b"<html><body>Subject: x</body></html>", "not a mail"),
        (b"X-Eigen: 1\n\nText", "not a mail"),
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
    assert text.encode().decode() == text  # no half characters
