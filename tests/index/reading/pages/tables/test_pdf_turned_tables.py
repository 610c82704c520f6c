"""Rotated tables on an upright page, and rotated column names above upright columns."""

from __future__ import annotations

import pytest

from index.reading.extraction.pdf import extract
from tests.files import lines, make_pdf, needs_files

pytestmark = needs_files
ROWS = (
    ("Ware", "Menge", "Preis", "Summe"),
    ("Schrauben", "12", "0,50", "6,00"),
    ("Muttern", "20", "0,30", "6,00"),
    ("Scheiben", "7", "1,10", "7,70"),
)
READ = [
    "Ware | Menge | Preis | Summe",
    "Schrauben | Menge: 12 | Preis: 0,50 | Summe: 6,00",
    "Muttern | Menge: 20 | Preis: 0,30 | Summe: 6,00",
    "Scheiben | Menge: 7 | Preis: 1,10 | Summe: 7,70",
]
ABOVE = (
    "Die Firma Talheim liefert seit 1912 Schrauben und Muttern in alle Welt.",
    "Die Preise der Waren gelten bis zum Ende des Jahres und stehen daneben.",
    "Wer mehr als tausend davon nimmt, der bekommt einen Nachlass von Talheim.",
)
BELOW = "Nach der Tabelle geht der Text noch ein wenig weiter, und zwar bis hierher."
TEXT = [*lines(*ABOVE, top=780), *lines(BELOW, top=120)]
Turned = tuple[str, float, float, int]  # text, left, bottom, degrees


def turned(*texts: Turned) -> str:
    ways = {0: "1 0 0 1", 90: "0 1 -1 0", 270: "0 -1 1 0"}
    return "\n".join(f"BT /F1 10 Tf 0 g {ways[degrees]} {x} {y} Tm ({text}) Tj ET" for text, x, y, degrees in texts)


def blocks(drawn: str, page: list[tuple[str, float, float, float]] = TEXT) -> list[str]:
    return extract(make_pdf([page], drawn=drawn)).text.strip().split("\n\n")


@pytest.mark.parametrize("ruled", [True, False], ids=["ruled", "unruled"])
@pytest.mark.parametrize("degrees", [90, 270])
def test_a_table_that_is_turned_on_an_upright_page_is_read_by_its_rows(degrees: int, *, ruled: bool) -> None:
    wide, high = 90, 22

    def at(along: float, down: float) -> tuple[float, float]:
        return (200 + down, 250 + along) if degrees == 90 else (400 - down, 650 - along)

    texts = [
        (text, *at(column * wide + 4, (row + 1) * high - 7), degrees)
        for row, cells in enumerate(ROWS)
        for column, text in enumerate(cells)
    ]
    ends = [((0, row * high), (4 * wide, row * high)) for row in range(5)]
    ends += [((column * wide, 0), (column * wide, 4 * high)) for column in range(5)]
    strokes = [(*at(*first), *at(*last)) for first, last in ends] if ruled else []
    drawn = turned(*texts) + "\n" + " ".join(f"{a} {b} m {c} {d} l S" for a, b, c, d in strokes)
    found = blocks(drawn)
    assert [one for one in found if " | " in one] == READ
    assert {" ".join(ABOVE), BELOW} <= set(found)


NAMES = ("Einwohner", "Kreis in km²", "Gemeinden")
BODY = (("Talheim", "1.200", "14,5", "3"), ("Auheim", "800", "9,1", "2"), ("Bergen", "3.400", "31,0", "7"))
NAMED = [
    "Ort | Einwohner | Kreis in km² | Gemeinden",
    "Talheim | Einwohner: 1.200 | Kreis in km²: 14,5 | Gemeinden: 3",
    "Auheim | Einwohner: 800 | Kreis in km²: 9,1 | Gemeinden: 2",
    "Bergen | Einwohner: 3.400 | Kreis in km²: 31,0 | Gemeinden: 7",
]


def columns(degrees: int, *, bottom: float = 600) -> list[Turned]:
    """Return columns of figures below rotated names. Names that run downwards begin at the same height."""
    up = bottom if degrees == 90 else bottom + 62
    over = [(name, 155 + 80 * place, up, degrees) for place, name in enumerate(NAMES)]
    values = [
        (text, 64 + 80 * place, 575 - 22 * row, 0) for row, cells in enumerate(BODY) for place, text in enumerate(cells)
    ]
    return [("Ort", 64, bottom, 0), *over, *values]


RULES = " ".join(
    [f"60 {y} m 400 {y} l S" for y in (680, 590, 568, 546, 524)]
    + [f"{x} 524 m {x} 680 l S" for x in (60, 140, 220, 300, 400)]
)


@pytest.mark.parametrize("rules", [RULES, ""], ids=["ruled", "unruled"])
@pytest.mark.parametrize("degrees", [90, 270])
def test_names_that_are_set_upwards_or_downwards_name_their_columns(degrees: int, rules: str) -> None:
    found = blocks(turned(*columns(degrees)) + "\n" + rules)
    assert [one for one in found if " | " in one] == NAMED
    assert found[-1] == BELOW


def test_a_name_of_two_lines_is_read_as_one() -> None:
    texts = [one for one in columns(90) if one[0] != "Kreis in km²"]
    found = blocks(turned(*texts, ("Kreis", 230, 600, 90), ("in km²", 242, 600, 90)) + "\n" + RULES)
    assert [one for one in found if " | " in one] == NAMED


def test_what_is_turned_in_the_margin_is_no_name() -> None:
    margin = ("Entwurf vom 3. Mai", 30, 300, 90)
    values = [one for one in columns(90) if one[3] == 0]
    found = blocks(turned(margin, *values))
    assert "Entwurf vom 3. Mai" in found
    assert not any("Entwurf" in one for one in found if " | " in one)


def test_lines_that_are_turned_over_a_line_of_text_are_no_names_of_it() -> None:
    axis = [(f"Monat {number}", 80 + 60 * number, 140, 90) for number in range(6)]
    found = blocks(turned(*axis))
    assert BELOW in found
    assert not any(" | " in one for one in found)
