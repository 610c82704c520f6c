from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.markup.notes import notes
from index.reading.extraction.sheets import delimited, sheet
from index.reading.extraction.types import ExtractionError


def read(text: str, encoding: str = "utf-8") -> str:
    return delimited.extract(text.encode(encoding)).text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Artikel;Preis\nKranich;289,00\n", "Artikel | Preis\n\nKranich | Preis: 289,00\n"),
        ("Artikel;Preis\r\nKranich;1,5\r\nReiher;2,5\r\n", "Artikel | Preis\n\nKranich | Preis: 1,5\n\nReiher | Preis: 2,5\n"),
        ("name,town\nAnna,Kiel\n", "name | town\n\nAnna | town: Kiel\n"),
        ("name\ttown\nAnna\tKiel, Nord\n", "name | town\n\nAnna | town: Kiel, Nord\n"),
        ("name|town\nAnna|Kiel\n", "name | town\n\nAnna | town: Kiel\n"),
        ("sep=;\nOrt;Wert\nNord;5\n", "Ort | Wert\n\nNord | Wert: 5\n"),
        ('Ort;Text\nNord;"Zwei\nZeilen; ""so"""\n', 'Ort | Text\n\nNord | Text: Zwei Zeilen; "so"\n'),
        ("Preisliste 2025;;\n;;\nOrt;Plan;Ist\nNord;5;6\n", "Preisliste 2025\n\nOrt | Plan | Ist\n\nNord | Plan: 5 | Ist: 6\n"),
        ("Erste Zeile, mit Komma\nZweite\nDritte, hier\n", "Erste Zeile, mit Komma\n\nZweite\n\nDritte, hier\n"),
        ("nur das\n", "nur das\n"),
        ("الاسم,المدينة\nليلى,برلين\n", "الاسم | المدينة\n\nليلى | المدينة: برلين\n"),
        ("Nr;Zeichen\n1;<!-- not read: x -->\n<!-- a;2\n", "Nr | Zeichen\n\nNr: 1 | Zeichen: <!-- not read: x -->\n\n\\<!-- a | Zeichen: 2\n"),
    ],
)  # fmt: skip
def test_values_are_parted_as_the_file_parts_them(text: str, written: str) -> None:
    assert read(text) == written


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_umlauts_come_through_whatever_program_wrote_them(encoding: str) -> None:
    assert read("Größe;Maß\nTür;ä\n", encoding) == "Größe | Maß\n\nTür | Maß: ä\n"


def test_a_quotation_mark_that_is_never_closed_swallows_nothing() -> None:
    text = read('Ort;Wert\nNord;"offen\n' + "Süd;7\n" * 60)
    assert text.count("Süd | Wert: 7") == 60


def test_many_rows_and_columns_are_bounded_and_said() -> None:
    text = read("Ort;Wert\n" + "Nord;5\n" * 1_000_000)
    assert text.count("\n\n") == sheet.MAX_ROWS
    assert notes(text) == (f"the rows after the first {sheet.MAX_ROWS}: too many",)
    wide = read("\n".join(";".join(f"{letter}{number}" for number in range(201)) for letter in "SW"))
    assert "W199" in wide
    assert "W200" not in wide
    assert notes(wide) == ("the columns after the first 200: too many",)
    assert not notes(read("\n".join(";".join(f"{letter}{number}" for number in range(200)) for letter in "SW")))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xc3\xa4;1\n" * 5 + b"\xff\xfe\xfa;2", "broken UTF-8"),
        (b"a;b\x00c", "binary"),
        (b";;;\n;;;\n", "without text"),
        (b"\xef\xbb\xbf \n", "without text"),
    ],
)
def test_what_is_no_table_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(ExtractionError) as caught:
        delimited.extract(data)
    assert reason in caught.value.message
    assert "\n" not in caught.value.message


CELLS = st.text(st.sampled_from('abÄ7,;"| '), min_size=1, max_size=6).map(str.strip).filter(bool)


def test_values_in_quotes_may_hold_other_signs() -> None:
    assert read('"7";",";","\n",";"a";","\n"b";",";"c"\n').split("\n")[0] == "7 | , | ,"
    assert '|"' in read('"7";"""";"|"\n"|""";"""";"|"\n"|""";"""";"|"\n').split()


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=3, max_size=6))
def test_whatever_is_in_quotes_comes_back(rows: list[tuple[str, str, str]]) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL).writerows(rows)
    text = read(out.getvalue())
    for row in rows:
        for cell in row:
            assert " ".join(cell.split()) in text
