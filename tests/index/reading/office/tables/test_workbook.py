from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.markup.notes import notes
from index.reading.extraction import workbook
from index.reading.extraction.sheets import sheet
from index.reading.extraction.types import ExtractionError
from tests.files import make_zip, needs_files
from tests.office import BOLD, CONTENT_TYPES, STRUCK, make_sheet, make_xlsx, relations

pytestmark = needs_files
EUROS, SHARE, DAY, UNSEEN = 1, 2, 3, 5
PRICES = make_sheet(
    [
        ["Preisliste der Möbelwerk GmbH"],
        [],
        [("Artikel", BOLD), ("Menge", BOLD), ("Einzelpreis", BOLD), ("Rabatt", BOLD), ("Lieferung", BOLD)],
        ["Kranich", 12, (289, EUROS), (0.19, SHARE), (45811, DAY)],
        ["Reiher", None, (1249.5, EUROS), None, None],
    ]
)


def read(*sheets: bytes, **options: object) -> str:
    named = {f"Blatt {number}": one for number, one in enumerate(sheets, start=1)}
    return workbook.extract(make_xlsx(named, **options)).text  # type: ignore[arg-type]


def refused(data: bytes) -> ExtractionError:
    with pytest.raises(ExtractionError) as caught:
        workbook.extract(data)
    assert "\n" not in caught.value.message
    return caught.value


def test_each_row_has_the_names_of_its_columns_and_values_as_one_sees_them() -> None:
    assert read(PRICES) == (
        "## Blatt 1\n\nPreisliste der Möbelwerk GmbH\n\nArtikel | Menge | Einzelpreis | Rabatt | Lieferung\n\n"
        "Kranich | Menge: 12 | Einzelpreis: 289,00 € | Rabatt: 19% | Lieferung: 03.06.2025\n\n"
        "Reiher | Einzelpreis: 1.249,50 €\n"
    )


def test_tables_between_empty_rows_have_headings_of_their_own() -> None:
    text = read(
        make_sheet(
            [["Ort", "Plan", "Ist"], ["Nord", 5, 6], [], ["Werk", 2023, 2024], ["Talheim", 7, 8], [], ["Stand: 1. Mai"]]
        )
    )
    assert "Nord | Plan: 5 | Ist: 6" in text
    assert "Talheim | 2023: 7 | 2024: 8" in text
    assert text.endswith("\n\nStand: 1. Mai\n")


def test_values_below_an_empty_row_stay_with_their_table_and_names_may_be_set_off() -> None:
    text = read(make_sheet([["Ort", "Plan", "Ist"], [], ["Nord", 5, 6], ["Süd", 7, 8], [], ["Summe", 12, 14]]))
    assert "Nord | Plan: 5 | Ist: 6" in text
    assert "Summe | Plan: 12 | Ist: 14" in text


def test_headings_over_several_columns_name_each_of_them() -> None:
    data = make_sheet(
        [["Werk", "Umsatz", None, "Gewinn"], [None, "Plan", "Ist", None], ["Nord", 10, 12, 3], ["Süd", 11, 13, 4]],
        merged=["A1:A2", "B1:C1", "D1:D2"],
    )
    assert "Süd | Umsatz Plan: 11 | Umsatz Ist: 13 | Gewinn: 4" in read(data)


def test_a_cell_that_spans_rows_stands_in_each_of_them() -> None:
    data = make_sheet([["Linie", "Halt", "Ab"], ["S1", "Markt", "5:01"], [None, "Hafen", "5:09"]], merged=["A2:A3"])
    assert "S1 | Halt: Hafen | Ab: 5:09" in read(data)


def test_a_table_in_words_is_headed_where_it_can_be() -> None:
    assert "Anna | Ort: Kiel | Amt: Kasse" in read(make_sheet([["Name", "Ort", "Amt"], ["Anna", "Kiel", "Kasse"]]))
    assert read(make_sheet([["Name", "Kranich"], ["Ort", "Kiel"]])).endswith("Name | Kranich\n\nOrt | Kiel\n")


def test_what_is_hidden_or_struck_out_is_left_out_and_said() -> None:
    shown = make_sheet(
        [
            ["Ort", "GEHEIM1", "Wert"],
            ["Nord", "GEHEIM2", 5],
            ["GEHEIM3", None, 6],
            [("GEHEIM4", STRUCK), None, 7],
            ["Süd", None, (8, UNSEEN)],
        ],
        hidden_rows=[3],
        hidden_columns=[2],
    )
    text = read(shown, make_sheet([["GEHEIM5"]]), hidden=["Blatt 2"])
    assert "GEHEIM" not in text
    assert "8" not in text
    assert notes(text) == ("hidden rows or columns of the sheet Blatt 1", "1 hidden sheet")


def test_formulas_are_never_computed_and_said_where_the_file_has_no_value() -> None:
    formula = '=WEBSERVICE("http://127.0.0.1/x")'
    text = read(make_sheet([["Summe", formula]]))
    assert "127.0.0.1" not in text
    assert notes(text) == ("formulas of the sheet Blatt 1 whose values the file does not hold: open and save it once",)
    stored = make_sheet([["Summe", formula]]).replace(b"</f></c>", b"</f><v>42</v></c>")
    assert read(stored) == "## Blatt 1\n\nSumme | 42\n"


def test_a_million_rows_are_bounded_and_the_next_sheet_is_read() -> None:
    row = b'<row><c t="inlineStr"><is><t>Kranich</t></is></c><c><v>12</v></c></row>'
    many = b"<worksheet><sheetData>" + row * 1_000_000 + b"</sheetData></worksheet>"
    data = make_xlsx({"Viele": many, "Summe": make_sheet([["Alles", 12]])})
    assert len(data) < 1_000_000
    text = workbook.extract(data).text
    assert text.count("Kranich") == sheet.MAX_ROWS
    assert "## Summe\n\nAlles | 12" in text
    assert notes(text) == (f"the rows of the sheet Viele after the first {sheet.MAX_ROWS}: too many",)


def test_wide_rows_are_cut_and_said() -> None:
    text = read(make_sheet([list(range(1, 300))] * 2))
    assert "200" in text
    assert "201" not in text.replace("first 200", "")
    assert notes(text) == ("the columns of the sheet Blatt 1 after the first 200: too many",)


def test_more_text_than_is_read_is_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MAX_CHARACTERS", 400)
    text = read(make_sheet([["Ort", "Wert", "Rest"], *(["Nord", number, "x"] for number in range(100))]))
    assert len(text) < 600
    assert "too many" in notes(text)[0]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(make_xlsx({"Leer": make_sheet([])}), "without text", id="empty"),
        pytest.param(
            make_xlsx({"Leer": make_sheet([[None, ("x", UNSEEN)]]).replace(b">x<", b"><")}), "without text", id="blank"
        ),
        pytest.param(make_xlsx({"A": make_sheet([["x"]])})[:900], "damaged", id="cut"),
        pytest.param(make_xlsx({"A": b"<worksheet><sheetData><row>"}), "damaged", id="no-xml"),
        pytest.param(make_zip({"[Content_Types].xml": CONTENT_TYPES, "xl/x": b"x"}), "damaged", id="no-workbook"),
        pytest.param(make_zip({"[Content_Types].xml": b"", "word/document.xml": b""}), "Word document", id="docx"),
        pytest.param(make_zip({"a.xlsx": make_xlsx({"A": PRICES})}), "another kind of ZIP archive", id="zip-in-zip"),
        pytest.param(
            make_xlsx({"A": PRICES}, more={"xl/theme/theme1.xml": b" " * 30_000_000}), "unpacks to far more", id="bomb"
        ),
    ],
)
def test_a_workbook_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    assert reason in refused(data).message


def test_paths_out_of_the_archive_lead_nowhere() -> None:
    outside = relations(("rId1", "worksheet", "../../../../../../etc/passwd"), ("styles", "styles", "/etc/passwd"))
    assert (
        "without text"
        in refused(make_xlsx({"A": make_sheet([["Wert", 5]])}, more={"xl/_rels/workbook.xml.rels": outside})).message
    )


def test_entities_are_not_expanded() -> None:
    evil = b"<!DOCTYPE d [<!ENTITY a SYSTEM 'file:///etc/passwd'><!ENTITY b 'GEHEIM'>]>"
    data = make_sheet([["Wert", "x"]]).replace(b">x<", b">&a;&b;<")
    try:
        text = read(evil + data)
    except ExtractionError:
        return
    assert "root:" not in text
    assert "GEHEIM" not in text


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=8)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.none() | WORDS | st.integers(0, 999), max_size=5), min_size=1, max_size=8))
def test_every_value_of_any_sheet_comes_back_in_order(rows: list[list[str | int | None]]) -> None:
    rows = [[None if isinstance(cell, str) and cell[:1] == "=" else cell for cell in row] for row in rows]
    try:
        text = read(make_sheet(rows))
    except ExtractionError as error:
        assert error.kind in {"no_text", "damaged"}  # XML forbids noncharacters
        return
    place = 0
    for row in rows:
        for cell in row:
            if isinstance(cell, int):
                place = text.index(str(cell), place)


def test_a_form_keeps_each_name_with_its_own_value() -> None:
    form = [["Name:", "Anna Öz"], ["Geboren:", (45811, DAY)], ["Betrag:", (1200, EUROS)]]
    expected = "Name: | Anna Öz\n\nGeboren: | 03.06.2025\n\nBetrag: | 1.200,00 €\n"
    assert read(make_sheet(form)).endswith(expected)
    # Without colons, the different kinds of values show that they do not form one column.
    assert read(make_sheet([[row[0].rstrip(":"), row[1]] for row in form])).endswith(expected.replace(":", ""))  # type: ignore[union-attr]
    assert "Nord | Wert: 5" in read(make_sheet([["Ort", "Wert"], ["Nord", 5], ["Süd", 6]]))


def test_tables_side_by_side_are_read_one_after_the_other() -> None:
    data = [
        ["Ort", "Wert", None, "Amt", "Zahl"],
        ["Nord", 5, None, "Kasse", 3],
        ["Süd", 6, None, "Bad", 4],
        ["West", 7],
    ]
    assert read(make_sheet(data)).endswith(
        "Nord | Wert: 5\n\nSüd | Wert: 6\n\nWest | Wert: 7\n\nAmt | Zahl\n\nKasse | Zahl: 3\n\nBad | Zahl: 4\n"
    )
    # An empty column between figures does not separate two tables.
    spaced = [["Ort", "Plan", "Ist", None, "Rest", "Mehr"], ["Nord", 5, 6, None, 7, 8], ["Süd", 1, 2, None, 3, 4]]
    assert "Nord | Plan: 5 | Ist: 6 | Rest: 7 | Mehr: 8" in read(make_sheet(spaced))


def test_names_over_groups_of_columns_need_not_be_merged() -> None:
    data = [["Partei", 2021, None, 2025, None], [None, "Stimmen", "%", "Stimmen", "%"], ["A", 1200, 41, 1300, 43]]
    assert "A | 2021 Stimmen: 1200 | 2021 %: 41 | 2025 Stimmen: 1300 | 2025 %: 43" in read(make_sheet(data))
    line = [["in Mio.", None, None, "Stand Mai"], ["Werk", "Plan", "Ist", "Rest"], ["Nord", 1, 2, 3], ["Süd", 4, 5, 6]]
    assert "in Mio. | Stand Mai\n\nWerk | Plan | Ist | Rest\n\nNord | Plan: 1 | Ist: 2 | Rest: 3" in read(
        make_sheet(line)
    )


def test_sums_below_prices_keep_their_own_names() -> None:
    rows = [
        ["Pos.", "Ware", "Preis", "Gesamt"],
        [1, "Tisch", 289, 578],
        [2, "Bank", 145, 145],
        [None, None, "Netto", 723],
    ]
    assert read(make_sheet(rows)).endswith("\n\nNetto | Gesamt: 723\n")
    words = [["Ort", "Amt", "Zahl"], ["Nord", "Kasse", 5], ["Süd", "Bad", 6], [None, "Hafen", 7]]
    assert read(make_sheet(words)).endswith("\n\nAmt: Hafen | Zahl: 7\n")


def test_filters_and_tables_say_which_row_names_the_columns() -> None:
    rows = [["Name", "Ort"], ["Anna", "Kiel"], ["Ben", "Bonn"]]
    plain = make_sheet(rows)
    assert "Ort: Kiel" not in read(plain)
    filtered = plain.replace(b"</sheetData>", b'</sheetData><autoFilter ref="A1:B3"/>')
    assert "Anna | Ort: Kiel\n\nBen | Ort: Bonn" in read(filtered)
    more = {
        "xl/worksheets/_rels/sheet1.xml.rels": relations(("t", "table", "../tables/table1.xml")),
        "xl/tables/table1.xml": b'<table ref="A1:B3"/>',
    }
    assert "Anna | Ort: Kiel\n\nBen | Ort: Bonn" in read(plain, more=more)
