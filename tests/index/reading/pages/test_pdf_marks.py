"""Raised marks, struck-out text and hyphens on a PDF's page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.reading.extraction.pdf import extract
from index.reading.extraction.pdf.characters.letterforms import plain
from index.reading.extraction.seams import joined, seam, words_of
from tests.files import Line, lines, make_pdf, needs_files

pytestmark = needs_files


def read(*page: Line, drawn: str = "", annotations: tuple[str, ...] = ()) -> str:
    return extract(make_pdf([list(page)], drawn=drawn, annotations=annotations)).text.strip()


@pytest.mark.parametrize("size", [5, 7, 8])
@pytest.mark.parametrize("rise", [3, 4, 5])
def test_a_raised_figure_is_no_part_of_the_one_before(size: float, rise: float) -> None:
    page = [
        ("Der Umbau des Bahnhofs kostete 150", 11, 60, 700),
        ("2", size, 237, 700 + rise),
        ("Millionen Euro und endete im Jahr 2019", 11, 242, 700),
        ("3", size, 434, 700 + rise),
        (".", 11, 438, 700),
    ]
    assert read(*page) == "Der Umbau des Bahnhofs kostete 150 [2] Millionen Euro und endete im Jahr 2019 [3]."


@pytest.mark.parametrize("left", [238, 247, 254])
def test_a_mark_that_the_file_has_at_its_end(left: float) -> None:
    page = [
        ("Der Umbau des Bahnhofs kostete 150", 11, 60, 700),
        ("Millionen Euro.", 11, 262, 700),
        ("Danach war die Kasse der Stadt leer.", 11, 60, 686),
        ("2", 7, left, 704),
    ]
    assert read(*page).startswith("Der Umbau des Bahnhofs kostete 150 [2] Millionen Euro.")


def test_powers_stay_powers() -> None:
    page = [
        ("Im Wasser wurden 10", 11, 60, 680),
        ("6", 7, 162, 684),
        ("Keime je Liter auf 20 m", 11, 168, 680),
        ("2", 7, 284, 684),
        ("gefunden.", 11, 292, 680),
    ]
    assert read(*page) == "Im Wasser wurden 10⁶ Keime je Liter auf 20 m² gefunden."


def test_a_raised_figure_with_a_character_of_its_own() -> None:
    assert (
        read(*lines("Es kostete 150² Millionen Euro auf 20 m² Fläche."))
        == "Es kostete 150 [2] Millionen Euro auf 20 m² Fläche."
    )


def test_lowered_letters_stay_where_they_are() -> None:
    page = [("Der Ausstoß an CO", 11, 60, 700), ("2", 7, 152.5, 697), ("fiel um ein Drittel.", 11, 160, 700)]
    assert read(*page) == "Der Ausstoß an CO2 fiel um ein Drittel."


PRICE = "Der Eintritt kostet 49 Euro 59 Euro je Person."


@pytest.mark.parametrize(
    "drawn",
    ["0.6 w 147.4 703.5 m 185.9 703.5 l S", "147.4 703 38.5 0.8 re f", "1 0 0 RG 1 w 145 704 m 187.5 704 l S"],
)
def test_what_is_struck_out_is_left_out(drawn: str) -> None:
    assert read(*lines(PRICE), drawn=drawn) == "Der Eintritt kostet 59 Euro je Person."


@pytest.mark.parametrize(
    "drawn",
    [
        pytest.param("0.6 w 147.4 698.2 m 185.9 698.2 l S", id="underlined"),
        pytest.param("0.6 w 20 703.5 m 560 703.5 l S", id="a line across the page"),
        pytest.param("1 g 147.4 703 38.5 0.8 re f", id="white"),
        pytest.param("0.9 g 147.4 698 38.5 11 re f", id="marked"),
        pytest.param("0.6 w 147.4 711 m 185.9 711 l S", id="over it"),
    ],
)
def test_other_lines_strike_nothing_out(drawn: str) -> None:
    assert read(*lines(PRICE), drawn=drawn) == PRICE


def test_a_remark_that_strikes_out() -> None:
    note = "/Subtype /StrikeOut /Rect [147 697 186 709] /QuadPoints [147 709 186 709 147 697 186 697]"
    assert read(*lines(PRICE), annotations=(note,)) == "Der Eintritt kostet 59 Euro je Person."
    hidden = note.replace("/Rect", "/F 2 /Rect")
    assert read(*lines(PRICE), annotations=(hidden,)) == PRICE


@pytest.mark.parametrize(
    ("text", "piece", "whole"),
    [
        ("Die Halb-", "leiter", "Die Halbleiter"),
        ("Die KI-", "Chip-Branche", "Die KI-Chip-Branche"),
        ("KI-", "gestützte Suche", "KI-gestützte Suche"),
        ("Baden-", "Württemberg", "Baden-Württemberg"),
        ("Hard-", "und Software", "Hard- und Software"),
        ("ein- bis zwei-", "mal im Jahr", "ein- bis zweimal im Jahr"),
        ("2019–", "2021", "2019–2021"),
        ("Er kam –", "endlich", "Er kam – endlich"),
        ("ein Wort", "und noch eins", "ein Wort und noch eins"),
        ("Wärme\u00ad", "pumpe", "Wärmepumpe"),
        ("CO2-", "Ausstoß", "CO2-Ausstoß"),
        ("siehe https://example.org/", "seite", "siehe https://example.org/seite"),
    ],
)
def test_what_becomes_of_the_end_of_a_line(text: str, piece: str, whole: str) -> None:
    assert joined([text, piece]) == whole


def test_the_words_of_the_file_tell_which_hyphen_stays() -> None:
    assert joined(["die deutsch-", "französische"]) == "die deutschfranzösische"
    assert (
        joined(["die deutsch-", "französische"], words_of(["eine deutsch-französische"])) == "die deutsch-französische"
    )
    assert joined(["HALB-", "LEITER"], words_of(["Halbleiter"])) == "HALBLEITER"


@given(
    st.text(min_size=1).filter(lambda one: one.strip() == one and one),
    st.text(min_size=1).filter(lambda one: one.strip() == one and one),
)
def test_no_seam_loses_more_than_a_hyphen(text: str, piece: str) -> None:
    found = seam(text, piece)
    assert found in {text + " ", text, text[:-1], text.rstrip("\u00ad")}


def test_words_over_the_end_of_a_page() -> None:
    pages = [lines("Vieles hängt in diesem Jahr an der KI-", top=80), lines("Chip-Branche und an den Halb-", top=780)]
    found = extract(make_pdf([*pages, lines("leitern aus Asien.", top=780)]))
    assert found.text == "Vieles hängt in diesem Jahr an der KI-Chip-Branche und an den Halbleitern aus Asien.\n"
    assert [found.text[start : start + 5] for start in found.pages] == ["Viele", "Chip-", "leite"]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("f¨ur die H¨auser", "für die Häuser"),
        ("die ¨Offnung", "die Öffnung"),
        ("fu¨r die Ha¨user", "für die Häuser"),
        ("aviaca˜o", "aviacão"),
        ("die ﬁnanzielle Pﬂicht", "die finanzielle Pflicht"),
        ("fu\u0308r alle", "für alle"),
        ("ein ¨ allein", "ein ¨ allein"),
    ],
)
def test_letters_are_whole(text: str, whole: str) -> None:
    assert plain(text) == whole
