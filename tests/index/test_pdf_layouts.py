"""Layouts of newspapers, leaflets and statutes: justified columns, notes in the margin, text beside a table."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.reading.extraction.pdf import extract
from index.reading.extraction.pdf.characters.direction import read_leftward, runs_leftward
from index.reading.extraction.pdf.characters.lines import fragments
from index.reading.extraction.pdf.types import Piece
from tests.files import Line, lines, make_pdf, needs_files
from tests.pages.prose import PROSE

pytestmark = needs_files
# Widths of Helvetica's letters, in thousandths of the font size. All other letters are 556 wide.
_OF = {
    letter: width
    for width, letters in {
        191: "'", 222: "ijl", 278: " !,./:;IftI", 333: "()-r", 355: '"', 500: "Jckvsxyz", 584: "+=<>", 611: "FTZß",
        667: "ABEKPSVXYÄ&", 722: "CDHNRUwÜ", 778: "GOQÖ", 833: "Mm", 889: "%", 944: "W",
    }.items()
    for letter in letters
}  # fmt: skip
BLANK = 3.06  # points at size 11


def read(*page: Line, drawn: str = "") -> list[str]:
    return extract(make_pdf([list(page)], drawn=drawn)).text.strip().split("\n\n")


def stretched(text: str, left: float, right: float, top: float) -> list[Line]:
    """Set a text justified, with each word as a separate line of the file."""
    rows: list[list[str]] = [[]]
    for word in text.split():
        if sum(map(_width, [*rows[-1], word])) + BLANK * len(rows[-1]) > right - left:
            rows.append([])
        rows[-1].append(word)
    found: list[Line] = []
    for number, row in enumerate(rows):
        widths = [_width(word) for word in row]
        last = number == len(rows) - 1
        gap = BLANK if last else (right - left - sum(widths)) / max(1, len(row) - 1)
        at = left
        for word, width in zip(row, widths, strict=True):
            found.append((word, 11, at, top - 13 * number))
            at += width + gap
    return found


def ragged(text: str, left: float, right: float, top: float) -> list[Line]:
    """Set a text aligned to the left margin."""
    words: dict[float, list[str]] = {}
    for word, _, _, bottom in stretched(text, left, right, top):
        words.setdefault(bottom, []).append(word)
    return [(" ".join(line), 11, left, bottom) for bottom, line in words.items()]


def _width(word: str) -> float:
    """Return the width of a word in Helvetica at size 11."""
    return sum(_OF.get(letter, 556) for letter in word) * 11 / 1000


def height(page: list[Line]) -> float:
    return min(line[3] for line in page)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(range(len(PROSE))), st.integers(0, 9))
def test_stretched_columns_are_read_one_after_the_other(order: list[int], lower: int) -> None:
    texts = [PROSE[number] for number in order[:2]]
    page = stretched(texts[0], 60, 280, 740) + stretched(texts[1], 300, 520, 740 - lower)
    assert " ".join(" ".join(read(*page)).split()) == " ".join(texts)


def test_columns_end_where_a_table_begins() -> None:
    columns = [stretched(PROSE[number], left, left + 150, 740) for number, left in ((3, 60), (16, 225), (9, 390))]
    page = [line for column in columns for line in column]
    top = height(page) - 26
    rows = (("Fahrausweis", "Kinder", "Gruppe"), ("Einzelfahrt", "1,60", "9,00"), ("Tageskarte", "3,80", "14,50"))
    table = [
        (text, 11.0, left, top - 14 - 16 * number)
        for number, row in enumerate(rows)
        for text, left in zip(row, (62, 180, 300), strict=True)
    ]
    found = read(*page, ("Fahrpreise ab Januar", 11, 60, top), *table)
    assert [" ".join(text.split()) for text in found[:3]] == [PROSE[3], PROSE[16], PROSE[9]]
    assert found[3:] == [
        "Fahrpreise ab Januar",
        "Fahrausweis | Kinder | Gruppe",
        "Einzelfahrt | Kinder: 1,60 | Gruppe: 9,00",
        "Tageskarte | Kinder: 3,80 | Gruppe: 14,50",
    ]


def test_a_heading_over_one_column_ends_only_that() -> None:
    left = stretched(PROSE[0], 60, 280, 740)
    low = height(left)
    more = stretched(PROSE[1], 60, 280, low - 44)
    right = stretched(PROSE[2] + " " + PROSE[8] + " " + PROSE[15], 300, 520, 740)
    found = read(*left, ("Verkehr", 15, 60, low - 24), *more, *right)
    assert found == [PROSE[0], "# Verkehr", PROSE[1], f"{PROSE[2]} {PROSE[8]} {PROSE[15]}"]


def test_a_heading_over_all_columns_parts_them() -> None:
    upper = [stretched(PROSE[0], 60, 280, 740), stretched(PROSE[1], 300, 520, 740)]
    low = min(map(height, upper))
    lower = [stretched(PROSE[2], 60, 280, low - 60), stretched(PROSE[3], 300, 520, low - 60)]
    found = read(*upper[0], *upper[1], ("Umland", 15, 60, low - 34), *lower[0], *lower[1])
    assert found == [PROSE[0], PROSE[1], "# Umland", PROSE[2], PROSE[3]]


def test_a_heading_is_not_joined_with_the_small_text_beside_it() -> None:
    heading = [Piece("Bodenfeuchte", 60, 160, 700, 17), Piece("im", 166, 180, 700, 17)]
    small = [Piece("Abwasser", 191, 240, 700, 11), Piece("aus", 243, 260, 700, 11)]
    assert [one.plain for one in fragments(heading + small)] == ["Bodenfeuchte im", "Abwasser aus"]


def test_notes_in_the_margin_stand_before_their_paragraph() -> None:
    first = [
        "Nach der Satzung sind die Eigentümer verpflichtet, die Gehwege",
        "zwischen sieben und zwanzig Uhr von Schnee",
    ]
    more = ["zu räumen und bei Glätte zu streuen, wie es üblich und nötig ist."]
    second = [
        "Wer einen Antrag auf Wohngeld stellt, muss sein Einkommen und",
        "die Miete für das ganze Jahr nachweisen.",
    ]
    text = lines(*first, *more, left=60, top=740)
    after = lines(*second, left=60, top=688)
    notes = [("Pflicht zum", 8.0, 450.0, 740.0), ("Räumen", 8.0, 450.0, 731.0), ("Fristen", 8.0, 450.0, 688.0)]
    assert read(*text, *notes, *after) == [
        "Pflicht zum Räumen",
        " ".join(first + more),
        "Fristen",
        " ".join(second),
    ]


def test_a_note_in_the_margin_breaks_no_paragraph() -> None:
    text = lines(
        "Nach der Satzung sind die Eigentümer verpflichtet, die Gehwege",
        "zwischen sieben und zwanzig Uhr von Schnee frei zu halten und",
        "bei Glätte zu streuen, wie es üblich und auch sonst nötig ist.",
        "Das gilt für alle Grundstücke an öffentlichen Straßen und für",
        "die Wege, die zu ihnen führen, auch an Sonntagen und Feiertagen.",
        left=60,
    )
    assert read(*text, ("Umfang", 8, 450, text[2][3])) == [" ".join(line[0] for line in text), "Umfang"]


def test_what_stands_beside_a_table_with_lines_is_read_behind_it() -> None:
    drawn = "0.5 w " + " ".join(
        [f"60 {y} m 290 {y} l S" for y in (710, 690, 670, 650)]
        + [f"{x} 710 m {x} 650 l S" for x in (60, 130, 210, 290)]
    )
    cells = (("Satz", "Netto", "Steuer"), ("19 %", "121,00", "22,99"), ("Summe", "121,00", "22,99"))
    table = [
        (text, 10.0, left, 696.0 - 20 * number)
        for number, row in enumerate(cells)
        for text, left in zip(row, (64, 134, 214), strict=True)
    ]
    beside = [("Gezahlt", 10, 350, 697), ("0,00 €", 10, 450, 697), ("Offen", 10, 350, 684), ("143,99 €", 10, 450, 684)]
    beside += [("Gesamt", 10, 350, 671), ("143,99 €", 10, 450, 671)]
    assert read(*table, *beside, drawn=drawn) == [
        "Satz | Netto | Steuer",
        "Satz: 19 % | Netto: 121,00 | Steuer: 22,99",
        "Summe | Netto: 121,00 | Steuer: 22,99",
        "Gezahlt | 0,00 €",
        "Offen | 143,99 €",
        "Gesamt | 143,99 €",
    ]


def test_the_number_of_the_only_page_is_no_text() -> None:
    text = lines("Der Bericht umfasst nur diese eine Seite.", "Er endet hier.")
    assert read(*text, ("1", 9, 300, 40)) == read(*text, ("Seite 1", 9, 280, 40)) == read(*text)
    assert read(*text, ("17", 9, 300, 40))[-1] == "17"
    assert "1" in read(*text, ("1", 11, 60, 672))[-1].split()


def test_a_running_head_of_two_pages_is_read_once() -> None:
    first = [
        ("Jahresbericht 2023", 9.0, 60.0, 800.0),
        *lines("Der Verein wuchs im letzten Jahr, denn viele", "der Gäste, die zur großen Feier auf dem Platz kamen,"),
    ]
    second = [("Jahresbericht 2023", 9.0, 60.0, 800.0), *lines("traten danach bei. Das freut den Vorstand.")]
    found = extract(make_pdf([first, second])).text.strip().split("\n\n")
    assert found == [
        "Jahresbericht 2023",
        (
            "Der Verein wuchs im letzten Jahr, denn viele der Gäste, die zur großen Feier auf dem Platz kamen, "
            "traten danach bei. Das freut den Vorstand."
        ),
    ]


def test_a_footnote_may_touch_its_mark() -> None:
    text = lines(
        "Der Nitratgehalt lag bei 7,5 Milligramm je Liter und damit", "unter dem Grenzwert, den das Gesetz nennt."
    )
    last = lines("Wer es genau wissen will, liest den", top=100)
    second = lines("ganzen Anhang mit allen Proben und Werten.")
    mark = ("1", 6.5, 60 + _width(text[0][0]) + 1, text[0][3] + 4)
    note = ("1Mittelwert aus zwölf Proben.", 8.0, 60.0, 60.0)
    found = extract(make_pdf([[*text, mark, *last, note], second])).text
    assert "liest den ganzen Anhang mit" in found
    assert "[1] Mittelwert aus zwölf Proben." in found


def test_a_sign_without_a_name_begins_an_item() -> None:
    found = read(*lines("• Besen bereithalten", "• Gehweg räumen", "• Streugut aufkehren im Frühjahr"))
    assert found == ["- Besen bereithalten\n- Gehweg räumen\n- Streugut aufkehren im Frühjahr"]


def test_lines_of_arabic_are_read_from_the_right() -> None:
    words = ("العلماء", "والمحللين", "Python", "3.12", "يمكن")
    pieces = [Piece(word, 400 - 60 * place, 450 - 60 * place, 700, 11) for place, word in enumerate(words)]
    # A Latin name and its number keep their order from left to right.
    pieces[2], pieces[3] = pieces[2]._replace(left=220, right=270), pieces[3]._replace(left=280, right=330)
    assert read_leftward(sorted(pieces, key=lambda piece: piece.left)) == " ".join(words)
    assert runs_leftward(" ".join(words))
    assert not runs_leftward("Das Wort يمكن heißt kann.")


def test_names_with_dates_are_no_columns_of_text() -> None:
    rows = (
        ("22. August 2012", "Ergebnis des Jahres"),
        ("30. August 2012", "Handel ohne Dividende"),
        ("5. September 2012", "Stichtag der Dividende"),
        ("27. September 2012", "Zahlung der Dividende"),
        ("23. Oktober 2012", "Versammlung der Aktionäre"),
    )
    page = [
        (text, 11.0, left, 700.0 - 16 * number)
        for number, row in enumerate(rows)
        for text, left in zip(row, (60.0, 240.0), strict=True)
    ]
    assert read(*page) == [" | ".join(row) for row in rows]


def test_a_table_within_one_column_ends_no_other() -> None:
    left = stretched(PROSE[0], 60, 280, 740)
    low = height(left)
    table = [
        (text, 11, at, low - 20 - 13 * number)
        for number, row in enumerate((("Blatt 7", "Pläne"), ("Blatt 8", "Kosten"), ("Blatt 9", "Fristen")))
        for text, at in zip(row, (60, 130), strict=True)
    ]
    right = stretched(f"{PROSE[2]} {PROSE[8]} {PROSE[15]}", 300, 520, 740)
    found = read(*left, *table, *right)
    assert found[-1] == f"{PROSE[2]} {PROSE[8]} {PROSE[15]}"
    assert found[:-1] == [PROSE[0], "Blatt 7 | Pläne", "Blatt 8 | Kosten", "Blatt 9 | Fristen"]


def test_a_line_over_two_of_three_columns_breaks_not_the_third() -> None:
    upper = [ragged(PROSE[0], 60, 200, 740), ragged(PROSE[1], 220, 360, 740)]
    third = ragged(f"{PROSE[2]} {PROSE[8]} {PROSE[15]} {PROSE[16]}", 380, 520, 740)
    low = min(map(height, upper))
    across: list[Line] = [("Die folgende Aufstellung gilt für beide Orte und das ganze", 11, 60, low - 30)]
    lower = [ragged(PROSE[3], 60, 200, low - 60), ragged(PROSE[4], 220, 360, low - 60)]
    found = " ".join(read(*upper[0], *upper[1], *across, *lower[0], *lower[1], *third))
    assert f"{PROSE[2]} {PROSE[8]} {PROSE[15]} {PROSE[16]}" in found


def test_two_pages_that_begin_alike_keep_what_they_say() -> None:
    page = lines(
        "Vermerk vom 5. Mai", "An alle, die es angeht:", "Es kamen 200 Decken an.", "Sie wurden verteilt.", top=790
    )
    other = [*page[:2], *lines("Es kamen 300 Decken an.", "Auch sie wurden verteilt.", top=762)]
    found = extract(make_pdf([page, other])).text
    assert found.count("An alle, die es angeht:") == 2
    assert "200 Decken" in found
    assert "300 Decken" in found
