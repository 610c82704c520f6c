from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.reading.extraction.raised import power, raised
from index.reading.extraction.tables.grid import MAX_COLUMNS, Cell, columns_left_out, lines


def rows(*texts: str) -> list[list[Cell]]:
    """Return rows of cells that are separated by bars. A heading begins with an exclamation mark."""
    return [
        [Cell(cell.strip().removeprefix("!"), header=cell.strip().startswith("!")) for cell in text.split("|")]
        for text in texts
    ]


@pytest.mark.parametrize(
    ("table", "written"),
    [
        (
            ("Ware|Menge|Preis", "Tisch|2|80 €", "Bank||45 €"),
            ("Ware | Menge | Preis", "Tisch | Menge: 2 | Preis: 80 €", "Bank | Preis: 45 €"),
        ),
        (("Name|Ort", "Anna|Auheim"), ("Name | Ort", "Anna | Auheim")),  # unclear which cells are headings
        (("!Name|!Ort", "Anna|Auheim"), ("Name | Ort", "Anna | Ort: Auheim")),
        (("Ab|6:10|7:10", "An|6:40|7:40"), ("Ab | 6:10 | 7:10", "An | 6:40 | 7:40")),
        (("|2023|2024", "Nord|5|6"), ("2023 | 2024", "Nord | 2023: 5 | 2024: 6")),
        (("|Titel|vorn", "I.|Berg|am Ende", "|Tal|innen"), ("Titel | vorn", "I. | Berg | am Ende", "Tal | innen")),
        (("!Nord|5", "!Süd|6"), ("Nord | 5", "Süd | 6")),
        (("!a|!b",), ("a | b",)),
        (("|", ""), ()),
        (
            ("Mio. Euro|2022|2023", "Umsatz|12|13"),
            ("Mio. Euro | 2022 | 2023", "Umsatz | 2022 in Mio. Euro: 12 | 2023 in Mio. Euro: 13"),
        ),
        (
            ("Ware|ab 10 Stück|ab 99 Stück", "Nagel|3 €|2 €"),
            ("Ware | ab 10 Stück | ab 99 Stück", "Nagel | ab 10 Stück: 3 € | ab 99 Stück: 2 €"),
        ),
        (("Stand|Entwurf", "Preis|12 €"), ("Stand | Entwurf", "Preis | 12 €")),
        (
            ("Mio. Euro|!2022|!2023", "Umsatz|12|13"),
            ("Mio. Euro | 2022 | 2023", "Umsatz | 2022 in Mio. Euro: 12 | 2023 in Mio. Euro: 13"),
        ),
        (
            ("!Wert|!Zahl", "!a|!1", "!b|!2", "!c|!3", "!d|!4", "e|5"),
            ("Wert | Zahl", "a | Zahl: 1", "b | Zahl: 2", "c | Zahl: 3", "d | Zahl: 4", "e | Zahl: 5"),
        ),
    ],
)
def test_each_row_carries_the_names_of_its_columns(table: tuple[str, ...], written: tuple[str, ...]) -> None:
    assert tuple(lines(rows(*table))) == written


def test_the_file_may_say_that_its_first_row_names_the_columns() -> None:
    assert list(lines(rows("Name|Ort", "Anna|Auheim"), headed=True)) == ["Name | Ort", "Anna | Ort: Auheim"]


def test_what_spans_rows_stands_in_each_of_them() -> None:
    table = [
        [Cell("Linie", header=True), Cell("Halt", header=True), Cell("Ab", header=True)],
        [Cell("S1", rows=2), Cell("Markt"), Cell("5:01")],
        [Cell("Hafen"), Cell("5:09")],
        [Cell("S2", rows=9), Cell("Markt"), Cell("5:30")],
    ]
    assert list(lines(table))[1:] == [
        "S1 | Halt: Markt | Ab: 5:01",
        "S1 | Halt: Hafen | Ab: 5:09",
        "S2 | Halt: Markt | Ab: 5:30",
    ]


def test_headings_over_several_rows_name_a_column_together() -> None:
    table = [
        [Cell("Werk", rows=2), Cell("Umsatz", columns=2)],
        [Cell("Plan"), Cell("Ist")],
        [Cell("Nord"), Cell("5"), Cell("4")],
        [Cell("alle", columns=3)],
    ]
    assert list(lines(table, headed=True))[2:] == ["Nord | Umsatz Plan: 5 | Umsatz Ist: 4", "alle"]


SPANS = st.integers(1, 4) | st.just(10**9)


@given(st.lists(st.lists(st.tuples(st.sampled_from("abc "), SPANS, SPANS, st.booleans()), max_size=5), max_size=6))
def test_no_text_is_lost_and_no_table_explodes(table: list[list[tuple[str, int, int, bool]]]) -> None:
    cells = [
        [
            Cell(f"{letter}{i}.{j}" if letter != " " else "", columns, down, header)
            for j, (letter, columns, down, header) in enumerate(row)
        ]
        for i, row in enumerate(table)
    ]
    written = list(lines(cells))
    assert len(written) <= len(cells)
    assert all(len(line) <= MAX_COLUMNS * 200 for line in written)
    said = " ".join(written)
    if all(columns < 5 for row in table for _, columns, _, _ in row):
        assert all(cell.text in said for row in cells for cell in row)


@pytest.mark.parametrize(
    ("before", "mark", "text"),
    [
        ("12 km", "2", "²"),
        ("3·10", "−4", "⁻⁴"),
        ("110", "6", " [6]"),
        ("Der Saal", "1", " [1]"),
        ("Ende.", "a", " [a]"),
        ("1", "st", "st"),
        ("M", "lle", "lle"),
        ("Ende.", "[7]", " [7]"),
        ("Ende.", "2, 3", " [2, 3]"),
        ("Preis", "*", " [*]"),
        ("", "5", "[5]"),
        ("x", " ", " "),
        ("80", "1)2)", " [1, 2]"),
        ("150", "1234", " [1234]"),
        ("10", "–3", "⁻³"),
        ("mol", "-1", "⁻¹"),
        ("SO4", "2-", "²⁻"),
        ("x", "2", "²"),
        ("Marke", "TM", "™"),
    ],
)
def test_a_raised_mark_is_set_off(before: str, mark: str, text: str) -> None:
    assert raised(before, mark) == text


@pytest.mark.parametrize(
    ("before", "mark", "after", "text"),
    [
        ("", "1", "12 Prozent", "[1] "),
        ("Umsatz ", "1", " stieg", "[1]"),
        ("", "14", "C-Methode", "14"),
        ("Uran ", "235", "U", "235"),
        ("5", "99", " €", ",99"),
        ("12,", "99", " €", "99"),
        ("8", "00", "–17", ":00"),
        ("17", "30", " Uhr", ":30"),
        ("3", "1", "/2 Liter", " 1"),
        ("", "1", "⁄2", "1"),
        ("Das sagt der Rat.", "12", " Er", " [12]"),
    ],
)
def test_what_follows_says_what_a_raised_figure_is(before: str, mark: str, after: str, text: str) -> None:
    assert raised(before, mark, after) == text


def test_a_power_has_raised_figures_where_there_are_any() -> None:
    assert (power("12"), power("k"), power("a+1")) == ("¹²", "^k", "^(a+1)")


def test_a_heading_over_the_whole_table_below_the_names_opens_a_section() -> None:
    table = [
        [Cell("Ware", header=True), Cell("Preis", header=True)],
        [Cell("Obst", columns=2, header=True)],
        [Cell("Apfel"), Cell("1 €")],
        [Cell("Gemüse", columns=2, header=True)],
        [Cell("Kohl"), Cell("2 €")],
    ]
    assert list(lines(table)) == [
        "Ware | Preis",
        "Obst",
        "Obst | Apfel | Preis: 1 €",
        "Gemüse",
        "Gemüse | Kohl | Preis: 2 €",
    ]


def test_a_marked_heading_that_is_parted_takes_the_row_of_its_parts() -> None:
    table = [
        [Cell("Region", header=True), Cell("2022", columns=2, header=True), Cell("2023", columns=2, header=True)],
        [Cell(""), Cell("Q1"), Cell("Q2"), Cell("Q1"), Cell("Q2")],
        [Cell("Nord"), Cell("1"), Cell("2"), Cell("3"), Cell("4")],
    ]
    assert list(lines(table))[-1] == "Nord | 2022 Q1: 1 | 2022 Q2: 2 | 2023 Q1: 3 | 2023 Q2: 4"


def test_a_long_title_does_not_hide_the_names_below_it() -> None:
    title = Cell(
        "Ein Titel, der viel länger ist als der Name einer Spalte und der alles sagt " * 2, columns=3, header=True
    )
    table = [
        [title],
        [Cell("Ort", header=True), Cell("2022", header=True), Cell("2023", header=True)],
        [Cell("A"), Cell("1"), Cell("2")],
    ]
    assert list(lines(table))[-1] == "A | 2022: 1 | 2023: 2"


@pytest.mark.parametrize(
    ("table", "written"),
    [
        (("Bestell-Nr.:|A 12", "Datum:|3.4.2024", "Betrag:|5 €"), ("Bestell-Nr.: | A 12", "Datum: | 3.4.2024", "Betrag: | 5 €")),
        (("Name|Kranich", "Stück|5", "Preis|3 €"), ("Name | Kranich", "Stück | 5", "Preis | 3 €")),
        (("Name:|Roth|Tag:|Montag", "Ort:|Auheim|Zeit:|9 Uhr"), ("Name: | Roth | Tag: | Montag", "Ort: | Auheim | Zeit: | 9 Uhr")),
        (("Angabe|Wert", "Länge|5 m", "Masse|3 kg"), ("Angabe | Wert", "Länge | Wert: 5 m", "Masse | Wert: 3 kg")),
        (("Ort|Gäste", "Auheim|512", "Talheim|88"), ("Ort | Gäste", "Auheim | Gäste: 512", "Talheim | Gäste: 88")),
        (("Kennzahl|2023", "Umsatz|5 €", "Marge|3 %"), ("Kennzahl | 2023", "Umsatz | 2023: 5 €", "Marge | 2023: 3 %")),
    ],
)  # fmt: skip
def test_a_list_of_names_and_values_has_no_head(table: tuple[str, ...], written: tuple[str, ...]) -> None:
    assert tuple(lines(rows(*table))) == written


def sectioned(*texts: str) -> list[list[Cell]]:
    """Return rows with the headings "Ware" and "Preis". A row of a single text spans both columns."""
    return [[Cell("Ware", header=True), Cell("Preis", header=True)]] + [
        [Cell(text, columns=2)] if "|" not in text else [Cell(part.strip()) for part in text.split("|")]
        for text in texts
    ]


@pytest.mark.parametrize(
    ("texts", "sums"),
    [
        (("Obst", "Apfel|1", "Kohl", "Weiß|2", "Summe|3"), ["Summe | Preis: 3"]),
        (("Obst", "Apfel|1", "Summe|1", "Kohl", "Weiß|2", "Summe|2"), ["Obst | Summe | Preis: 1", "Kohl | Summe | Preis: 2"]),
        (
            ("Obst", "Apfel|1", "Summe|1", "Kohl", "Weiß|2", "Summe|2", "Gesamt|3"),
            ["Obst | Summe | Preis: 1", "Kohl | Summe | Preis: 2", "Gesamt | Preis: 3"],
        ),
        (("Obst", "Apfel|1", "Summe Obst|1", "Gesamt (netto):|9"), ["Obst | Summe Obst | Preis: 1", "Gesamt (netto): | Preis: 9"]),
    ],
)  # fmt: skip
def test_a_sum_of_the_whole_table_stands_in_no_section(texts: tuple[str, ...], sums: list[str]) -> None:
    written = list(lines(sectioned(*texts)))
    assert [line for line in written if "Summe" in line or "Gesamt" in line] == sums


def test_the_foot_of_a_table_stands_in_no_section() -> None:
    table = [*sectioned("Obst", "Apfel|1"), [Cell("Stand Mai", footer=True), Cell("9", footer=True)]]
    assert list(lines(table))[-2:] == ["Obst | Apfel | Preis: 1", "Stand Mai | Preis: 9"]


def test_a_heading_alone_in_its_row_opens_a_section_unless_rows_have_headings() -> None:
    table = rows("!Ware|!Preis", "!Obst|", "Apfel|1")
    assert list(lines(table)) == ["Ware | Preis", "Obst", "Obst | Apfel | Preis: 1"]
    assert list(lines(rows("!Ware|!Preis", "!Apfel|", "!Birne|2"))) == ["Ware | Preis", "Apfel", "Birne | Preis: 2"]


def test_headings_within_a_table_name_the_columns_anew() -> None:
    table = rows("!Ort|!Mai|!Juni", "Auheim|1|2", "!Ort|!Juli|!August", "Auheim|3|4")
    assert list(lines(table))[1:] == [
        "Auheim | Mai: 1 | Juni: 2",
        "Ort | Juli | August",
        "Auheim | Juli: 3 | August: 4",
    ]


def test_a_wide_cell_below_one_that_goes_on_from_above_moves_no_other() -> None:
    table = [
        [Cell(name, header=True) for name in "ABC"],
        [Cell("a"), Cell("1", rows=2), Cell("2")],
        [Cell("b", columns=2), Cell("3")],
        [Cell("c"), Cell("4"), Cell("5")],
    ]
    assert list(lines(table))[2:] == ["b | C: 3", "c | B: 4 | C: 5"]


def test_columns_beyond_the_last_are_counted() -> None:
    wide = [[Cell(str(number)) for number in range(MAX_COLUMNS + 3)], [Cell("x", columns=MAX_COLUMNS), Cell("y")]]
    assert (columns_left_out(wide), columns_left_out([[Cell("a")]]), columns_left_out([])) == (3, 0, 0)


def test_a_unit_in_the_corner_counts_for_all_columns_without_one() -> None:
    rows = [[Cell(text) for text in row.split("|")] for row in ("Angaben in %|2022|Umsatz in €", "Nord|4|7")]
    assert list(lines(rows, headed=True))[-1] == "Nord | 2022 in %: 4 | Umsatz in €: 7"
    rows = [[Cell(text) for text in row.split("|")] for row in ("(TEUR)|2022", "Nord|4")]
    assert list(lines(rows, headed=True))[-1] == "Nord | 2022 in TEUR: 4"
