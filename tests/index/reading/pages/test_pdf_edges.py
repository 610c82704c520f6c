"""Running heads, page numbers, footnotes, and pages that cannot be read."""

from __future__ import annotations

import pytest

from index.reading.extraction.pdf import extract
from index.reading.extraction.process.isolation import Reader
from tests.files import Line, lines, make_pdf, needs_files

pytestmark = needs_files
PLACES = ("Nord", "Süd", "West")
SENTENCES = [f"Hier steht ein Text über die Lage im {place}en des Landes." for place in PLACES]


def pages_with(*edges: list[Line]) -> list[list[Line]]:
    return [[*edge, *lines(sentence, top=700)] for edge, sentence in zip(edges, SENTENCES, strict=True)]


@pytest.mark.parametrize(
    "heads",
    [
        ("Kurs am 3. Mai: 41,20 Euro", "Kurs am 4. Mai: 39,80 Euro", "Kurs am 5. Mai: 44,10 Euro"),
        ("Umsatz im Jahr 2023: 410", "Umsatz im Jahr 2023: 655", "Umsatz im Jahr 2023: 298"),
        ("Pegel 312 cm", "Pegel 315 cm", "Pegel 298 cm"),
        ("Haus 3: 12 Betten", "Haus 4: 17 Betten", "Haus 5: 9 Betten"),
        ("Station 1", "Station 2", "Station 3"),
        ("1 Haus am See", "2 Häuser am See", "3 Häuser am See"),
        ("410", "655", "298"),
    ],
)
@pytest.mark.parametrize("top", [800, 60])
def test_lines_that_carry_data_stay(heads: tuple[str, ...], top: float) -> None:
    found = extract(make_pdf(pages_with(*([(head, 11, 60, top)] for head in heads)))).text
    assert [found.count(head) for head in heads] == [1, 1, 1]


@pytest.mark.parametrize(
    "heads",
    [
        ("Jahresbericht der Stadtwerke",) * 3,
        ("Seite 4", "Seite 5", "Seite 6"),
        ("4", "5", "6"),
        ("- 4 -", "- 5 -", "- 6 -"),
        ("iv", "v", "vi"),
        ("Seite 1 von 3", "Seite 2 von 3", "Seite 3 von 3"),
        ("Jahresbericht 2023 – Seite 4", "Jahresbericht 2023 – Seite 5", "Jahresbericht 2023 – Seite 6"),
        ("Jahresbericht 2023 | 4", "Jahresbericht 2023 | 5", "Jahresbericht 2023 | 6"),
    ],
)
@pytest.mark.parametrize("top", [800, 40])
def test_running_heads_and_page_numbers_go(heads: tuple[str, ...], top: float) -> None:
    found = extract(make_pdf(pages_with(*([(head, 9, 60, top)] for head in heads)))).text
    assert found == "\n\n".join(SENTENCES) + "\n"


@pytest.mark.parametrize("top", [800, 40])
def test_a_head_with_figures_is_read_once(top: float) -> None:
    head = "Preise gültig ab 1. Mai 2024"
    pages = pages_with(*([(head, 9, 60, top), (str(number), 9, 500, top)] for number in (4, 5, 6)))
    found = extract(make_pdf(pages)).text.strip().split("\n\n")
    assert found == ([head, *SENTENCES] if top > 400 else [SENTENCES[0], head, *SENTENCES[1:]])


def test_a_foot_with_figures_breaks_no_sentence() -> None:
    texts = (
        "Der Bericht handelt von der Stadt und von",
        "ihren Bürgern, die in diesem Jahr mehr",
        "bauten als je zuvor.",
    )
    pages = [[*lines(text, top=700), ("Stand: 3. Mai 2024", 9, 60, 40)] for text in texts]
    assert extract(make_pdf(pages)).text == f"{' '.join(texts)}\n\nStand: 3. Mai 2024\n"


def test_a_head_of_later_pages_breaks_no_sentence() -> None:
    texts = (
        "Der Bericht handelt von der Stadt und von",
        "ihren Bürgern, die in diesem Jahr mehr",
        "bauten als je zuvor.",
    )
    pages = [
        [*lines(text, top=700), ("Band 85, Nr. 17", 9, 60, 800)][: 2 if number else 1]
        for number, text in enumerate(texts)
    ]
    pages += pages[1:]
    assert extract(make_pdf(pages)).text.startswith(" ".join(texts[:2]))


def test_a_head_in_two_parts_goes() -> None:
    edges = [[("Jahresbericht", 9, 60, 800), (str(number), 9, 500, 800)] for number in (4, 5, 6)]
    assert extract(make_pdf(pages_with(*edges))).text == "\n\n".join(SENTENCES) + "\n"


def test_a_sentence_that_each_page_has_stays_where_it_is_no_head() -> None:
    pages = [[*lines(sentence, "Alle Zahlen sind gerundet.", top=600)] for sentence in SENTENCES]
    assert extract(make_pdf(pages)).text.count("Alle Zahlen sind gerundet.") == 3


def test_footnotes_stand_behind_their_paragraph() -> None:
    first = [
        *lines("Der Verein hat viel gebaut. Die neue Halle wurde im Herbst eröffnet und hat die Gemein-", top=200),
        ("1 Nach Angaben des Vorstands vom Mai, die auch im", 8, 60, 90),
        ("Amtsblatt stehen.", 8, 60, 80),
        ("2 Ohne Mehrwertsteuer.", 8, 60, 70),
        ("12", 9, 290, 40),
    ]
    second = [*lines("de mehr als 3 Millionen Euro gekostet. Danach war die Kasse leer.", top=780), ("13", 9, 290, 40)]
    found = extract(make_pdf([first, second]))
    assert found.text.split("\n\n") == [
        (
            "Der Verein hat viel gebaut. Die neue Halle wurde im Herbst eröffnet und hat die Gemeinde mehr als 3 Millionen Euro "
            "gekostet. Danach war die Kasse leer."
        ),
        "[1] Nach Angaben des Vorstands vom Mai, die auch im Amtsblatt stehen.",
        "[2] Ohne Mehrwertsteuer.\n",
    ]
    assert found.text[found.pages[1] :].startswith("de mehr als 3 Millionen")


def test_a_footnote_stands_behind_the_paragraph_that_has_its_mark() -> None:
    page = [
        ("Der Umbau des Bahnhofs kostete 150", 11, 60, 700),
        ("1", 7, 237, 704),
        ("Millionen Euro.", 11, 246, 700),
        *lines("Ein anderer Absatz handelt vom Wetter, das schön war.", top=660),
        ("1 Ohne Mehrwertsteuer.", 8, 60, 70),
    ]
    assert extract(make_pdf([page])).text.split("\n\n") == [
        "Der Umbau des Bahnhofs kostete 150 [1] Millionen Euro.",
        "[1] Ohne Mehrwertsteuer.",
        "Ein anderer Absatz handelt vom Wetter, das schön war.\n",
    ]


def test_a_note_as_large_as_the_text_is_known_by_the_line_above() -> None:
    page = [
        *lines("Das Haus wurde im Jahr 1912 gebaut, und danach wohnten", top=200),
        *lines("1 Nach dem Archiv.", top=80),
    ]
    pages = [page, lines("dort viele Menschen aus der Stadt.", top=780)]
    found = extract(make_pdf(pages, drawn="0.5 w 60 100 m 160 100 l S")).text
    assert found == (
        "Das Haus wurde im Jahr 1912 gebaut, und danach wohnten dort viele Menschen aus der Stadt.\n\n[1] Nach dem Archiv.\n"
    )


def test_pages_that_have_no_text_are_named() -> None:
    found = extract(make_pdf([[], lines(SENTENCES[0]), [], [], lines(SENTENCES[1])]))
    assert found.unread == ("page 1: without text", "pages 3-4: without text")
    picture = "q 300 0 0 300 100 100 cm BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q"
    found = extract(make_pdf([[], lines(SENTENCES[0])], drawn=picture))
    assert found.unread == ("page 1: without text, only a picture",)
    assert extract(make_pdf([lines(SENTENCES[0])])).unread == ()


def test_what_was_not_read_comes_out_of_the_other_process() -> None:
    data = make_pdf([[], lines(SENTENCES[0])])
    with Reader() as reader:
        assert reader.extract(data, "pdf") == extract(data)
    assert extract(data).unread
