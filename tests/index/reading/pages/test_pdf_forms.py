"""Values that were filled into a form stand beside the labels of their fields."""

from __future__ import annotations

from index.reading.extraction.pdf import extract
from tests.files import Line, make_pdf, needs_files

pytestmark = needs_files
Box = tuple[float, float, float, float]
LAST = ("Der Antrag gilt für ein Jahr und ist im Juni beim Amt abzugeben.", 11, 60, 500)


def field(name: str, value: str, box: Box, more: str = "") -> str:
    place = " ".join(map(str, box))
    return f"/Subtype /Widget /FT /Tx /T ({name}) /V ({value}) /Rect [{place}] /DA (/Helv 11 Tf 0 g) {more}"


def tick(name: str, box: Box, *, on: bool) -> str:
    place, state = " ".join(map(str, box)), "Yes" if on else "Off"
    look = "/AP << /N << /Yes 3 0 R /Off 3 0 R >> >>"
    return f"/Subtype /Widget /FT /Btn /T ({name}) /V /{state} /AS /{state} /Rect [{place}] {look}"


def read(*page: Line, annotations: list[str]) -> list[str]:
    return extract(make_pdf([[*page, LAST]], annotations=annotations)).text.strip().split("\n\n")[:-1]


def test_values_stand_behind_what_asks_for_them() -> None:
    page = [("Name des Vereins:", 11, 60, 750), ("Beantragte Summe in Euro:", 11, 60, 730)]
    found = read(
        *page,
        annotations=[
            field("summe", "4850", (230, 725, 400, 742)),
            field("verein", "Chorgemeinschaft Aalen", (200, 745, 400, 762)),
        ],
    )
    assert found == ["Name des Vereins: Chorgemeinschaft Aalen", "Beantragte Summe in Euro: 4850"]


def test_a_field_below_its_words_and_two_in_a_line() -> None:
    page = [("Name des Vereins", 11, 60, 750), ("Ort", 11, 60, 700), ("PLZ", 11, 250, 700)]
    found = read(
        *page,
        annotations=[
            field("verein", "Chor Aalen", (60, 728, 300, 746)),
            field("ort", "Aalen", (90, 696, 200, 712)),
            field("plz", "73430", (280, 696, 340, 712)),
        ],
    )
    assert found == ["Name des Vereins: Chor Aalen", "Ort: Aalen PLZ: 73430"]


def test_boxes_are_ticked_or_not() -> None:
    page = [("Neubau", 11, 80, 640), ("Umbau", 11, 180, 640)]
    found = read(*page, annotations=[tick("a", (62, 638, 74, 650), on=True), tick("b", (162, 638, 174, 650), on=False)])
    assert found == ["☒ Neubau ☐ Umbau"]


def test_a_list_shows_its_choice() -> None:
    options = "/Opt [[(v) (Verein)] [(p) (Person)]]"
    choice = (
        f"/Subtype /Widget /FT /Ch /Ff 131072 /T (art) /V (p) {options} /Rect [90 606 200 620] /DA (/Helv 11 Tf 0 g)"
    )
    assert read(("Art:", 11, 60, 610), annotations=[choice]) == ["Art: Person"]


def test_values_in_a_table_stand_in_their_columns() -> None:
    page = [
        *((text, 11, left, 700) for text, left in (("Artikel", 60), ("Menge", 200), ("Preis", 300))),
        ("Kranich", 11, 60, 676),
        ("Bussard", 11, 60, 652),
    ]
    found = read(
        *page,
        annotations=[
            field("m1", "12", (198, 672, 280, 688)),
            field("p1", "289,00", (298, 672, 380, 688)),
            field("m2", "", (198, 648, 280, 664)),
            field("p2", "17,50", (298, 648, 380, 664)),
        ],
    )
    assert found == ["Artikel | Menge | Preis", "Kranich | Menge: 12 | Preis: 289,00", "Bussard | Preis: 17,50"]


def test_a_field_without_words_is_named_by_the_form() -> None:
    assert read(annotations=[field("Betrag", "17,50", (60, 600, 200, 616))]) == ["Betrag: 17,50"]


def test_what_is_hidden_in_a_form_is_not_read() -> None:
    found = read(
        ("Name:", 11, 60, 750),
        annotations=[
            field("name", "GEHEIM", (100, 745, 200, 762), "/F 2"),
            field("wort", "GEHEIM", (100, 700, 200, 716), "/Ff 8192"),
        ],
    )
    assert found == ["Name:"]


def test_text_written_onto_the_page_is_read() -> None:
    note = "/Subtype /FreeText /Contents (Vermerk: bewilligt am 3. Mai) /Rect [300 600 500 620] /DA (/Helv 11 Tf 0 g)"
    assert read(annotations=[note]) == ["Vermerk: bewilligt am 3. Mai"]


def test_a_form_that_is_nothing_but_fields() -> None:
    found = extract(make_pdf([[]], annotations=[field("Verein", "Chorgemeinschaft Aalen e. V.", (60, 600, 300, 616))]))
    assert found.text == "Verein: Chorgemeinschaft Aalen e. V.\n"
