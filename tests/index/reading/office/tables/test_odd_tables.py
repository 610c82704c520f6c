"""Small tables that are hard to read, each in its usual format: values, names and notes stay together."""

from __future__ import annotations

import pytest

from tests.files import INSTALLED, make_html
from tests.index.reading.pages.test_web_tables import FILLER
from tests.index.word_files import cell, paragraph, read, row, run, table
from tests.office import make_epub, make_open_document, make_pptx, shape

if not INSTALLED:
    pytest.skip("the extra `files` is not installed", allow_module_level=True)

from index.reading.extraction.readers import extract
from index.reading.extraction.web import page as web

UP = '<w:vertAlign w:val="superscript"/>'


def bold(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(run(text, '<w:b/>')) if text else '<w:p/>'}</w:tc>"


def blocks(text: str) -> list[str]:
    return text.strip().split("\n\n")


def test_an_invoice_with_empty_cells_and_sums() -> None:
    wide = '<w:gridSpan w:val="4"/>'
    text = read(
        table(
            row(*map(bold, ("Pos.", "Bezeichnung", "Menge", "Einzelpreis in €", "Betrag in €"))),
            row(*map(cell, ("1", "Kreide", "12", "1,20", "14,40"))),
            row(*map(cell, ("2", "Anfahrt", "", "", "25,00"))),
            row(cell("zzgl. 19 % USt.", wide), cell("7,49")),
            row(bold("Gesamtbetrag", wide), bold("46,89")),
        )
    )
    assert blocks(text)[1:] == [
        "Pos.: 1 | Bezeichnung: Kreide | Menge: 12 | Einzelpreis in €: 1,20 | Betrag in €: 14,40",
        "Pos.: 2 | Bezeichnung: Anfahrt | Betrag in €: 25,00",
        "zzgl. 19 % USt. | Betrag in €: 7,49",
        "Gesamtbetrag | Betrag in €: 46,89",
    ]


def test_a_balance_sheet_by_days_with_sections_and_negative_values() -> None:
    text = read(
        table(
            row(*map(bold, ("in Tsd. Euro", "31.12.2023", "31.12.2022"))),
            row(bold("A. Anlagevermögen"), cell(""), cell("")),
            row(*map(cell, ("Sachanlagen", "1.204", "1.310"))),
            row(*map(cell, ("Finanzanlagen", "(35)", "–"))),
            row(bold("B. Umlaufvermögen"), cell(""), cell("")),
            row(*map(cell, ("Vorräte", "88", "(4)"))),
            row(*map(bold, ("Bilanzsumme", "1.257", "1.306"))),
        )
    )
    assert blocks(text) == [
        "in Tsd. Euro | 31.12.2023 | 31.12.2022",
        "A. Anlagevermögen",
        "A. Anlagevermögen | Sachanlagen | 31.12.2023 in Tsd. Euro: 1.204 | 31.12.2022 in Tsd. Euro: 1.310",
        "A. Anlagevermögen | Finanzanlagen | 31.12.2023 in Tsd. Euro: (35) | 31.12.2022 in Tsd. Euro: –",
        "B. Umlaufvermögen",
        "B. Umlaufvermögen | Vorräte | 31.12.2023 in Tsd. Euro: 88 | 31.12.2022 in Tsd. Euro: (4)",
        "Bilanzsumme | 31.12.2023 in Tsd. Euro: 1.257 | 31.12.2022 in Tsd. Euro: 1.306",
    ]


def test_days_as_values_name_no_columns() -> None:
    text = read(
        table(row(*map(cell, ("Beginn", "3.5.2024", "4.6.2024"))), row(*map(cell, ("Ende", "5.5.2024", "6.6.2024"))))
    )
    assert blocks(text) == ["Beginn | 3.5.2024 | 4.6.2024", "Ende | 5.5.2024 | 6.6.2024"]


def test_a_struck_price_and_a_mark_of_a_note_in_a_cell() -> None:
    price = f"<w:tc>{paragraph(run('49 €', '<w:strike/>'), run(' 39 €'), run('a', UP))}</w:tc>"
    text = read(
        table(row(bold("Tarif"), bold("Preis")), row(cell("Basis"), price), row(cell("Plus"), cell("59 €"))),
        paragraph(run("a", UP), run(" bis 31. Mai")),
    )
    assert blocks(text)[1:] == ["Basis | Preis: 39 € [a]", "Plus | Preis: 59 €", "[a] bis 31. Mai"]


def test_two_bold_rows_name_the_columns_together_and_a_bold_row_of_amounts_does_not() -> None:
    both = '<w:gridSpan w:val="2"/>'
    text = read(
        table(
            row(bold("Umsatz"), bold("2023", both)),
            row(bold(""), bold("Plan"), bold("Ist")),
            row(bold("Summe"), bold("5 €"), bold("6 €")),
            row(cell("Nord"), cell("2 €"), cell("3 €")),
        )
    )
    assert blocks(text)[2:] == [
        "Summe | 2023 Plan: 5 € | 2023 Ist: 6 €",
        "Nord | 2023 Plan: 2 € | 2023 Ist: 3 €",
    ]


def test_a_value_that_spans_two_columns_is_that_of_both() -> None:
    text = web.extract(
        make_html("<table><tr><th>Tag<th>von<th>bis<tr><td>Mo<td>9<td>12<tr><td>Di<td colspan=2>geschlossen</table>")
    ).text
    assert blocks(text)[1:] == ["Mo | von: 9 | bis: 12", "Di | von / bis: geschlossen"]


def test_the_box_of_an_encyclopedia_has_a_title_and_no_head() -> None:
    text = web.extract(
        make_html(
            "<table><tr><th colspan=2>Auheim</th></tr><tr><td colspan=2><img src=x></td></tr>"
            "<tr><th>Land</th><td>Hessen</td></tr><tr><th>Einwohner</th><td>12.345</td></tr><tr><th>Höhe</th><td>112 m</td></tr></table>"
        )
    ).text
    assert blocks(text) == ["Auheim", "Auheim | Land | Hessen", "Auheim | Einwohner | 12.345", "Auheim | Höhe | 112 m"]


ROLES = (
    "<div role=table><div role=rowgroup><div role=row><span role=columnheader>Ort</span><span role=columnheader>Gäste</span>"
    "</div></div><div role=rowgroup><div role=row><span role=cell>Auheim</span><span role=cell>512</span></div></div></div>"
)
SET = "<div class=t>" + 2 * "<div class=r><span class=c>Ort</span><span class=c>Gäste</span></div>" + "</div>"
SHEET = "<style>.t{display:table}.r{display:table-row}.c{display:table-cell}</style>"


@pytest.mark.parametrize(
    ("body", "rows"),
    [(ROLES, ["Ort | Gäste", "Auheim | Gäste: 512"]), (SET, ["Ort | Gäste", "Ort | Gäste"])],
)
def test_what_only_looks_like_a_table_or_is_called_one_is_read_as_such(body: str, rows: list[str]) -> None:
    assert blocks(web.extract(make_html(body, head=SHEET)).text) == rows


def test_parts_of_a_page_set_side_by_side_are_no_table() -> None:
    page = "<div class=t><div class=r><div class=c><p>Links.</p></div><div class=c><p>Rechts.</p></div></div></div>"
    assert blocks(web.extract(make_html(page, head=SHEET)).text) == ["Links.", "Rechts."]


def test_notes_below_a_table_keep_their_marks() -> None:
    text = web.extract(
        make_html(
            "<table><tr><th>Jahr<th>Umsatz<sup>1</sup><tr><td>2022<td>1.204,5<tr><td>2023<td>1 310,0<sup>a</sup></table>"
            "<p><sup>1</sup> ohne Beteiligungen<br><sup>a</sup> vorläufig</p>"
        )
    ).text
    assert blocks(text)[2:] == ["Jahr: 2023 | Umsatz [1]: 1 310,0 [a]", "[1] ohne Beteiligungen\n[a] vorläufig"]


def _of(text: str, *, strong: bool = False) -> str:
    return f'<table:table-cell><text:p text:style-name="{"b" if strong else "n"}">{text}</text:p></table:table-cell>'


def test_a_bold_line_in_an_open_document_table_opens_a_section() -> None:
    style = '<style:style style:name="b" style:family="paragraph"><style:text-properties fo:font-weight="bold"/></style:style>'
    lines = (
        "".join(_of(text, strong=True) for text in ("in T€", "2023", "2022")),
        _of("Anlagen", strong=True) + "<table:table-cell/><table:table-cell/>",
        "".join(map(_of, ("Sachen", "(35)", "12"))),
    )
    body = f"<table:table>{''.join(f'<table:table-row>{line}</table:table-row>' for line in lines)}</table:table>"
    text = extract(make_open_document("text", body, styles=style), "odt").text
    assert blocks(text)[1:] == ["Anlagen", "Anlagen | Sachen | 2023 in T€: (35) | 2022 in T€: 12"]


def slide_table(*rows: str) -> str:
    cells = "".join(
        "<a:tr>"
        + "".join(
            f"<a:tc{' gridSpan=' + chr(34) + '2' + chr(34) if text.endswith('>>') else ''}><a:txBody><a:p><a:r>"
            f"<a:t>{text.removesuffix('>>')}</a:t></a:r></a:p></a:txBody></a:tc>"
            + ('<a:tc hMerge="1"/>' if text.endswith(">>") else "")
            for text in one.split("|")
        )
        + "</a:tr>"
        for one in rows
    )
    return (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="4" name="t"/><p:nvPr/></p:nvGraphicFramePr><a:graphic>'
        f'<a:graphicData><a:tbl><a:tblPr firstRow="1"/>{cells}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>'
    )


@pytest.mark.parametrize(
    ("rows", "written"),
    [
        (("Kunde:|Roth", "Betrag:|80 €"), ["Kunde: | Roth", "Betrag: | 80 €"]),
        (
            ("Montag>>|Dienstag", "9 Uhr|Yoga|frei", "10 Uhr|Tai|Chi"),
            ["Montag | Dienstag", "9 Uhr | Montag: Yoga | Dienstag: frei", "10 Uhr | Montag: Tai | Dienstag: Chi"],
        ),
    ],
)
def test_tables_of_slides(rows: tuple[str, ...], written: list[str]) -> None:
    text = extract(make_pptx([shape("Daten", "title") + slide_table(*rows)]), "pptx").text
    assert blocks(text)[1:] == written


def test_a_chapter_of_a_book_with_a_struck_price_a_table_and_a_formula() -> None:
    body = (
        "<h1>1 Preise</h1><p>Der Eintritt kostet <s>5</s> 6 €<sup>2</sup>, also <m:math xmlns:m='http://www.w3.org/1998/Math/MathML'>"
        "<m:msup><m:mi>c</m:mi><m:mn>2</m:mn></m:msup></m:math>.</p><table><tr><th>Alter</th><th>Preis in €</th></tr>"
        "<tr><td>bis 6</td><td>–</td></tr><tr><td>ab 7</td><td>6,00</td></tr></table>"
    )
    text = extract(make_epub({"a.xhtml": body}), "epub").text
    assert blocks(text) == [
        "# 1 Preise",
        "Der Eintritt kostet 6 € [2], also c².",
        "Alter | Preis in €",
        "bis 6 | Preis in €: –",
        "ab 7 | Preis in €: 6,00",
    ]


def test_units_below_the_names_of_columns_are_part_of_them() -> None:
    text = read(
        table(
            row(*map(bold, ("Ort", "Höhe", "Fläche"))),
            row(*map(cell, ("", "m", "km²"))),
            row(*map(cell, ("Auheim", "112", "14,5"))),
        )
    )
    assert blocks(text)[-1] == "Auheim | Höhe m: 112 | Fläche km²: 14,5"
    no_unit = table(row(*map(bold, ("Ort", "Höhe"))), row(*map(cell, ("", "112"))), row(*map(cell, ("Auheim", "5"))))
    assert blocks(read(no_unit))[1:] == ["Höhe: 112", "Auheim | Höhe: 5"]


def test_a_plain_table_of_two_columns_with_sections_has_a_head() -> None:
    text = web.extract(
        make_html(
            "<table><tr><td>Ware<td>Preis<tr><td colspan=2>Obst<tr><td>Apfel<td>1 €<tr><td colspan=2>Gemüse<tr><td>Kohl<td>2 €</table>"
        )
    ).text
    assert blocks(text)[1:] == ["Obst", "Obst | Apfel | Preis: 1 €", "Gemüse", "Gemüse | Kohl | Preis: 2 €"]


def test_a_button_that_sorts_a_column_is_no_part_of_its_name() -> None:
    sort = "<span class=sr-only>sortieren</span><span aria-hidden=true>▲</span>"
    text = web.extract(
        make_html(f"<table><tr><th>Ort<th><button>Gäste {sort}</button><th>Tag<tr><td>Auheim<td>5<td>Mo</table>")
    ).text
    assert blocks(text) == ["Ort | Gäste | Tag", "Auheim | Gäste: 5 | Tag: Mo"]


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ("<div>Der Preis beträgt 12,00 €.</div>", "Der Preis beträgt 12,00 €."),
        ("<div><div><span>12,00 €</span></div><div>mit Steuer</div></div>", "12,00 €\n\nmit Steuer"),
        ("<div><b>Preis:</b> 12,00 € <a href=x>mehr</a></div>", "Preis: 12,00 € mehr"),
    ],
)
def test_plain_blocks_of_an_article_are_read(block: str, text: str) -> None:
    assert f"darüber.\n\n{text}\n\nIm Ort" in web.extract(make_html(f"<article>{FILLER}{block}{FILLER}</article>")).text


def test_links_beside_an_article_are_not_made_paragraphs() -> None:
    links = "<div><a href=x>Teilen</a> <a href=y>Drucken</a></div>"
    assert "Teilen" not in web.extract(make_html(f"<article>{FILLER}{links}{FILLER}</article>")).text


def test_a_table_of_one_short_row_keeps_the_value_with_its_name() -> None:
    assert blocks(web.extract(make_html("<table><tr><td>Preis<td>5 €</table>")).text) == ["Preis | 5 €"]
    long = "Ein Absatz, der neben einem anderen steht, weil die Seite in zwei Spalten gesetzt ist. " * 2
    assert "|" not in web.extract(make_html(f"<table><tr><td>{long}<td>{long}</table>")).text


@pytest.mark.parametrize(
    "note", ["* nicht an Feiertagen", "1) nicht an Feiertagen", "<sup>a</sup> nicht an Feiertagen"]
)
def test_a_note_within_a_table_opens_no_section(note: str) -> None:
    text = web.extract(
        make_html(
            f"<table><tr><th>Tag<th>Zug<tr><td>Mo<td>RE 4<sup>*</sup><tr><td colspan=2>{note}<tr><td>Di<td>RE 5</table>"
        )
    ).text
    assert blocks(text)[1] == "Mo | Zug: RE 4 [*]"
    assert blocks(text)[-1] == "Di | Zug: RE 5"
