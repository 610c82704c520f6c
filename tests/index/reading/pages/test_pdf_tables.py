"""Tables without lines: rows contain the names of their columns, and no value moves to another column."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.reading.extraction.pdf import extract
from tests.files import Line, lines, make_pdf, needs_files
from tests.growth import at_most

pytestmark = needs_files


def laid(*rows: tuple[str, ...], lefts: tuple[int, ...], top: float = 700, pitch: float = 16) -> list[Line]:
    return [
        (text, 11, left, top - number * pitch)
        for number, row in enumerate(rows)
        for text, left in zip(row, lefts, strict=True)
        if text
    ]


def read(*page: Line, drawn: str = "") -> list[str]:
    return extract(make_pdf([list(page)], drawn=drawn)).text.strip().split("\n\n")


def test_empty_cells_stay_empty() -> None:
    rows = (
        ("Artikel", "Menge", "Einzelpreis"),
        ("Kranich", "12", "289,00"),
        ("Bussard", "", "17,50"),
        ("Eule", "3", ""),
    )
    before, after = (
        "Die Liste nennt die Preise.",
        "Danach folgt Text, der mit der Tabelle nichts zu tun hat, über die Breite.",
    )
    found = read((before, 11, 60, 730), *laid(*rows, lefts=(60, 200, 300)), (after, 11, 60, 620))
    assert found == [
        before,
        "Artikel | Menge | Einzelpreis",
        "Kranich | Menge: 12 | Einzelpreis: 289,00",
        "Bussard | Einzelpreis: 17,50",
        "Eule | Menge: 3",
        after,
    ]


def test_a_name_over_two_columns_counts_for_both() -> None:
    found = read(
        *laid(
            ("", "Umsatz in Tausend Euro", "", ""),
            ("Filiale", "2022", "2023", "Leitung"),
            ("Nord", "410", "415", "Bolte"),
            ("Süd", "", "655", "Kern"),
            lefts=(60, 180, 260, 340),
        )
    )
    assert found[2:] == [
        "Nord | Umsatz in Tausend Euro 2022: 410 | Umsatz in Tausend Euro 2023: 415 | Leitung: Bolte",
        "Süd | Umsatz in Tausend Euro 2023: 655 | Leitung: Kern",
    ]


def test_a_name_of_several_rows_counts_for_all() -> None:
    rows = (("Klasse", "Fach", "Note"), ("5a", "Mathe", "2"), ("", "Deutsch", "3"), ("5b", "Mathe", "1"))
    assert read(*laid(*rows, lefts=(60, 180, 260)))[1:] == [
        "5a | Fach: Mathe | Note: 2",
        "5a | Fach: Deutsch | Note: 3",
        "5b | Fach: Mathe | Note: 1",
    ]


def test_a_sum_belongs_to_no_row_above() -> None:
    rows = (("Ort", "Posten", "Betrag"), ("Nord", "Miete", "410"), ("Süd", "Strom", "655"), ("", "Summe", "1.065"))
    assert read(*laid(*rows, lefts=(60, 180, 260)))[-1] == "Posten: Summe | Betrag: 1.065"


def test_lines_of_one_cell_are_one_row() -> None:
    found = read(
        *laid(("Amt", "Aufgabe", "Leiter"), lefts=(60, 160, 400)),
        *laid(("Bauamt", "Genehmigt Bauten und prüft die", "Kern"), lefts=(60, 160, 400), top=676),
        ("Statik von Brücken", 11, 160, 663),
        *laid(("Kulturamt", "Fördert Vereine", "Bolte"), lefts=(60, 160, 400), top=640),
    )
    assert found[1:] == [
        "Bauamt | Genehmigt Bauten und prüft die Statik von Brücken | Kern",
        "Kulturamt | Fördert Vereine | Bolte",
    ]


def test_lines_around_cells_tell_what_belongs_together() -> None:
    drawn = "0.5 w " + " ".join(
        [f"60 {y} m 460 {y} l S" for y in (710, 690, 650, 630)]
        + [f"{x} 710 m {x} 630 l S" for x in (60, 160, 360, 460)]
    )
    found = read(
        *laid(("Amt", "Aufgabe", "Mitarbeiter"), lefts=(65, 165, 365), top=696),
        *laid(
            ("Bauamt", "Genehmigt Bauten und", "17"), ("", "prüft Brücken", ""), lefts=(65, 165, 365), top=676, pitch=14
        ),
        *laid(("Archiv", "", "3"), lefts=(65, 165, 365), top=636),
        drawn=drawn,
    )
    assert found == [
        "Amt | Aufgabe | Mitarbeiter",
        "Bauamt | Aufgabe: Genehmigt Bauten und prüft Brücken | Mitarbeiter: 17",
        "Archiv | Mitarbeiter: 3",
    ]


def test_rows_of_a_box_that_has_no_lines_between_them() -> None:
    drawn = "0.5 w " + " ".join(
        [f"60 {y} m 460 {y} l S" for y in (710, 690, 630)] + [f"{x} 710 m {x} 630 l S" for x in (60, 160, 360, 460)]
    )
    rows = (("Nord", "Hafen", "410"), ("Süd", "Markt", "655"), ("West", "Bahnhof", "298"))
    found = read(
        *laid(("Filiale", "Lage", "Umsatz"), lefts=(65, 165, 365), top=696),
        *laid(*rows, lefts=(65, 165, 365), top=676, pitch=16),
        drawn=drawn,
    )
    assert found[1:] == [f"{name} | Lage: {place} | Umsatz: {value}" for name, place, value in rows]


def test_names_with_colons_name_what_stands_beside_them() -> None:
    rows = (
        ("Kunde:", "Chor Aalen", "Datum:", "3. Mai"),
        ("Nummer:", "17", "Betrag:", "289,00"),
        ("Ort:", "Aalen", "Land:", "BW"),
    )
    assert read(*laid(*rows, lefts=(60, 140, 260, 340))) == [
        "Kunde: Chor Aalen | Datum: 3. Mai",
        "Nummer: 17 | Betrag: 289,00",
        "Ort: Aalen | Land: BW",
    ]


CELL = st.one_of(st.just(""), st.integers(10, 9999).map(str))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=4, max_size=12), st.sampled_from([13, 16, 22]))
def test_each_value_keeps_its_column_and_row(rows: list[tuple[str, str, str]], pitch: int) -> None:
    heads = ("Menge", "Gewicht", "Preis")
    if any(sum(bool(row[column]) for row in rows) < 2 for column in range(3)):
        return  # without values a column cannot be recognised
    table = [("Ware", *heads), *((f"Ware{'abcdefghijklmn'[number]}", *row) for number, row in enumerate(rows))]
    found = read(*laid(*table, lefts=(60, 160, 260, 360), top=760, pitch=pitch))
    expected = [
        " | ".join([name, *(f"{head}: {value}" for head, value in zip(heads, row, strict=True) if value)])
        for name, *row in table[1:]
    ]
    assert found[1:] == expected


@pytest.mark.parametrize("rotate", [0, 90])
def test_a_turned_table(rotate: int) -> None:
    rows = (("Ort", "Menge", "Preis"), ("Nord", "12", "3,50"), ("Sued", "", "4,10"), ("West", "7", ""))
    drawn = " ".join(
        f"BT /F1 11 Tf 0 1 -1 0 {100 + 16 * number} {left} Tm ({text}) Tj ET"
        for number, row in enumerate(rows)
        for text, left in zip(row, (60, 200, 300), strict=True)
        if text
    )
    found = extract(make_pdf([[]], drawn=drawn, rotate=rotate)).text.strip().split("\n\n")
    assert found[1:] == ["Nord | Menge: 12 | Preis: 3,50", "Sued | Preis: 4,10", "West | Menge: 7"]


def test_text_in_one_column_is_no_table() -> None:
    text = [
        "Ein Satz mit einer     Lücke in der Zeile steht hier,",
        "und der nächste geht ohne Lücke weiter bis zum Ende.",
    ]
    assert read(*lines(*text)) == [" ".join(" ".join(text).split())]


def test_a_page_of_very_many_rows_is_read_soon() -> None:
    count = 4_800
    rows = [(f"Ware {number}", str(number), "" if number % 3 else "17,50") for number in range(count)]
    data = make_pdf([laid(*rows, lefts=(60, 200, 300), top=5 * count, pitch=5)])
    data = data.replace(b"/MediaBox [0 0 595 842]", b"/MediaBox [0 0 595 %d]" % (5 * count + 100))
    with at_most(10, f"{count} rows"):  # takes about 2 s in linear time
        assert extract(data).text.count("Ware") == count


def test_amounts_name_columns_of_another_unit() -> None:
    rows = (
        ("Sorte", "500 g", "1 kg"),
        ("Roggen", "2,60 €", "4,90 €"),
        ("Dinkel", "3,10 €", ""),
        ("Nuss", "3,90 €", "7 €"),
    )
    assert read(*laid(*rows, lefts=(60, 180, 260)))[1:] == [
        "Roggen | 500 g: 2,60 € | 1 kg: 4,90 €",
        "Dinkel | 500 g: 3,10 €",
        "Nuss | 500 g: 3,90 € | 1 kg: 7 €",
    ]
    values = (("Roggen", "500 g", "1 kg"), ("Dinkel", "250 g", "2 kg"), ("Nuss", "750 g", "3 kg"))
    assert read(*laid(*values, lefts=(60, 180, 260)))[1] == "Dinkel | 250 g | 2 kg"
