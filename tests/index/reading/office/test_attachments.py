"""Attachments of mails as documents: which parts become documents, their paths, and how a sync handles them."""

from __future__ import annotations

from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import CorpusError
from index.limits import MOST_ATTACHMENTS
from index.reading.containers import types
from index.reading.containers.content import content
from index.reading.containers.mails import unpack_mail
from index.reading.containers.types import LeftOut, Member
from index.reading.extraction.process.isolation import Reader
from index.reading.gathering import gather
from index.reading.options import ReadingOptions
from index.syncing.sync import sync
from tests.files import article, lines, make_docx, make_pdf, make_zip, needs_files
from tests.index.synced import counts, opened
from tests.office import make_mail

if TYPE_CHECKING:
    from pathlib import Path

    from tests.rag.fakes import HashingEmbedder

pytestmark = needs_files
TEXT = "Guten Tag,\n\nanbei die Unterlagen zur Mühle.\n"
NOTE = "Die Mühle von Talheim mahlt seit 1912 Korn.".encode()
PNG = b"\x89PNG\r\n\x1a\n"


def attach(message: EmailMessage, data: bytes, name: str | None, kind: str = "application/octet-stream") -> None:
    main, _, sub = kind.partition("/")
    message.add_attachment(data, maintype=main, subtype=sub, filename=name)


def out_of(message: EmailMessage | bytes, path: str = "m.eml") -> tuple[dict[str, bytes], dict[str, str]]:
    found = list(unpack_mail(bytes(message), path, lambda _: True))
    members = {one.path: one.data for one in found if isinstance(one, Member)}
    left_out = {one.path: one.reason for one in found if isinstance(one, LeftOut)}
    assert len(members) + len(left_out) == len(found)
    assert all("\n" not in reason for reason in left_out.values())
    return members, left_out


def gathered(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    with Reader() as reader:
        found = gather(folder, reader, options=ReadingOptions(languages="off"))
    return {one.path: one.text for one in found.documents}, dict(found.left_out)


def test_what_is_attached_is_read_by_itself_and_what_cannot_be_is_said(tmp_path: Path) -> None:
    message = make_mail("Unterlagen", TEXT)
    attach(message, make_docx(article), "Bericht.docx")
    attach(message, b"Ort;Wert;Rest\nNord;5;x\n", "tabelle.csv")
    attach(message, NOTE, "notiz.md")
    attach(message, b"%PDF-1.4\n", "kaputt.docx")
    attach(message, b"", "leer.txt")
    attach(message, make_zip({"innen/a.txt": NOTE}), "mehr.zip")
    attach(message, b"x", "Modell.dwg")
    (tmp_path / "post").mkdir()
    (tmp_path / "post" / "m.eml").write_bytes(bytes(message))
    texts, left_out = gathered(tmp_path)
    assert list(texts) == [
        "post/m.eml",
        "post/m.eml/Bericht.docx",
        "post/m.eml/tabelle.csv",
        "post/m.eml/notiz.md",
        "post/m.eml/mehr.zip/innen/a.txt",
    ]
    assert texts["post/m.eml/Bericht.docx"].startswith("# Bericht zur Wärmepumpe")
    assert texts["post/m.eml/tabelle.csv"].startswith("Ort | Wert | Rest\n\nNord | Wert: 5")
    assert left_out == {
        "post/m.eml/kaputt.docx": "named .docx, but it is a PDF. Give it the right extension.",
        "post/m.eml/leer.txt": "empty file.",
    }


def test_pictures_in_the_text_and_signatures_are_no_documents() -> None:
    message = make_mail("Bilder", TEXT, page='<p>Gruß <img src="cid:logo@x"><img src="cid:zwei@x"></p>')
    page = message.get_body(("html",))
    assert isinstance(page, EmailMessage)
    page.add_related(PNG, maintype="image", subtype="png", cid="<logo@x>")
    for headers in (
        {"Content-Disposition": 'inline; filename="inline.png"'},
        {"Content-Disposition": 'attachment; filename="zwei.png"', "Content-ID": "<zwei@x>"},
        {"Content-Disposition": 'attachment; filename="scan.png"', "Content-ID": "<f_k1@mail>"},
    ):
        message.add_attachment(PNG, maintype="image", subtype="png")
        part = list(message.iter_attachments())[-1]
        for name, value in headers.items():
            del part[name]
            part[name] = value
    attach(message, b"x", "smime.p7s", "application/pkcs7-signature")
    attach(message, b"x", "signature.asc", "application/pgp-signature")
    assert out_of(message) == ({"m.eml/scan.png": PNG}, {})


def test_files_beside_one_of_several_texts_are_found() -> None:
    # Apple's programs arrange parts like this: the web page that contains the file is an alternative to the plain text.
    mail = (
        b"Subject: x\nContent-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain\n\nHallo\n"
        b"--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>Hallo</p>\n"
        b"--b\nContent-Type: text/markdown; name=notiz.md\nContent-Disposition: inline; filename=notiz.md\n\n"
        + NOTE
        + b"\n--b\nContent-Type: text/html\n\n<p>Ende</p>\n--b--\n--a\nContent-Type: text/calendar\n\nBEGIN\n--a--\n"
    )
    assert out_of(mail) == ({"m.eml/notiz.md": NOTE}, {})


@pytest.mark.parametrize(
    ("name", "kind", "read"),
    [
        ("../../draussen.md", "text/markdown", "draussen.md"),
        ("C:\\Users\\x\\b.md", "text/markdown", "b.md"),
        (".versteckt.md", "text/markdown", "versteckt.md"),
        ("Mu\u0308hle\u202e\n.md", "text/markdown", "Mühle.md"),
        ("Rechnung", "application/pdf", "Rechnung.pdf"),
        (None, "application/pdf", "attachment.pdf"),
        (None, "application/octet-stream", "attachment.bin"),
        ("x" * 300 + ".pdf", "application/pdf", "x" * 96 + ".pdf"),
    ],
)
def test_an_attachment_has_the_name_of_a_file(name: str | None, kind: str, read: str) -> None:
    message = make_mail("Namen", TEXT)
    attach(message, b"x", None, kind)
    part = list(message.iter_attachments())[-1]
    if name is not None:
        part.set_param("filename", name.replace("\n", " "), header="Content-Disposition")
    assert list(out_of(message)[0]) == [f"m.eml/{read}"]


def test_of_two_files_of_one_name_both_are_read() -> None:
    message = make_mail("Doppelt", TEXT)
    for data in (b"eins", b"zwei", b"drei"):
        attach(message, data, "a.txt" if data != b"drei" else "A.txt")
    assert out_of(message)[0] == {"m.eml/a.txt": b"eins", "m.eml/a (2).txt": b"zwei", "m.eml/A (3).txt": b"drei"}


@pytest.mark.parametrize("as_file", [False, True])
def test_a_mail_in_a_mail_is_a_document_and_one_in_that_is_a_line(tmp_path: Path, *, as_file: bool) -> None:
    message = make_mail("Ebene 1", TEXT)
    for level in range(2, 8):
        outer = make_mail(f"Ebene {level}", TEXT)
        if as_file:
            attach(outer, bytes(message), f"Ebene {level - 1}.eml")
        else:
            outer.add_attachment(message)
        message = outer
    (tmp_path / "m.eml").write_bytes(bytes(message))
    texts, left_out = gathered(tmp_path)
    assert [text.splitlines()[0] for text in texts.values()] == ["# Ebene 7", "# Ebene 6"]
    assert list(texts) == ["m.eml", "m.eml/Ebene 6.eml"]
    assert left_out == {
        "m.eml/Ebene 6.eml/Ebene 5.eml": "an email within 2 others: too deep. Save it as a file.",
    }


def test_archives_and_mails_within_each_other_are_bounded_each(tmp_path: Path) -> None:
    data, name = NOTE, "a.txt"
    for number in range(4):
        message = make_mail(f"Post {number}", TEXT)
        attach(message, data, name)
        data, name = make_zip({f"{number}.eml": bytes(message)}), f"{number}.zip"
    (tmp_path / name).write_bytes(data)
    texts, left_out = gathered(tmp_path)
    assert list(texts) == ["3.zip/3.eml", "3.zip/3.eml/2.zip/2.eml"]
    assert list(left_out) == ["3.zip/3.eml/2.zip/2.eml/1.zip"]
    assert "too deep" in left_out["3.zip/3.eml/2.zip/2.eml/1.zip"]


def test_how_many_are_read_and_how_large_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    message = make_mail("Viele", TEXT)
    for number in range(MOST_ATTACHMENTS + 5):
        attach(message, NOTE, f"{number}.txt")
    assert len(out_of(message)[0]) == MOST_ATTACHMENTS
    monkeypatch.setattr(types, "LARGEST_UNPACKED", 3 * len(NOTE))
    members, left_out = out_of(message)
    assert (len(members), list(left_out)) == (3, ["m.eml"])
    assert "'3.txt'" in left_out["m.eml"]


def test_a_mail_that_cannot_be_read_within_the_bounds_is_not_taken_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing:
        def extract(self, data: bytes, kind: str, /) -> Any:
            raise CorpusError("took too long.", kind="too_large")

    monkeypatch.setattr("index.reading.gathering.unpack_mail", lambda *_: pytest.fail("taken apart"))
    message = make_mail("x", TEXT)
    attach(message, NOTE, "a.txt")
    (tmp_path / "m.eml").write_bytes(bytes(message))
    found = gather(tmp_path, Refusing(), options=ReadingOptions(languages="off"))
    assert (found.documents, dict(found.left_out)) == ((), {"m.eml": "took too long."})


def test_parts_within_each_other_without_end_are_refused_in_one_line(tmp_path: Path) -> None:
    mail = b"Subject: x\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (number, number) for number in range(3000)
    )
    (tmp_path / "m.eml").write_bytes(mail + b"Content-Type: text/plain\n\nText\n")
    (tmp_path / "gut.md").write_bytes(NOTE)
    texts, left_out = gathered(tmp_path)
    assert (list(texts), list(left_out)) == (["gut.md"], ["m.eml"])
    assert [*out_of(mail)[1]] == ["m.eml"]


def test_a_member_is_found_again_by_its_path() -> None:
    inner = make_mail("Innen", TEXT)
    attach(inner, NOTE, "tief.md")
    message = make_mail("Außen", TEXT)
    message.add_attachment(inner)
    attach(message, make_zip({"b.md": b"b"}), "z.zip")
    archive = make_zip({"m.eml": bytes(message)})
    assert content(archive, "a.zip", "a.zip/m.eml/Innen.eml/tief.md") == NOTE
    assert content(archive, "a.zip", "a.zip/m.eml/z.zip/b.md") == b"b"
    with pytest.raises(CorpusError, match="no longer in the email"):
        content(bytes(message), "m.eml", "m.eml/weg.md")


def test_a_sync_follows_what_becomes_of_a_mail(
    corpus: Path, index_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = make_mail("Unterlagen", TEXT)
    attach(message, make_pdf([lines("Seite eins nennt Koalas."), lines("Seite zwei nennt Wombats.")]), "tiere.pdf")
    # An index of an earlier version, which has the mail but not its attachments.
    with monkeypatch.context() as before:
        before.setattr("index.syncing.sync.PIPELINE", "2.6")
        before.setattr("index.reading.gathering.unpack_mail", lambda *_: ())
        (corpus / "m.eml").write_bytes(bytes(message))
        assert "m.eml/tiere.pdf" not in opened_after(corpus, index_dir, embedder)
    documents = opened_after(corpus, index_dir, embedder)
    assert documents["m.eml/tiere.pdf"].page(documents["m.eml/tiere.pdf"].text.index("Wombats")) == 2

    # A renamed mail is not read or embedded again.
    embedder.passages.clear()
    monkeypatch.setattr("index.reading.extraction.process.isolation._start", lambda *_: pytest.fail("read again"))
    (corpus / "m.eml").rename(corpus / "n.eml")
    assert counts(sync(corpus, index_dir, embedder))[:4] == (0, 0, 2, 0)
    assert embedder.passages == []
    (corpus / "n.eml").unlink()
    assert counts(sync(corpus, index_dir, embedder))[:4] == (0, 0, 0, 2)


def opened_after(corpus: Path, index_dir: Path, embedder: HashingEmbedder) -> Any:
    sync(corpus, index_dir, embedder)
    return opened(index_dir).documents


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from(
        [
            b"Content-Type",
            b"Content-Transfer-Encoding",
            b"Content-Disposition",
            b"Content-ID",
            b"Content-Type: message/rfc822\nX",
        ]
    ),
)
def test_no_part_raises_or_leads_out(value: bytes, name: bytes) -> None:
    mail = (
        b"Subject: x\nContent-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/plain\n\nHallo\n--a\n"
        + name
        + b": "
        + value
        + b"\n\nSubject: y\n\nText\n--a--\n"
    )
    members, left_out = out_of(mail)
    for path in {**members, **left_out}:
        assert path.startswith("m.eml")
        assert not {"", ".", ".."} & set(path.split("/"))
        assert path.isprintable()
