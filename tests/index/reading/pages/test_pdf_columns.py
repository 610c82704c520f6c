"""Columns, rotated pages and initials: a page is read in the order in which a person reads it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.reading.extraction.pdf import extract
from tests.files import Line, lines, make_pdf, needs_files

pytestmark = needs_files
LEFT = ["Die Stadt Auheim hat ein", "neues Rathaus gebaut. Es", "kostete 14 Millionen Euro", "und hat vier Stockwerke."]
RIGHT = ["Der Fluss Mandel trat im Mai", "über die Ufer. Drei Orte wurden", "überflutet, und 23 Menschen", "gingen."]
THIRD = ["Im Zoo kam ein Elefant", "zur Welt. Er wiegt 90", "Kilogramm und heißt", "nach seinem Vater."]


def by_rows(*columns: list[str], lefts: tuple[int, ...] = (60, 320), lower: float = 0) -> list[Line]:
    """Return columns whose lines are stored row by row. Each column is slightly lower than the previous one."""
    return [
        (column[row], 11, lefts[number], 700 - 14 * row - lower * number)
        for row in range(max(map(len, columns)))
        for number, column in enumerate(columns)
        if row < len(column)
    ]


@pytest.mark.parametrize("lower", [0, 3, 6])
def test_columns_are_read_one_after_the_other(lower: float) -> None:
    found = extract(make_pdf([by_rows(LEFT, RIGHT, lower=lower)])).text
    assert found == f"{' '.join(LEFT)}\n\n{' '.join(RIGHT)}\n"


def test_three_columns_under_a_title_and_over_a_last_line() -> None:
    title, last = "Nachrichten", "Impressum: Der Verlag Auheim am Marktplatz 3 ist für diese Zeitung verantwortlich."
    page = [(title, 18, 60, 740), *by_rows(LEFT, RIGHT, THIRD, lefts=(60, 210, 390)), (last, 11, 60, 600)]
    found = extract(make_pdf([page])).text.strip().split("\n\n")
    assert found == [f"# {title}", " ".join(LEFT), " ".join(RIGHT), " ".join(THIRD), last]


def test_a_sentence_goes_on_at_the_top_of_the_next_column() -> None:
    left = ["Der lange Text der linken Spalte", "geht weiter, bis er an das Ende", "der Seite kommt und von dort nach"]
    right = ["oben in die rechte Spal-", "te springt, wo er endet.", "Danach kommt noch ein Satz."]
    found = extract(make_pdf([by_rows(left, right)])).text
    assert found == (
        "Der lange Text der linken Spalte geht weiter, bis er an das Ende der Seite kommt und von dort nach oben in die "
        "rechte Spalte springt, wo er endet. Danach kommt noch ein Satz.\n"
    )


TURNS = {0: "1 0 0 1 {x} {y}", 90: "0 1 -1 0 {b} {x}", 180: "-1 0 0 -1 {c} {d}", 270: "0 -1 1 0 {f} {e}"}


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("degrees", TURNS)
def test_a_turned_page_is_read_as_if_it_were_not(degrees: int, rotate: int) -> None:
    page = [("Verzeichnis", 16, 60, 740), *by_rows(LEFT, RIGHT, lefts=(60, 300))]
    drawn = ""
    for text, size, x, y in page:
        matrix = TURNS[degrees].format(x=x, y=y, b=842 - y, c=595 - x, d=842 - y, e=800 - x, f=y - 200)
        drawn += f"BT /F1 {size} Tf {matrix} Tm ({text}) Tj ET "
    found = extract(make_pdf([[]], drawn=drawn, rotate=rotate)).text
    assert found == f"# Verzeichnis\n\n{' '.join(LEFT)}\n\n{' '.join(RIGHT)}\n"


def test_a_note_at_the_margin_stands_behind_the_page() -> None:
    drawn = "BT /F1 9 Tf 0 1 -1 0 30 300 Tm (Akte 17 des Amtes) Tj ET"
    found = extract(make_pdf([lines(*LEFT)], drawn=drawn)).text
    assert found == f"{' '.join(LEFT)}\n\nAkte 17 des Amtes\n"


def test_an_initial_belongs_to_its_word() -> None:
    page = [
        ("D", 33, 60, 672),
        *lines("ie Stadt hat ein Rathaus, das", "allen offen steht und viele", left=90, top=694),
    ]
    assert extract(make_pdf([page])).text == "Die Stadt hat ein Rathaus, das allen offen steht und viele\n"


def test_numbers_before_paragraphs_are_no_column() -> None:
    page = [
        *((f"{number}.", 11, 60, 700 - 14 * number) for number in (1, 2, 3)),
        *(
            (f"Der Rat beschließt Nummer {number} des Haushalts für das Jahr.", 11, 90, 700 - 14 * number)
            for number in (1, 2, 3)
        ),
    ]
    found = extract(make_pdf([page])).text
    assert found == "".join(
        f"{number}. Der Rat beschließt Nummer {number} des Haushalts für das Jahr.\n\n" for number in (1, 2, 3)
    ).removesuffix("\n")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.integers(30, 500), st.integers(0, 145), st.sampled_from([7, 9, 11, 11, 11, 16]), st.integers(1, 3)
        ),
        min_size=8,
        max_size=60,
        unique_by=lambda place: place[1],  # PDFium returns only one of two equal letters at one place
    )
)
def test_whatever_stands_where_no_word_is_lost(places: list[tuple[int, int, int, int]]) -> None:
    page = []
    wanted = []
    for number, (left, bottom, size, count) in enumerate(places):
        words = [f"wort{number:03}x{part}" for part in range(count)]
        wanted += words
        page.append((" ".join(words), size, float(left), 200.0 + 4 * bottom))
    found = extract(make_pdf([page])).text
    # Words that are printed over each other may be split, but no letter is lost.
    letters = "".join(sorted(character for character in found if character.isalnum()))
    least = "".join(sorted("".join(wanted)))
    assert all(letters.count(one) >= least.count(one) for one in set(least))
