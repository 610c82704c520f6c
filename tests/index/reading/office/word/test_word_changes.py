"""What Word files contain besides plain runs: tracked changes, form fields, symbols, text boxes and notes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.files import INSTALLED, make_docx
from tests.index.word_files import SPACES, cell, paragraph, read, row, run, table

if not INSTALLED:
    pytest.skip("the extra `files` is not installed", allow_module_level=True)

OPEN = "<w:rPr><w:{}/></w:rPr>"


@pytest.mark.parametrize("how", ["del", "moveFrom"])
def test_a_paragraph_without_its_end_goes_on_in_the_next_and_not_beyond_a_table(how: str) -> None:
    begun = paragraph(run("Das Amt "), properties=OPEN.format(how))
    assert read(begun, paragraph(run("schließt."))) == "Das Amt schließt.\n"
    text = read(begun, table(row(cell("Tag"), cell("1"))), paragraph(run("schließt.")))
    assert text == "Das Amt\n\nTag | 1\n\nschließt.\n"


def test_a_paragraph_without_its_end_stays_in_its_cell() -> None:
    begun = paragraph(run("Mon"), properties=OPEN.format("del"))
    inner = f"<w:tc>{begun}{paragraph(run('tag'))}{begun}</w:tc>"
    assert read(table(row(inner, cell("9 Uhr")))) == "Montag Mon | 9 Uhr\n"
    framed = table(f"<w:tr><w:tc>{begun}</w:tc></w:tr>")
    assert read(framed, paragraph(run("Text."))) == "Mon\n\nText.\n"


def test_moved_text_stands_where_it_went() -> None:
    gone = f"<w:moveFrom>{run('Punkt A.')}</w:moveFrom>"
    come = f"<w:moveTo>{run('Punkt A.')}</w:moveTo>"
    assert read(paragraph(gone, run("Punkt B. ")), paragraph(come)) == "Punkt B.\n\nPunkt A.\n"


def test_changes_within_tables() -> None:
    deleted, inserted = "<w:del><w:r><w:delText>40</w:delText></w:r></w:del>", f"<w:ins>{run('45')}</w:ins>"
    changed = f"<w:tc>{paragraph(deleted, inserted, run(' €'))}</w:tc>"
    text = read(
        table(
            row(cell("Ware"), cell("Preis"), cell("Menge")),
            row(cell("Seil"), cell("30 €", "<w:cellDel/>"), changed, cell("3")),
            row(cell("alt"), cell("1"), cell("1"), properties="<w:moveFrom/>"),
        )
    )
    assert text == "Ware | Preis | Menge\n\nSeil | Preis: 45 € | Menge: 3\n"


def field(form: str, *result: str, instruction: str = "FORMTEXT") -> str:
    shown = f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{"".join(result)}' if result else ""
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{form}</w:ffData></w:fldChar></w:r>'
        f"<w:r><w:instrText>{instruction}</w:instrText></w:r>{shown}"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (field('<w:textInput><w:default w:val="leer"/></w:textInput>', run("Roth")), "Roth"),
        (field('<w:textInput><w:default w:val="offen"/></w:textInput>', run("\u2002\u2002")), "offen"),
        (field('<w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox>'), "☒"),
        (field('<w:checkBox><w:default w:val="1"/><w:checked w:val="0"/></w:checkBox>'), "☐"),
        (field('<w:checkBox><w:default w:val="1"/></w:checkBox>'), "☒"),
        (field('<w:ddList><w:result w:val="1"/><w:listEntry w:val="A"/><w:listEntry w:val="B"/></w:ddList>'), "B"),
        (field('<w:ddList><w:default w:val="0"/><w:listEntry w:val="A"/></w:ddList>'), "A"),
        (field('<w:ddList><w:result w:val="7"/><w:listEntry w:val="A"/></w:ddList>'), ""),
    ],
)
def test_fields_of_older_forms_say_their_values(value: str, text: str) -> None:
    assert read(paragraph(run("Wert: "), value, run(" Ende"))) == f"Wert: {text} Ende\n".replace("  ", " ")


def test_what_stands_in_a_fields_instructions_is_not_read_and_a_field_without_end_is() -> None:
    inner = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>REF a</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("verborgen")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    outer = (
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r>{inner}<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        f'{run("sichtbar")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    assert read(paragraph(outer)) == "sichtbar\n"
    assert read(paragraph('<w:r><w:fldChar w:fldCharType="begin"/></w:r>', run("Da."))) == "Da.\n"


@pytest.mark.parametrize(
    ("sign", "text"),
    [
        ('<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>', "✓"),
        ('<w:r><w:sym w:font="Symbol" w:char="F0A3"/></w:r>', "≤"),
        ('<w:r><w:sym w:font="Symbol" w:char="61"/></w:r>', "α"),
        ('<w:r><w:sym w:font="Arial" w:char="00E4"/></w:r>', "ä"),
        ('<w:r><w:sym w:font="Wingdings" w:char="F021"/></w:r>', ""),
        ('<w:r><w:sym w:font="Wingdings" w:char="kein"/></w:r>', ""),
        (run("D\uf0b3", '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>'), "Δ≥"),
    ],
)
def test_signs_of_picture_fonts_are_read(sign: str, text: str) -> None:
    assert read(paragraph(run("x"), sign, run("y"))) == f"x{text}y\n"


def test_a_text_box_is_read_once_behind_its_paragraph_with_its_table() -> None:
    inner = f"<w:txbxContent>{paragraph(run('Im Kasten.'))}{table(row(cell('A'), cell('1')))}</w:txbxContent>"
    twice = f"<w:r><mc:AlternateContent><mc:Choice>{inner}</mc:Choice><mc:Fallback>{inner}</mc:Fallback></mc:AlternateContent></w:r>"
    text = read(paragraph(run("Davor"), twice, run(" und danach.")), paragraph(run("Ende.")))
    assert text == "Davor und danach.\n\nIm Kasten.\n\nA | 1\n\nEnde.\n"


def test_white_letters_in_a_text_box_are_read() -> None:
    white = run("Weiß im Kasten", '<w:color w:val="FFFFFF"/>')
    assert read(paragraph(f"<w:r><w:txbxContent>{paragraph(white)}</w:txbxContent></w:r>")) == "Weiß im Kasten\n"


def test_endnotes_and_footnotes_count_by_themselves_and_a_typed_mark_keeps_its_note() -> None:
    note = '<w:r><w:{}Reference w:id="{}"{}/>{}</w:r>'
    text = read(
        paragraph(
            run("Drei"),
            note.format("footnote", 2, "", ""),
            run(" von"),
            note.format("endnote", 2, "", ""),
            run(" neun"),
            note.format("footnote", 3, ' w:customMarkFollows="1"', "<w:t>*</w:t>"),
            run("."),
        ),
        notes={"2": "Gezählt.", "3": "* Geschätzt."},
        endnotes={"2": "Ohne Kinder."},
    )
    assert text.split("\n\n") == ["Drei [1] von [i] neun*.", "[1] Gezählt.", "[i] Ohne Kinder.", "* Geschätzt.\n"]


def test_a_head_that_goes_over_two_rows_names_its_columns() -> None:
    down, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    head = "<w:tblHeader/>"
    text = read(
        table(
            row(cell("Amt", down), cell("2024", '<w:gridSpan w:val="2"/>'), properties=head),
            row(cell("", on), cell("Soll"), cell("Ist"), properties=head),
            row(cell("Bau"), cell("5"), cell("6")),
        )
    )
    assert text.endswith("Bau | 2024 Soll: 5 | 2024 Ist: 6\n")


def test_a_table_of_one_cell_within_another_is_text() -> None:
    assert read(table(f"<w:tr><w:tc>{table(row(cell('Innen.')))}<w:p/></w:tc></w:tr>")) == "Innen.\n"


def test_how_a_word_is_spoken_is_no_part_of_it() -> None:
    ruby = f"<w:r><w:ruby><w:rt>{run('とうきょう')}</w:rt><w:rubyBase>{run('東京')}</w:rubyBase></w:ruby></w:r>"
    assert read(paragraph(ruby, run(" ist groß."))) == "東京 ist groß.\n"


def test_columns_beyond_the_last_that_is_read_are_said() -> None:
    wide = row(*(cell(str(number)) for number in range(202)))
    text = read(table(wide, wide))
    assert "| 199\n" in text
    assert "| 200" not in text
    assert "<!-- not read: the columns of a table after the first 200: too many -->" in text


def test_a_comment_is_no_text_and_a_text_box_of_a_header_is() -> None:
    from docx.oxml import parse_xml

    from index.reading.extraction import word

    def write(document: Any) -> None:
        said = document.add_paragraph("Der Rat tagt.")
        document.add_comment(said.runs, "Stimmt das?", author="Roth", initials="R")
        header = document.sections[0].header.paragraphs[0]
        header._p.append(
            parse_xml(f"<w:r {SPACES}><w:txbxContent>{paragraph(run('Stadt Auheim'))}</w:txbxContent></w:r>")
        )

    assert word.extract(make_docx(write)).text == "Der Rat tagt.\n\nStadt Auheim\n"
