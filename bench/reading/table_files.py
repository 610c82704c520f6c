"""
Eight tables as PDF and as spreadsheets, with five questions on each, for `bench/reading/tables.py`.

Nothing was tuned on these tables. A PDF has lines around its cells, lines between a few rows, or none; one is a form,
one continues on a second page, which repeats the column names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from tests.files import make_pdf
from tests.office import make_open_document, make_sheet, make_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.files import Line


@dataclass(frozen=True, slots=True)
class Question:
    """
    A question on a table.

    Parameters
    ----------
    text
        The question.
    shown
        What an answer must show: the value with its unit, and the name of its row.
    line
        What one line of the extracted text must contain: value, row, and the name or unit of the column.

    """

    text: str
    shown: tuple[str, ...]
    line: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file with a table, and questions on it."""

    name: str
    make: Callable[[], bytes]
    asked: tuple[Question, ...]


def _laid(rows: Sequence[Sequence[str]], lefts: Sequence[float], top: float, pitch: float = 18) -> list[Line]:
    return [
        (text, 10.0, left, top - pitch * number)
        for number, row in enumerate(rows)
        for text, left in zip(row, lefts, strict=True)
        if text
    ]


def _grid(lefts: Sequence[float], top: float, rows: int, pitch: float = 18) -> str:
    """Return lines around the cells whose texts `_laid` sets."""
    levels = [top + 12 - pitch * number for number in range(rows + 1)]
    edges = [left - 4 for left in lefts]
    level = [f"{edges[0]} {y} m {edges[-1]} {y} l S" for y in levels]
    upright = [f"{x} {levels[0]} m {x} {levels[-1]} l S" for x in edges]
    return "0.6 w " + " ".join(level + upright)


_BILL = (
    ("Pos.", "Bezeichnung", "Menge", "Einzelpreis", "Gesamt"),
    ("1", "Dachlatten Lärche", "120 m", "1,85 EUR", "222,00 EUR"),
    ("2", "Unterspannbahn", "4 Rollen", "94,50 EUR", "378,00 EUR"),
    ("3", "Biberschwanzziegel rot", "2.400 Stück", "0,92 EUR", "2.208,00 EUR"),
    ("4", "Gerüst stellen", "1", "650,00 EUR", "650,00 EUR"),
    ("", "Zwischensumme", "", "", "3.458,00 EUR"),
    ("", "Umsatzsteuer 19 %", "", "", "657,02 EUR"),
    ("", "Rechnungsbetrag", "", "", "4.115,02 EUR"),
)


def _bill() -> bytes:
    lefts = (60.0, 100.0, 260.0, 350.0, 440.0)
    text: list[Line] = [
        ("Rechnung 4471 der Dachdeckerei Hollmann", 15.0, 60.0, 770.0),
        ("An das Pfarramt Steinfurt, Leistungszeitraum Juni 2024.", 10.0, 60.0, 745.0),
    ]
    return make_pdf(
        [[*text, *_laid(_BILL, lefts, 710)]],
        drawn=_grid((*lefts, 540.0), 710, len(_BILL)),
        title="Rechnung 4471",
    )


_PRICES = (
    ("Sorte", "500 g", "1 kg", "Herkunft"),
    ("Roggenvollkorn", "2,60 €", "4,90 €", "Eigene Ernte"),
    ("Dinkelkruste", "3,10 €", "5,80 €", "Hof Ahrens"),
    ("Kartoffelbrot", "2,40 €", "", "Eigene Ernte"),
    ("Nussbrot", "3,90 €", "7,40 €", "Mühle Röhr"),
)


def _prices() -> bytes:
    text: list[Line] = [
        ("Preisliste der Hofbäckerei Wiesengrund", 15.0, 60.0, 770.0),
        ("Alle Preise gelten je Laib und enthalten die Mehrwertsteuer.", 10.0, 60.0, 745.0),
    ]
    return make_pdf([[*text, *_laid(_PRICES, (60, 200, 280, 360), 715, 16)]], title="Preisliste")


_STOPS = ("Ahlen", "Birkenau", "Clausheim", "Dornbach", "Ehrenfeld", "Falkensee", "Gronau", "Hohenstein")
_TRAINS = (
    ("Halt", "RE 17 ab", "RB 52 ab", "Bahnsteig"),
    *((stop, f"{6 + n // 4}:{4 + 13 * (n % 4):02}", f"{7 + n // 4}:{9 + 12 * (n % 4):02}", f"{1 + n % 3} b") for n, stop in enumerate(_STOPS)),
)  # fmt: skip


def _trains() -> bytes:
    head: list[Line] = [
        ("Fahrplan der Haardtbahn", 15.0, 60.0, 770.0),
        ("Gültig montags bis freitags ab dem 15. Dezember.", 10.0, 60.0, 745.0),
    ]
    lefts = (60.0, 220.0, 310.0, 400.0)
    first, second = _TRAINS[:5], (_TRAINS[0], *_TRAINS[5:])
    rules = "0.6 w 56 706 m 480 706 l S"
    return make_pdf([[*head, *_laid(first, lefts, 712)], _laid(second, lefts, 712)], drawn=rules, title="Fahrplan")


def _form() -> bytes:
    asks = (
        ("Name des Vereins:", "verein", "Heimatfreunde Bruchsee"),
        ("Vorsitz:", "vorsitz", "Marlies Jonas"),
        ("Zweck der Förderung:", "zweck", "Neue Bestuhlung im Bürgersaal"),
        ("Beantragter Betrag:", "betrag", "7.250 Euro"),
        ("Eigene Mittel:", "mittel", "1.800 Euro"),
        ("IBAN:", "iban", "DE02 1203 0000 0000 2020 51"),
    )
    text: list[Line] = [("Förderantrag des Vereins Heimatfreunde Bruchsee", 15.0, 60.0, 770.0)]
    fields = []
    for number, (ask, name, value) in enumerate(asks):
        y = 730 - 26 * number
        text.append((ask, 11.0, 60.0, float(y)))
        fields.append(
            f"/Subtype /Widget /FT /Tx /T ({name}) /V ({value}) /Rect [200 {y - 4} 480 {y + 14}] /DA (/Helv 11 Tf 0 g)"
        )
    for number, (word, on) in enumerate((("gemeinnützig", True), ("vorsteuerabzugsberechtigt", False))):
        state = "Yes" if on else "Off"
        text.append((word, 11.0, 80.0 + 150 * number, 560.0))
        look = "/AP << /N << /Yes 3 0 R /Off 3 0 R >> >>"
        box = f"{62 + 150 * number} 558 {74 + 150 * number} 570"
        fields.append(f"/Subtype /Widget /FT /Btn /T (b{number}) /V /{state} /AS /{state} /Rect [{box}] {look}")
    return make_pdf([text], annotations=fields, title="Förderantrag")


def _balance() -> bytes:
    rows = [
        ["Gewinn- und Verlustrechnung der Stadtwerke Erlbach"],
        [],
        ["in Tausend Euro", "2022", "2023"],
        ["Umsatzerlöse", 18420, 19875],
        ["Materialaufwand", -9310, -10240],
        ["Personalaufwand", -4120, -4385],
        ["Abschreibungen", -1875, -1930],
        ["Jahresergebnis", 1240, -310],
    ]
    shown = [[(value, 0) if not isinstance(value, str) else value for value in row] for row in rows]
    return make_xlsx({"GuV": make_sheet(shown)})


def _staff() -> bytes:
    rows = [
        ["Abteilung", "Stellen", "Anteil Teilzeit", "Kosten je Stelle"],
        ["Bauhof", 14, (0.21, 2), (51200.0, 1)],
        ["Bürgerbüro", 9, (0.56, 2), (47900.5, 1)],
        ["Kindergärten", 38, (0.61, 2), (44350.0, 1)],
        ["Musikschule", 6, (0.83, 2), (42780.0, 1)],
    ]
    return make_xlsx({"Stellenplan Markt Reisbach": make_sheet(rows)})


def _cell(text: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{escape(text)}</text:p></table:table-cell>'


_RESULTS = (
    ("Platz", "Fahrerin", "Verein", "Zeit", "Rückstand"),
    ("1", "Ines Kwiatkowski", "RSV Nordhorn", "2:41:07 h", "–"),
    ("2", "Tabea Lindqvist", "Team Altmark", "2:41:52 h", "0:45 min"),
    ("3", "Hanna Obermeier", "RC Isartal", "2:43:30 h", "2:23 min"),
    ("4", "Selma Yıldız", "RSV Nordhorn", "2:44:01 h", "2:54 min"),
)


def _results() -> bytes:
    rows = "".join(f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in _RESULTS)
    body = f'<table:table table:name="Straßenrennen Bad Laasphe">{rows}</table:table>'
    return make_open_document("spreadsheet", body)


_ROOMS = """Messstelle;Fluss;Pegel in cm;Abfluss in m³/s;Hochwassermarke in cm
Altenbrück;Leine;212;48,5;480
Münden;Weser;341;162;520
Uferbach;Innerste;98;7,2;310
Wolfsbrunn;Oker;154;19,8;395
"""


def asked(text: str, value: str, row: str, column: str) -> Question:
    """Return a question whose answer has to show a value and the name of its row."""
    return Question(text, (value, row), (value, row, column))


FILES = (
    TableFile(
        "rechnung-hollmann.pdf",
        _bill,
        (
            asked("Was kosten die Dachlatten Lärche je Meter laut Hollmann?", "1,85 EUR", "Dachlatten", "Einzelpreis"),
            asked(
                "Wie viele Biberschwanzziegel berechnet die Dachdeckerei Hollmann?",
                "2.400 Stück",
                "Biberschwanzziegel",
                "Menge",
            ),
            asked("Was kostet das Stellen des Gerüsts insgesamt?", "650,00 EUR", "Gerüst", "Gesamt"),
            asked("Wie hoch ist die Umsatzsteuer auf der Rechnung 4471?", "657,02 EUR", "Umsatzsteuer", "Gesamt"),
            asked(
                "Wie hoch ist der Rechnungsbetrag der Dachdeckerei Hollmann?",
                "4.115,02 EUR",
                "Rechnungsbetrag",
                "Gesamt",
            ),
        ),
    ),
    TableFile(
        "hofbaeckerei.pdf",
        _prices,
        (
            asked("Was kostet ein Kilo Dinkelkruste in der Hofbäckerei Wiesengrund?", "5,80 €", "Dinkelkruste", "1 kg"),
            asked("Wie teuer sind 500 g Nussbrot?", "3,90 €", "Nussbrot", "500 g"),
            asked("Woher kommt das Getreide für die Dinkelkruste?", "Hof Ahrens", "Dinkelkruste", "Herkunft"),
            asked("Was kosten 500 g Kartoffelbrot in der Hofbäckerei?", "2,40 €", "Kartoffelbrot", "500 g"),
            asked("Was kostet 1 kg Roggenvollkorn?", "4,90 €", "Roggenvollkorn", "1 kg"),
        ),
    ),
    TableFile(
        "haardtbahn.pdf",
        _trains,
        (
            asked("Wann fährt der RE 17 in Clausheim ab?", "6:30", "Clausheim", "RE 17"),
            asked("Wann fährt die RB 52 in Gronau ab?", "8:33", "Gronau", "RB 52"),
            asked("Von welchem Bahnsteig fahren die Züge in Hohenstein?", "2 b", "Hohenstein", "Bahnsteig"),
            asked("Um wie viel Uhr geht der RE 17 ab Ehrenfeld?", "7:04", "Ehrenfeld", "RE 17"),
            asked("Wann fährt die RB 52 ab Ahlen?", "7:09", "Ahlen", "RB 52"),
        ),
    ),
    TableFile(
        "antrag-bruchsee.pdf",
        _form,
        (
            Question(
                "Welchen Betrag beantragen die Heimatfreunde Bruchsee?", ("7.250 Euro",), ("7.250 Euro", "Betrag")
            ),
            Question(
                "Wer hat den Vorsitz der Heimatfreunde Bruchsee?", ("Marlies Jonas",), ("Marlies Jonas", "Vorsitz")
            ),
            Question(
                "Wofür wollen die Heimatfreunde Bruchsee die Förderung?", ("Bestuhlung",), ("Bestuhlung", "Zweck")
            ),
            Question(
                "Wie hoch sind die eigenen Mittel der Heimatfreunde?", ("1.800 Euro",), ("1.800 Euro", "Eigene Mittel")
            ),
            Question("Sind die Heimatfreunde Bruchsee gemeinnützig?", ("gemeinnützig",), ("☒ gemeinnützig",)),
        ),
    ),
    TableFile(
        "stadtwerke-erlbach.xlsx",
        _balance,
        (
            asked(
                "Wie hoch waren die Umsatzerlöse der Stadtwerke Erlbach 2023?",
                "19875",
                "Umsatzerlöse",
                "2023 in Tausend Euro",
            ),
            asked(
                "Wie hoch war der Personalaufwand der Stadtwerke Erlbach 2022?",
                "4120",
                "Personalaufwand",
                "2022 in Tausend Euro",
            ),
            asked(
                "Welches Jahresergebnis hatten die Stadtwerke Erlbach 2023?",
                "-310",
                "Jahresergebnis",
                "2023 in Tausend Euro",
            ),
            asked("Wie hoch war der Materialaufwand 2023?", "10240", "Materialaufwand", "2023 in Tausend Euro"),
            asked("Wie hoch waren die Abschreibungen 2022?", "1875", "Abschreibungen", "2022 in Tausend Euro"),
        ),
    ),
    TableFile(
        "stellenplan.xlsx",
        _staff,
        (
            asked("Wie viele Stellen hat der Bauhof in Reisbach?", "14", "Bauhof", "Stellen"),
            asked("Welchen Anteil hat die Teilzeit im Bürgerbüro?", "56", "Bürgerbüro", "Teilzeit"),
            asked("Was kostet eine Stelle in den Kindergärten?", "44.350,00 €", "Kindergärten", "Kosten je Stelle"),
            asked("Wie viele Stellen gibt es in der Musikschule?", "6", "Musikschule", "Stellen"),
            asked("Was kostet eine Stelle im Bürgerbüro?", "47.900,50 €", "Bürgerbüro", "Kosten je Stelle"),
        ),
    ),
    TableFile(
        "rennen-laasphe.ods",
        _results,
        (
            asked("In welcher Zeit fuhr Tabea Lindqvist das Rennen?", "2:41:52 h", "Tabea Lindqvist", "Zeit"),
            asked("Wie groß war der Rückstand von Hanna Obermeier?", "2:23 min", "Hanna Obermeier", "Rückstand"),
            asked("Für welchen Verein fährt Selma Yıldız?", "RSV Nordhorn", "Selma Yıldız", "Verein"),
            asked("Welche Zeit hatte die Siegerin Ines Kwiatkowski?", "2:41:07 h", "Ines Kwiatkowski", "Zeit"),
            asked("Für welchen Verein startet Hanna Obermeier?", "RC Isartal", "Hanna Obermeier", "Verein"),
        ),
    ),
    TableFile(
        "pegel.csv",
        _ROOMS.encode,
        (
            asked("Wie hoch ist der Pegel der Weser in Münden?", "341", "Münden", "Pegel in cm"),
            asked("Wie groß ist der Abfluss der Oker in Wolfsbrunn?", "19,8", "Wolfsbrunn", "m³/s"),
            asked("Welche Hochwassermarke gilt in Uferbach?", "310", "Uferbach", "Hochwassermarke in cm"),
            asked("Wie hoch ist der Pegel in Altenbrück?", "212", "Altenbrück", "Pegel in cm"),
            asked("An welchem Fluss liegt die Messstelle Uferbach?", "Innerste", "Uferbach", "Fluss"),
        ),
    ),
)
