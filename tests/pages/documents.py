"""The content of the pages in `tests/pages/known`: reports, notices and articles, as blocks in reading order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.pages.prose import PROSE as P

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading. Level 1 is the largest."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. Double braces enclose a footnote, and ``‖`` marks a page break within the paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. The first row names the columns. A row with only a title in the first column begins a section."""

    rows: tuple[tuple[str, ...], ...]
    lined: bool = True
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """Blocks that are set in several columns."""

    count: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with a caption below it or to its right."""

    caption: str
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Margin:
    """A note in the margin, beside the first line of the next paragraph."""

    text: str


Block = Heading | Text | Items | Grid | Columns | Picture | Margin


@dataclass(frozen=True, slots=True)
class Document:
    """
    A document.

    Parameters
    ----------
    name
        The name of its files without their ending.
    program
        ``chromium``, ``latex`` or ``libreoffice``.
    blocks
        The content in reading order.
    head
        The text at the top of each page.
    paper
        ``a4`` or ``a5``.
    """

    name: str
    program: str
    blocks: Sequence[Block]
    head: str = ""
    paper: str = "a4"
    options: dict[str, str] = field(default_factory=dict)


def _texts(*numbers: int) -> tuple[Text, ...]:
    return tuple(Text(P[number]) for number in numbers)


FARES = Grid(
    (
        ("Fahrausweis", "Erwachsene", "Kinder", "Gruppe"),
        ("Einzelfahrt", "2,90 €", "1,60 €", ""),
        ("Tageskarte", "7,20 €", "3,80 €", "14,50 €"),
        ("Wochenkarte", "24,00 €", "", ""),
        ("Monatskarte im Abonnement", "58,00 €", "29,00 €", ""),
    ),
    lined=False,
    caption="Fahrpreise ab 1. Januar",
)
BUDGET = Grid(
    (
        ("Posten", "2022", "2023", "Veränderung"),
        ("Erträge aus Steuern", "12.480", "13.105", "625"),
        ("Zuwendungen", "4.310", "3.990", "(320)"),
        ("Gebühren und Beiträge", "2.215", "2.380", "165"),
        ("Summe der Erträge", "19.005", "19.475", "470"),
    ),
    caption="Tabelle 1: Ergebnishaushalt in Tausend Euro",
)
TIMES = Grid(
    (
        ("Haltestelle", "Linie 3", "Linie 7", "Linie 12"),
        ("Bahnhof", "7:05", "7:12", "7:31"),
        ("Rathaus", "7:09", "7:16", ""),
        ("Klinikum", "", "7:24", "7:42"),
        ("Endstation Nord", "7:21", "7:33", "7:55"),
    ),
)
STATIONS = Grid(
    (
        ("Standort", "Mittel in °C", "Regen in mm"),
        ("Kahlkopf", "6,4", "1 120"),
        ("Auheim", "9,8", "740"),
        ("Talheim", "9,1", "815"),
    ),
    lined=False,
    caption="Tabelle 2: Jahresmittel der Standorte",
)
LONG = Grid(
    (
        ("Straße", "Maßnahme", "Kosten in Euro"),
        *tuple(
            (f"{street} {number}", work, f"{number * 1375 + 4200:,}".replace(",", "."))
            for number in range(1, 19)
            for street, work in (("Lindenstraße", "Fahrbahn erneuern"), ("Mühlgasse", "Kanal spülen und prüfen"))
        ),
    ),
)


def _with_note(number: int, note: str, behind: str) -> Text:
    text = P[number]
    place = text.index(behind) + len(behind)
    return Text(f"{text[:place]}{{{{{note}}}}}{text[place:]}")


NOTE_A = "Beschlussvorlage 2023/41, Seite 7."
NOTE_B = "Ohne die Zählstelle am Hafen, die erst im Herbst eingerichtet wurde."
NOTE_C = "Siehe den Bericht des Rechnungsprüfungsamts vom 3. Mai 2022."

DOCUMENTS = (
    # Printed from a browser.
    Document(
        "gemeindebrief",
        "chromium",
        (Heading("Gemeindebrief Auheim"), *_texts(0, 1), Heading("Aus den Vereinen", 2), *_texts(6, 14)),
    ),
    Document(
        "zeitung",
        "chromium",
        (
            Heading("Auheimer Anzeiger"),
            Columns(2, _texts(0, 12, 10)),
            Heading("Aus dem Umland", 2),
            Columns(2, _texts(11, 15)),
            *_texts(18),
        ),
    ),
    Document(
        "faltblatt",
        "chromium",
        (Heading("Rund um den Bus"), Columns(3, (Heading("Ihr Weg", 2), *_texts(13, 10, 1))), FARES, *_texts(3)),
        options={"landscape": "1"},
    ),
    Document("haushalt", "chromium", (Heading("Haushalt der Gemeinde"), *_texts(9), BUDGET, *_texts(19, 12))),
    Document(
        "merkblatt",
        "chromium",
        (
            Heading("Merkblatt zum Winterdienst"),
            *_texts(7),
            Items(
                (
                    "Schneeschaufel und Besen bereithalten",
                    "Gehwege auf 1,20 Meter Breite räumen",
                    "Streugut im Frühjahr wieder aufkehren",
                )
            ),
            Heading("Wohngeld", 2),
            *_texts(3),
        ),
        head="Amt für öffentliche Ordnung – Merkblatt 14",
        paper="a5",
    ),
    Document(
        "fussnoten",
        "chromium",
        (
            Heading("Verkehrsbericht"),
            _with_note(0, NOTE_A, "beschlossen,"),
            _with_note(1, NOTE_B, "Gesamtschule."),
            Text(P[13].replace("Gut zwei", "Gut ‖zwei")),
            _with_note(9, NOTE_C, "bewilligt worden,"),
            *_texts(17),
        ),
    ),
    Document(
        "bilder",
        "chromium",
        (
            Heading("Ausstellung"),
            *_texts(4),
            Picture("Bild 1: Trinkglas aus der Römerzeit, gefunden bei Auheim im Jahr 1911", beside=True),
            *_texts(14),
            Picture("Bild 2: Schleiferei um 1890"),
            *_texts(16),
        ),
    ),
    # Set with LaTeX.
    Document(
        "aufsatz",
        "latex",
        (
            Heading("Bodenfeuchte im Mischwald"),
            *_texts(5),
            Heading("Ergebnisse", 2),
            _with_note(11, "Stand der Erhebung: August.", "geschädigt."),
            STATIONS,
            *_texts(8),
            Heading("Ausblick", 2),
            *_texts(15, 17),
        ),
        options={"twocolumn": "1"},
    ),
    Document(
        "gutachten",
        "latex",
        (
            Heading("Gutachten zum Bürgerhaus"),
            _with_note(0, NOTE_A, "beschlossen,"),
            _with_note(9, NOTE_C, "bewilligt worden,"),
            Heading("Wirtschaftlichkeit", 2),
            *_texts(12),
            BUDGET,
            *_texts(19, 13, 2, 17),
        ),
    ),
    Document(
        "seiten",
        "latex",
        (
            Heading("Jahresbericht"),
            *_texts(0, 1),
            _with_note(2, "Messung durch das Landesamt, monatlich.", "Liter"),
            *_texts(3, 4, 5),
            _with_note(6, NOTE_B, "Jahren."),
            *_texts(7, 8, 9, 10),
        ),
        head="Jahresbericht des Zweckverbands",
        paper="a5",
    ),
    Document(
        "randnoten",
        "latex",
        (
            Heading("Satzung"),
            Margin("Räumpflicht"),
            Text(P[7]),
            Margin("Fristen"),
            Text(P[3]),
            Margin("Anhörung"),
            *_texts(16),
            *_texts(19),
        ),
    ),
    Document(
        "massnahmen",
        "latex",
        (Heading("Straßenbauprogramm"), *_texts(10), LONG, *_texts(1)),
        options={"longtable": "1"},
    ),
    Document(
        "urteil",
        "latex",
        (
            Heading("Urteil"),
            *_texts(16),
            Items(
                (
                    "Der Bescheid vom 4. April wird aufgehoben.",
                    "Die Kosten trägt die Beklagte.",
                    "Die Berufung wird nicht zugelassen.",
                )
            ),
            _with_note(9, NOTE_C, "Ziele zu binden."),
            *_texts(3),
        ),
        head="Az. 4 K 1187/22",
    ),
    Document(
        "protokoll",
        "latex",
        (Heading("Protokoll"), Columns(2, (*_texts(18, 19), *_texts(6))), TIMES, *_texts(13)),
    ),
    # Written with LibreOffice.
    Document("brief", "libreoffice", (Heading("Antwort auf Ihre Anfrage"), *_texts(3, 19), TIMES, *_texts(13))),
    Document(
        "bericht",
        "libreoffice",
        (
            Heading("Bericht der Wasserversorgung"),
            _with_note(2, "Mittelwert aus zwölf Proben.", "Liter"),
            *_texts(17),
            Heading("Wirtschaftsplan", 2),
            *_texts(12),
            BUDGET,
            _with_note(8, "Heizwert nach Angaben des Lieferanten.", "Heizöl"),
            *_texts(5, 11, 15),
        ),
        head="Wasserverband Auheim-Nord",
    ),
    Document(
        "zweispaltig",
        "libreoffice",
        (Heading("Mitteilungsblatt"), Columns(2, (*_texts(14, 18), Heading("Museum", 2), *_texts(4, 6))), *_texts(1)),
    ),
    Document(
        "heft",
        "libreoffice",
        (Heading("Vereinsheft"), *_texts(6, 18, 14, 4, 10, 15, 11, 0, 2)),
        head="Turnverein Auheim 1898",
        paper="a5",
    ),
    Document(
        "liste",
        "libreoffice",
        (Heading("Maßnahmen im Straßenbau"), *_texts(10), LONG, *_texts(7)),
    ),
    Document(
        "spalten",
        "libreoffice",
        (Heading("Nachrichten aus dem Kreis"), Columns(3, _texts(12, 16, 9)), FARES, *_texts(13)),
    ),
)
