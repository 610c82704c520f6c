"""Bad files: each is reported in one line, the others are read, and nothing outside the files is accessed."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from index.errors import CorpusError
from index.reading.documents import notes, parse
from index.reading.extraction.process.isolation import Reader
from index.reading.extraction.types import ExtractionError
from index.reading.gathering import gather
from tests.files import article, lines, make_docx, make_html, make_pdf, make_zip, needs_files
from tests.hostile_files import pdf_of
from tests.office import make_epub, make_mail, make_open_document, make_pptx, make_sheet, make_xlsx
from tests.recognising import picture, saved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from index.types import Document

pytestmark = needs_files

SENTENCE = "Die Mühle von Talheim mahlt seit 1912 Korn und Hafer."


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as found:
        yield found


# ---- files of another type than their ending says


def files() -> dict[str, bytes]:
    return {
        ".html": make_html(f"<h1>Mühle</h1><p>{SENTENCE}</p>"),
        ".pdf": make_pdf([lines(SENTENCE)]),
        ".docx": make_docx(article),
        ".odt": make_open_document("text", f"<text:p>{SENTENCE}</text:p>"),
        ".ods": make_open_document(
            "spreadsheet",
            '<table:table table:name="A"><table:table-row><table:table-cell><text:p>Ort</text:p></table:table-cell>'
            "</table:table-row></table:table>",
        ),
        ".xlsx": make_xlsx({"A": make_sheet([["Ort", "Menge"], ["Talheim", 12]])}),
        ".epub": make_epub({"a.xhtml": f"<p>{SENTENCE}</p>"}),
        ".eml": make_mail("Mühle", SENTENCE).as_bytes(),
        ".png": saved(picture(), "PNG"),
        ".zip": make_zip({"a.md": SENTENCE.encode()}),
        ".exe": b"MZ\x90\x00" + bytes(range(256)) * 4,
        ".doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    }


# Text formats accept a mail, because it is a valid text.
_TEXTS = {".csv", ".md", ".txt"}
_ENDINGS = (
    ".html",
    ".pdf",
    ".docx",
    ".odt",
    ".ods",
    ".pptx",
    ".odp",
    ".xlsx",
    ".epub",
    ".eml",
    ".png",
    *sorted(_TEXTS),
)


@pytest.mark.parametrize("kind", sorted(files()))
def test_a_file_under_the_ending_of_another_kind_is_refused_in_a_line(kind: str, reader: Reader) -> None:
    data = files()[kind]
    for ending in _ENDINGS:
        if ending == kind or (ending in _TEXTS and kind == ".eml"):
            continue
        with pytest.raises(CorpusError) as caught:
            parse(data, f"a{ending}", reader=reader)
        said = str(caught.value)
        assert "\n" not in said
        assert caught.value.kind in {"wrong_type", "encrypted", "damaged"}, (ending, said)
        assert "Error" not in said, (ending, said)


def test_one_bad_file_of_each_kind_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    for ending in (*_ENDINGS[:-3], ".zip"):
        (tmp_path / f"kaputt{ending}").write_bytes(b"\x00\x01 nichts davon")
        (tmp_path / f"leer{ending}").write_bytes(b"")
    (tmp_path / "gut.md").write_text(SENTENCE, encoding="utf-8")
    with Reader() as own:
        found = gather(tmp_path, own)
    assert [one.path for one in found.documents] == ["gut.md"]
    assert all(reason and "\n" not in reason and "Error" not in reason for _, reason in found.left_out)
    pictures = {"kaputt.png", "leer.png"}
    assert {path for path, _ in found.left_out} | pictures >= {f"kaputt{one}" for one in (*_ENDINGS[:-3], ".zip")}


# ---- nothing is fetched from the network


@pytest.fixture
def address() -> Iterator[tuple[str, socket.socket]]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.setblocking(False)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/x", listening


def fetching_html(url: str) -> bytes:
    head = f'<base href="{url}"><link rel=stylesheet href="{url}"><meta http-equiv=refresh content="0;url={url}">'
    return make_html(f'<p>{SENTENCE}</p><img src="{url}"><iframe src="{url}"></iframe><script src="{url}">', head=head)


def fetching_sheet(url: str) -> bytes:
    sheet = make_sheet([["Ort", "Menge"], ["Talheim", 12]])
    formulas = "".join(
        f'<row r="{number}"><c r="A{number}" t="str"><f>{formula}</f><v>Stand {number}</v></c></row>'
        for number, formula in enumerate((f'WEBSERVICE("{url}")', f'HYPERLINK("{url}")', "[1]X!A1"), start=3)
    )
    link = (
        f'<Relationships xmlns="r"><Relationship Id="r" Type="externalLinkPath" Target="{url}" TargetMode="External"/>'
    )
    more = {"xl/externalLinks/_rels/externalLink1.xml.rels": f"{link}</Relationships>".encode()}
    return make_xlsx({"A": sheet.replace(b"</sheetData>", formulas.encode() + b"</sheetData>")}, more=more)


def fetching_document(url: str) -> bytes:
    def write(document: Any) -> None:
        document.add_paragraph(SENTENCE)
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
        document.part.relate_to(url, kind + "image", is_external=True)
        document.part.relate_to(url, kind + "attachedTemplate", is_external=True)

    return make_docx(write)


def fetching_text(url: str) -> bytes:
    image = f'<draw:frame><draw:image xlink:href="{url}" xmlns:xlink="http://www.w3.org/1999/xlink"/></draw:frame>'
    section = f'<text:section><text:section-source xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="{url}"/>'
    return make_open_document(
        "text", f"<text:p>{SENTENCE}{image}</text:p>{section}<text:p>Ende.</text:p></text:section>"
    )


def fetching_pdf(url: str) -> bytes:
    action = f"/Subtype /Link /Rect [0 0 600 800] /A << /S /URI /URI ({url}) >>"
    data = make_pdf([lines(SENTENCE)], annotations=[action])
    return data.replace(b"/Type /Catalog", f"/Type /Catalog /OpenAction << /S /GoToR /F ({url}) >>".encode())


def fetching_mail(url: str) -> bytes:
    mail = make_mail("Mühle", SENTENCE, page=fetching_html(url).decode())
    return mail.as_bytes().replace(b"text/plain", f'text/plain; x="{url}"'.encode(), 1)


def fetching_book(url: str) -> bytes:
    return make_epub({"a.xhtml": f'<p>{SENTENCE}</p><img src="{url}"/><object data="{url}"/>'})


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.html", fetching_html),
        ("a.xlsx", fetching_sheet),
        ("a.docx", fetching_document),
        ("a.odt", fetching_text),
        ("a.pdf", fetching_pdf),
        ("a.eml", fetching_mail),
        ("a.epub", fetching_book),
        ("a.csv", lambda url: f'Ort;Menge\n"=WEBSERVICE(""{url}"")";=cmd|\' /C calc\'!A0\nTalheim;12\n'.encode()),
        ("a.md", lambda url: f"# Mühle\n\n![x]({url})\n\n{SENTENCE}\n".encode()),
    ],
)
def test_what_a_file_refers_to_is_not_fetched(
    name: str, make: Callable[[str], bytes], reader: Reader, address: tuple[str, socket.socket]
) -> None:
    url, listening = address
    document = parse(make(url), name, reader=reader)
    assert "Talheim" in document.text
    with pytest.raises(BlockingIOError):
        listening.accept()


def test_formulas_are_shown_as_their_stored_values(reader: Reader) -> None:
    text = parse(fetching_sheet("http://127.0.0.1:9/x"), "a.xlsx", reader=reader).text
    assert "Stand 3" in text
    assert "WEBSERVICE" not in text
    text = parse(b"Ort;Menge\nTalheim;=1+1\n", "a.csv", reader=reader).text
    assert "=1+1" in text  # in a text file a formula is plain text


# ---- tables


def in_html(rows: list[list[str]]) -> bytes:
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return make_html(f"<p>{SENTENCE}</p><table>{cells}</table>")


def in_docx(rows: list[list[str]]) -> bytes:
    def write(document: Any) -> None:
        document.add_paragraph(SENTENCE)
        table = document.add_table(rows=len(rows), cols=len(rows[0]))
        for line, row in zip(table.rows, rows, strict=True):
            for cell, text in zip(line.cells, row, strict=True):
                cell.text = text

    return make_docx(write)


def in_open(kind: str, rows: list[list[str]]) -> bytes:
    cells = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in rows
    )
    return make_open_document(kind, f'<table:table table:name="A">{cells}</table:table>')


TABLES: dict[str, Callable[[list[list[str]]], bytes]] = {
    "a.html": in_html,
    "a.docx": in_docx,
    "a.odt": lambda rows: in_open("text", rows),
    "a.ods": lambda rows: in_open("spreadsheet", rows),
    "a.xlsx": lambda rows: make_xlsx({"A": make_sheet(rows)}),
    "a.pptx": lambda rows: make_pptx([slide(rows)]),
    "a.csv": lambda rows: "\n".join(";".join(row) for row in rows).encode(),
}


def slide(rows: list[list[str]]) -> str:
    a = "http://schemas.openxmlformats.org/drawingml/2006/main"
    cells = "".join(
        f"<a:tr>{''.join(f'<a:tc><a:txBody><a:p><a:r><a:t>{cell}</a:t></a:r></a:p></a:txBody></a:tc>' for cell in row)}</a:tr>"
        for row in rows
    )
    return (
        f'<p:graphicFrame xmlns:a="{a}"><p:xfrm><a:off x="0" y="0"/><a:ext cx="1" cy="1"/></p:xfrm><a:graphic>'
        f"<a:graphicData><a:tbl>{cells}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    )


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_of_one_cell_is_its_text(name: str, reader: Reader) -> None:
    document = parse(TABLES[name]([["Nur diese eine Zelle."]]), name, reader=reader)
    assert document.text.count("Nur diese eine Zelle.") == 1
    assert notes(document) == ()


@pytest.mark.parametrize("name", sorted(TABLES))
def test_columns_after_the_200th_are_said_not_to_be_read(name: str, reader: Reader) -> None:
    def document(columns: int) -> Document:
        rows = [[f"{kind}{number}" for number in range(columns)] for kind in ("Spalte", "Wert")]
        return parse(TABLES[name](rows), name, reader=reader)

    found = document(200)
    assert "Wert199" in found.text
    assert notes(found) == ()
    found = document(203)
    assert "Wert199" in found.text
    assert "Wert200" not in found.text
    (note,) = notes(found)
    assert "after the first 200: too many" in note


def test_changes_that_are_tracked_in_a_table_within_a_table(reader: Reader) -> None:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    def run(text: str, kind: str = "") -> str:
        tag = "delText" if kind == "del" else "t"
        inner = f'<w:r><w:{tag} xml:space="preserve">{text}</w:{tag}></w:r>'
        return f'<w:{kind} w:id="1" w:author="x">{inner}</w:{kind}>' if kind else inner

    def cell(*runs: str, inner: str = "") -> str:
        return f"<w:tc><w:p>{''.join(runs)}</w:p>{inner}{'<w:p/>' if inner else ''}</w:tc>"

    def table(*rows: str) -> str:
        return f"<w:tbl {nsdecls('w')}><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"

    gone = (
        '<w:tr><w:trPr><w:del w:id="2" w:author="x"/></w:trPr>'
        + cell(run("Alt", "del"))
        + cell(run("weg", "del"))
        + "</w:tr>"
    )
    price = cell(run("4", "del"), run("5", "ins"), run("9 Euro"))
    inmost = table(f"<w:tr>{cell(run('Preis'))}{price}</w:tr>", gone)
    outer = table(
        f"<w:tr>{cell(run('Ware'))}{cell(run('Angaben'))}</w:tr>",
        f"<w:tr>{cell(run('Mehl'))}{cell(run('Siehe'), inner=inmost)}</w:tr>",
    )
    text = parse(make_docx(lambda one: one.element.body.insert(0, parse_xml(outer))), "a.docx", reader=reader).text
    assert "59 Euro" in text
    assert not [word for word in ("49", "459", "Alt", "weg") if word in text]
    assert "Mehl" in text


# ---- PDF


def test_a_pdf_of_too_many_pages_is_refused_in_a_line(reader: Reader) -> None:
    with pytest.raises(ExtractionError, match=r"more than 3000 pages \(5000\)"):
        reader.extract(make_pdf([lines(SENTENCE)] * 5000), "pdf")


@pytest.mark.parametrize(("side", "unit"), [(14_400, 2), (28_346, 1), (200_000, 1), (1, 1)])
def test_pages_of_ten_metres_and_of_a_hair(side: int, unit: int, reader: Reader) -> None:
    data = make_pdf([[(SENTENCE, 11, 60, 700)], [(SENTENCE, 900, 60, 7000)]])
    box = f"/UserUnit {unit} /MediaBox [0 0 {side} {side}]".encode()
    data = data.replace(b"/MediaBox [0 0 595 842]", box)
    try:
        assert SENTENCE in reader.extract(data, "pdf").text
    except ExtractionError as error:
        assert side == 1  # too small to show any text
        assert error.kind == "scanned"


def test_a_font_that_says_nothing_of_its_letters_is_not_guessed(reader: Reader) -> None:
    shapes = "".join(f"/g{number} 9 0 R " for number in range(26))
    differences = " ".join(f"/g{number}" for number in range(26))
    font = (
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 1 "
        f"/LastChar 26 /Widths [{'600 ' * 26}] /CharProcs << {shapes} >> "
        f"/Encoding << /Type /Encoding /Differences [1 {differences}] >> >>"
    )
    text = b"".join(b"\\%03o" % (1 + (7 * number) % 26) for number in range(400))
    data = pdf_of(b"BT /F2 11 Tf 60 700 Td (" + text + b") Tj ET", resources=b"")
    data = data.replace(b"/Font << /F1 5 0 R >>", f"/Font << /F1 5 0 R /F2 {font} >>".encode())
    with pytest.raises(ExtractionError) as caught:
        reader.extract(data, "pdf")
    assert caught.value.kind in {"garbled", "scanned"}


# ---- scripts that run from right to left


@pytest.mark.parametrize("kind", ["html", "docx", "odt", "md"])
def test_text_from_right_to_left_keeps_its_order(kind: str, reader: Reader) -> None:
    said = "שלום עולם, המחיר הוא 42 שקלים."
    marked = f"\u202b{said}\u202c"
    data = {
        "html": lambda: make_html(f'<p dir="rtl">{marked}</p><p>{SENTENCE}</p>'),
        "docx": lambda: make_docx(lambda one: (one.add_paragraph(marked), one.add_paragraph(SENTENCE))),
        "odt": lambda: make_open_document("text", f"<text:p>{marked}</text:p><text:p>{SENTENCE}</text:p>"),
        "md": f"{said}\n\n{SENTENCE}\n".encode,
    }[kind]()
    document = parse(data, f"a.{kind}", reader=reader)
    assert said in document.text
    assert SENTENCE in document.text
    assert not set(document.text) & set("\u202a\u202b\u202c\u202d\u202e")
