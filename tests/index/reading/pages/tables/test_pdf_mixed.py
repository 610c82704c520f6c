"""Blocks of different kinds below each other, in layouts that a test with random files found."""

from __future__ import annotations

from index.reading.extraction.pdf import extract
from tests.files import Line, lines, make_pdf, needs_files

pytestmark = needs_files
ROWS = (("Ware", "Menge", "Preis"), ("Talheim", "12", "34"))
READ = ["Ware | Menge | Preis", "Talheim | Menge: 12 | Preis: 34"]
BELOW = "Danach geht der Text der Gemeinde noch ein wenig weiter, und zwar bis hierher."


def table(top: float) -> list[Line]:
    return [
        (text, 11, 60 + 110 * column, top - 20 * row)
        for row, cells in enumerate(ROWS)
        for column, text in enumerate(cells)
    ]


def blocks(*pages: list[Line], drawn: str = "") -> list[str]:
    return extract(make_pdf(pages, drawn=drawn)).text.strip().split("\n\n")


def test_an_item_of_a_list_below_a_table_is_no_row_of_it() -> None:
    item: list[Line] = [("•", 11, 60, 680), ("Die Mühle mahlt Korn", 11, 78, 680)]
    found = blocks([*table(720), *item, *lines(BELOW, top=640)])
    assert found == [*READ, "- Die Mühle mahlt Korn", BELOW]


def test_a_table_with_lines_below_one_without_is_another() -> None:
    drawn = " ".join(
        [f"55 {y} m 220 {y} l S" for y in (693, 673, 653)] + [f"{x} 653 m {x} 693 l S" for x in (55, 165, 220)]
    )
    second: list[Line] = [
        ("Ort", 11, 60, 680),
        ("Jahr", 11, 170, 680),
        ("Auheim", 11, 60, 660),
        ("1912", 11, 170, 660),
    ]
    found = blocks([*table(720), *second, *lines(BELOW, top=620)], drawn=drawn)
    assert found == [*READ, "Ort | Jahr", "Auheim | 1912", BELOW]


def test_a_paragraph_whose_page_ends_with_a_figure_goes_on_over_it() -> None:
    first = lines(
        "Die Gemeinde Talheim hat im vergangenen Jahr an alle Vereine des Ortes Geld",
        "gegeben, und es waren am Ende des Jahres, wie der Rat nun mitteilt, genau 3.400",
        top=130,
    )
    second = lines("Euro für jeden der zwölf Vereine des Ortes und der Umgebung.", top=770)
    assert "genau 3.400 Euro für jeden" in " ".join(blocks(first, second))
    footnote = lines("Das steht im Bericht der Gemeinde Talheim über das Jahr der Mühle.12", top=130)
    assert blocks(footnote, lines("euro ist klein geschrieben und fängt einen neuen Satz an.", top=770))[-1].startswith(
        "euro"
    )
