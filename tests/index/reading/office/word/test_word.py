from __future__ import annotations

import datetime as dt
import io
import zipfile
from dataclasses import replace

import pytest

from index.reading.extraction.types import Extract, ExtractionError
from tests.files import INSTALLED, article, make_docx, make_zip

if not INSTALLED:
    pytest.skip("the extra `files` is not installed", allow_module_level=True)

from index.reading.extraction import word
from tests.index.word_files import cell, paragraph, read, row, run, table

UP = '<w:vertAlign w:val="superscript"/>'


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        (("Es kamen 250", UP, "3", " Gäste."), "Es kamen 250 [3] Gäste."),
        (("Ein Beet von 40 m", UP, "2", "."), "Ein Beet von 40 m²."),
        (("Das sind 10", UP, "9", " Bit."), "Das sind 10⁹ Bit."),
        (("Das sagt der Rat.", UP, "12", ""), "Das sagt der Rat. [12]"),
        (("Die 2", UP, "nd", " Avenue."), "Die 2nd Avenue."),
        (("Gemessen wurden 12", '<w:position w:val="6"/>', "4", " Stunden."), "Gemessen wurden 12 [4] Stunden."),
        (("Er kostet ", "<w:strike/>", "70 ", "55 Euro."), "Er kostet 55 Euro."),
        (("Er kostet ", "<w:dstrike/>", "70 ", "55 Euro."), "Er kostet 55 Euro."),
        (("Er kostet ", '<w:strike w:val="0"/>', "70", " Euro."), "Er kostet 70 Euro."),
    ],
)
def test_raised_and_struck_out_letters(runs: tuple[str, str, str, str], text: str) -> None:
    before, look, letters, after = runs
    assert read(paragraph(run(before), run(letters, look), run(after))) == f"{text}\n"


def test_runs_that_are_raised_together_are_one_mark() -> None:
    assert read(paragraph(run("Im Jahr 2019"), run("1", UP), run("4", UP), run("."))) == "Im Jahr 2019 [14].\n"


def test_a_footnote_stands_behind_its_paragraph() -> None:
    reference = '<w:r><w:footnoteReference w:id="7"/></w:r>'
    text = read(
        paragraph(run("Die Brücke kostete 80"), reference, run(" Millionen Euro.")),
        paragraph(run("Sie hält.")),
        notes={"7": "Ohne Planung."},
    )
    assert text == "Die Brücke kostete 80 [1] Millionen Euro.\n\n[1] Ohne Planung.\n\nSie hält.\n"


def test_rows_and_cells_in_content_controls_are_read() -> None:
    control = "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>"
    inner = f"<w:tc><w:p>{control.format(run('4.900 Euro'))}</w:p></w:tc>"
    text = read(
        table(
            row(cell("Angabe"), cell("Wert")),
            row(cell("Beginn"), control.format(cell("1. Mai 2026"))),
            control.format(row(cell("Summe"), inner)),
        )
    )
    assert text.splitlines()[2::2] == ["Beginn | Wert: 1. Mai 2026", "Summe | Wert: 4.900 Euro"]


def test_merged_and_empty_cells_keep_their_columns() -> None:
    down, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    text = read(
        table(
            row(cell("Linie"), cell("Halt"), cell("Ab"), cell("An")),
            row(cell("S4", down), cell("Auheim"), cell("6:12"), cell("")),
            row(cell("", on), cell("Talheim"), cell(""), cell("6:40")),
            row(cell("Gesamt", '<w:gridSpan w:val="2"/>'), cell("1"), cell("2")),
            row(cell("9"), cell("8"), properties='<w:gridBefore w:val="2"/>'),
        )
    )
    assert text.splitlines()[2::2] == [
        "S4 | Halt: Auheim | Ab: 6:12",
        "S4 | Halt: Talheim | An: 6:40",
        "Gesamt | Ab: 1 | An: 2",
        "Ab: 9 | An: 8",
    ]


def test_a_frame_of_one_column_is_text_and_a_table_in_a_cell_a_table_of_its_own() -> None:
    framed = f"<w:tc>{paragraph(run('Im Kasten.'))}{table(row(cell('A'), cell('1')))}<w:p/></w:tc>"
    assert read(table(f"<w:tr>{framed}</w:tr>")) == "Im Kasten.\n\nA | 1\n"
    outer = f"<w:tc>{table(row(cell('B'), cell('2')))}<w:p/></w:tc>"
    assert read(table(row(cell("Außen"), outer))) == "Außen\n\nB | 2\n"


def test_deleted_rows_and_the_deleted_end_of_a_paragraph() -> None:
    gone = row(cell("Alt"), cell("1"), properties="<w:del/>")
    assert read(table(gone, row(cell("Neu"), cell("2")))) == "Neu | 2\n"
    open_end = f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{run('Der Rat ')}</w:p>"
    assert read(open_end, paragraph(run("tagt."))) == "Der Rat tagt.\n"


def m(name: str, *parts: str, properties: str = "") -> str:
    return f"<m:{name}>{properties}{''.join(parts)}</m:{name}>"


def t(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (m("f", m("num", t("a+b")), m("den", t("2"))), "(a+b)/2"),
        (m("sSup", m("e", t("10")), m("sup", t("-6"))), "10⁻⁶"),
        (m("sSup", m("e", t("x")), m("sup", t("a+1"))), "x^(a+1)"),
        (m("sSub", m("e", t("v")), m("sub", t("0"))), "v_0"),
        (m("rad", m("deg"), m("e", t("4,5"))), "√4,5"),
        (m("d", m("e", t("a")), m("e", t("b"))), "(a|b)"),
        (
            m(
                "nary",
                m("sub", t("1")),
                m("sup", t("n")),
                m("e", t("k")),
                properties='<m:naryPr><m:chr m:val="∑"/></m:naryPr>',
            ),
            "∑_1^n k",
        ),
        (m("m", m("mr", m("e", t("1")), m("e", t("2"))), m("mr", m("e", t("3")), m("e", t("4")))), "1, 2; 3, 4"),
        (m("func", m("fName", t("sin")), m("e", t("x"))), "sin x"),
    ],
)
def test_formulas_are_written_in_one_line(formula: str, text: str) -> None:
    assert read(paragraph(run("Es gilt"), m("oMath", formula), run("immer."))) == f"Es gilt {text} immer.\n"


def test_a_header_is_read_once_and_a_page_number_is_not() -> None:
    assert read(paragraph(run("Text.")), header="Stadtwerke Auheim") == "Text.\n\nStadtwerke Auheim\n"
    assert read(paragraph(run("Text.")), header="Seite 3 von 9") == "Text.\n"


def test_a_word_document_keeps_headings_lists_and_tables() -> None:
    data = make_docx(article, title="Wärme", created=dt.datetime(2025, 5, 1, tzinfo=dt.UTC), language="de-DE")
    found = word.extract(data)
    assert replace(found, blocks=()) == Extract(
        "# Bericht zur Wärmepumpe\n\n"
        "Die Gemeinde Talheim hat 340 Wärmepumpen gefördert. Das kostete 1,7 Millionen Euro.\n\n"
        "## Ausblick\n\nBis 2030 sollen es 900 werden.\n\n- Anträge ab Mai\n\nJahr | Pumpen\n\n2024 | 340\n",
        title="Wärme",
        date="2025-05-01",
        language="de-DE",
        authors=("Redaktion",),
    )


def test_hidden_and_deleted_text_is_left_out_and_inserted_text_is_not() -> None:
    from docx.oxml import parse_xml
    from docx.shared import Pt, RGBColor

    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

    def write(document: object) -> None:
        paragraph = document.add_paragraph("Sichtbar ")  # type: ignore[attr-defined]
        paragraph.add_run("GEHEIM1").font.hidden = True
        paragraph.add_run("GEHEIM2").font.color.rgb = RGBColor(255, 255, 255)
        paragraph.add_run("GEHEIM3").font.size = Pt(1)
        paragraph._p.append(parse_xml(f"<w:del {space}><w:r><w:delText>GEHEIM4</w:delText></w:r></w:del>"))
        paragraph._p.append(parse_xml(f"<w:ins {space}><w:r><w:t>und eingefügt.</w:t></w:r></w:ins>"))
        cell = document.add_table(rows=1, cols=1).rows[0].cells[0]  # type: ignore[attr-defined]
        cell.paragraphs[0].add_run("Weiß auf Farbe").font.color.rgb = RGBColor(255, 255, 255)

    assert word.extract(make_docx(write)).text == "Sichtbar und eingefügt.\n\nWeiß auf Farbe\n"


def bomb() -> bytes:
    """Return a real document whose text part unpacks to a thousand times its size."""
    parts = {}
    with zipfile.ZipFile(io.BytesIO(make_docx(article))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/document.xml"] = parts["word/document.xml"].replace(b"<w:body>", b"<w:body>" + b" " * 30_000_000)
    return make_zip(parts)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"PK\x03\x04kaputt", "damaged", id="damaged"),
        pytest.param(make_docx(article)[:3000], "damaged", id="cut"),
        pytest.param(make_zip({"xl/workbook.xml": b"<x/>", "[Content_Types].xml": b"<x/>"}), "another kind", id="xlsx"),
        pytest.param(make_zip({"a.txt": b"x"}), "another kind", id="zip"),
        pytest.param(make_zip({"[Content_Types].xml": b"<x", "word/document.xml": b"<x"}), "damaged", id="no-xml"),
        pytest.param(make_docx(lambda document: None), "without text", id="empty"),
        pytest.param(bomb(), "unpacks", id="bomb"),
        pytest.param(
            make_zip({"[Content_Types].xml": b"", "word/d": b"", **{f"word/{n}": b"" for n in range(5001)}}),
            "unpacks",
            id="many-parts",
        ),
    ],
)
def test_a_word_document_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(ExtractionError) as caught:
        word.extract(data)
    assert reason in caught.value.message
    assert "\n" not in caught.value.message


def test_entities_are_not_expanded() -> None:
    with zipfile.ZipFile(io.BytesIO(make_docx(article))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    entities = b"<!DOCTYPE d [<!ENTITY a SYSTEM 'file:///etc/passwd'><!ENTITY b 'x'>]>"
    xml = parts["word/document.xml"]
    head, body = xml.split(b"?>", 1)
    parts["word/document.xml"] = head + b"?>" + entities + body.replace(b"Ausblick", b"Aus &a; &b; blick")
    try:
        text = word.extract(make_zip(parts)).text
    except ExtractionError:
        return
    assert "root:" not in text
