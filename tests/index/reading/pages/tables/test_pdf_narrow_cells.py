"""Words that a narrow cell of a PDF breaks, with a hyphen and without one."""

from __future__ import annotations

import pytest

from index.reading.extraction.pdf import extract
from tests.files import Line, lines, make_pdf, needs_files

pytestmark = needs_files
TEXT = lines("Alle Lieferungen an das Lager der Firma stehen in der Tabelle, auch Haus und Halt.", top=780)
RULES = " ".join(
    [f"60 {y} m 300 {y} l S" for y in (700, 650, 600, 550)] + [f"{x} 550 m {x} 700 l S" for x in (60, 120, 200, 300)]
)


def rows(head: tuple[str, ...], *, text: list[Line] = TEXT) -> list[str]:
    cells = [*lines(*head, left=64, top=688, pitch=12), ("Menge", 11, 124, 688), ("Preis", 11, 204, 688)]
    for number, (name, count, price) in enumerate((("Talheim", "12", "6,00"), ("Auheim", "20", "7,50"))):
        bottom = 638 - 50 * number
        cells += [(name, 11, 64, bottom), (count, 11, 124, bottom), (price, 11, 204, bottom)]
    found = extract(make_pdf([[*text, *cells]], drawn=RULES)).text.strip().split("\n\n")
    return [one for one in found if " | " in one]


@pytest.mark.parametrize(
    ("head", "read"),
    [
        (("Liefer-", "ungen"), "Lieferungen"),
        (("Lieferun", "gen"), "Lieferungen"),
        (("Lie", "ferun", "gen"), "Lieferungen"),
        (("Alle", "Lieferun", "gen an"), "Alle Lieferungen an"),
        (("Lieferun", "gen:"), "Lieferungen"),
        (("Verkäu", "fe"), "Verkäu fe"),  # the file contains the whole word nowhere
        (("Haus", "Halt"), "Haus Halt"),
        (("KI-", "Chips"), "KI-Chips"),
    ],
)
def test_a_word_that_stands_elsewhere_is_one_word(head: tuple[str, ...], read: str) -> None:
    assert rows(head)[0].rstrip(":").replace(": |", " |") == f"{read} | Menge | Preis"


def test_two_words_of_the_file_stay_two() -> None:
    text = lines("Der Rat haus te. Das Rathaus, die Rathauste und das Rat haus te.", top=780)
    assert rows(("Rat", "haus"), text=text)[0].startswith("Rat haus |")


def test_the_word_may_stand_in_another_cell() -> None:
    text = lines("Hier steht etwas anderes, das nichts mit der Tabelle zu tun hat.", top=780)
    assert rows(("Tal", "heim"), text=text)[0].startswith("Talheim |")
