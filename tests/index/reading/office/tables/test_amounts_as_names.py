"""An amount at the head of a column, such as "500 g" above prices, names it; above other amounts it is a value."""

from __future__ import annotations

from typing import Any

import pytest

from index.reading.extraction.readers import extract
from index.reading.extraction.tables.grid import Cell, lines
from tests.files import make_docx, make_html, needs_files

PRICES = (("Sorte", "500 g", "1 kg"), ("Roggen", "2,60 €", "4,90 €"), ("Nuss", "3,90 €", "7,00 €"))
BARE = (("Sorte", "500 g", "1 kg"), ("Roggen", "2,60", "4,90"), ("Nuss", "3,90", "7,00"))
FARES = (("Fahrgast", "1 Tag", "3 Tage"), ("Erwachsene", "8,80 €", "21,00 €"), ("Kinder", "4,40 €", "10,50 €"))
MIXED = (("Sorte", "Herkunft", "500 g"), ("Roggen", "Peru", "2,60 €"), ("Nuss", "Kenia", "3,90 €"))


def named(table: tuple[tuple[str, ...], ...]) -> list[str]:
    head, *body = table
    texts = [
        " | ".join([row[0], *(f"{name}: {text}" for name, text in zip(head[1:], row[1:], strict=True))]) for row in body
    ]
    return [" | ".join(head), *texts]


def read(table: tuple[tuple[str, ...], ...]) -> list[str]:
    return list(lines([[Cell(text) for text in row] for row in table]))


@pytest.mark.parametrize("table", [PRICES, BARE, FARES, MIXED])
def test_an_amount_over_others_is_a_name(table: tuple[tuple[str, ...], ...]) -> None:
    assert read(table) == named(table)


@pytest.mark.parametrize(
    "table",
    [
        (("Butter", "250 g", "2,49 €"), ("Milch", "1 l", "1,19 €"), ("Tee", "100 g", "3,00 €")),
        (("Umsatz", "500 Mio.", "480 Mio."), ("Mitarbeiter", "1200", "1100"), ("Filialen", "12", "13")),
        (("Butter", "250 g"), ("Milch", "1,5"), ("Tee", "3")),
        (("Gewicht", "500 g"), ("Preis", "5,99 €"), ("Rabatt", "1,00 €")),
        (("12 kg", "500 g", "1 kg"), ("13 kg", "2 €", "3 €"), ("14 kg", "4 €", "5 €")),
    ],
)
def test_among_values_it_is_one(table: tuple[tuple[str, ...], ...]) -> None:
    assert read(table) == [" | ".join(row) for row in table]


@needs_files
@pytest.mark.parametrize("table", [PRICES, BARE, FARES, MIXED])
@pytest.mark.parametrize("bold", [False, True])
def test_in_word_and_on_a_page(table: tuple[tuple[str, ...], ...], *, bold: bool) -> None:
    def write(document: Any) -> None:
        made = document.add_table(rows=len(table), cols=len(table[0]))
        for number, row in enumerate(table):
            for cell, text in zip(made.rows[number].cells, row, strict=True):
                cell.paragraphs[0].add_run(text).bold = (bold and number == 0) or None

    assert extract(make_docx(write), "docx").text.strip().split("\n\n") == named(table)
    tag = "<td><b>{}</b></td>" if bold else "<td>{}</td>"
    rows = [
        "".join((tag if number == 0 else "<td>{}</td>").format(text) for text in row)
        for number, row in enumerate(table)
    ]
    page = make_html("<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>")
    assert extract(page, "html").text.strip().split("\n\n")[-3:] == named(table)
