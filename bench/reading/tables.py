"""
Ask for values in tables, and count the answers that show value, row and unit.

    python -m bench.reading.tables [--files articles|pages|office|all] [--lines] [--keep FOLDER]

Makes eight files (invoice, price list, timetable, results, balance sheet, form, readings, fees), indexes them and asks
five questions on each: ``articles`` are Word and HTML; ``pages`` are PDF with and without lines, a form, Excel,
OpenDocument and CSV (`bench/reading/table_files.py`); ``office`` are a pay table in Word and a timetable in HTML, six
questions each (`bench/reading/office_table_files.py`); ``all`` are these together. An answer is right if it shows the
value with its unit, and the name of its row. Nothing was tuned on these tables. Prints each wrong answer and the share
of right ones.

``--lines`` asks no model: a question counts as right if one line of the file's extracted text holds value, row and
column, and is among the first three of all lines by the words of the question.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.reading.office_table_files import OFFICE
from bench.reading.table_files import FILES
from bench.reading.table_lines import found_lines
from rag import RAG, Settings
from rag.evaluation.measuring.metrics import contains
from tests.files import make_docx, make_html

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and all that the answer must show."""

    question: str
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with its title, the text before it, and questions on it."""

    file: str
    title: str
    before: str
    rows: Sequence[Sequence[str]]
    asked: tuple[Asked, ...]


SHEETS = (
    Sheet(
        "rechnung-2024-118.docx",
        "Rechnung 2024-118 der Tischlerei Brandes",
        "Für die Lieferung vom 3. September 2024 an die Grundschule Lohfeld stellen wir in Rechnung:",
        (
            ("Position", "Menge", "Einzelpreis", "Betrag"),
            ("Schülertisch Birke", "24", "139,00 €", "3.336,00 €"),
            ("Stuhl stapelbar", "48", "54,50 €", "2.616,00 €"),
            ("Lehrerpult", "1", "412,00 €", "412,00 €"),
            ("Anlieferung", "", "", "180,00 €"),
            ("Gesamtbetrag netto", "", "", "6.544,00 €"),
        ),
        (
            Asked(
                "Was kostet ein Schülertisch Birke einzeln laut Rechnung der Tischlerei Brandes?",
                ("139,00 €", "Schülertisch"),
            ),
            Asked("Wie viele stapelbare Stühle wurden der Grundschule Lohfeld geliefert?", ("48", "Stuhl")),
            Asked(
                "Wie hoch ist der Betrag für die Anlieferung auf der Rechnung 2024-118?", ("180,00 €", "Anlieferung")
            ),
            Asked(
                "Wie hoch ist der Gesamtbetrag netto der Rechnung der Tischlerei Brandes?",
                ("6.544,00 €", "Gesamtbetrag"),
            ),
            Asked("Was kostet das Lehrerpult?", ("412,00 €", "Lehrerpult")),
        ),
    ),
    Sheet(
        "freibad-preise.html",
        "Eintrittspreise im Freibad Steinau",
        "Die Preise gelten für die Sommerzeit von Mai bis September.",
        (
            ("Karte", "Erwachsene", "Kinder", "Ermäßigt"),
            ("Tageskarte", "5,20 €", "2,80 €", "3,90 €"),
            ("Abendkarte ab 17 Uhr", "3,10 €", "1,50 €", "2,20 €"),
            ("Zehnerkarte", "44,00 €", "23,00 €", "33,00 €"),
            ("Saisonkarte", "96,00 €", "", "71,00 €"),
        ),
        (
            Asked("Was kostet die Tageskarte für Kinder im Freibad Steinau?", ("2,80 €", "Tageskarte")),
            Asked("Wie teuer ist die Abendkarte für Erwachsene im Freibad?", ("3,10 €", "Abendkarte")),
            Asked("Was zahlt man ermäßigt für die Saisonkarte in Steinau?", ("71,00 €", "Saisonkarte")),
            Asked("Was kostet die Zehnerkarte für Erwachsene?", ("44,00 €", "Zehnerkarte")),
            Asked("Wie viel kostet die ermäßigte Tageskarte im Freibad Steinau?", ("3,90 €", "Tageskarte")),
        ),
    ),
    Sheet(
        "faehre-fahrplan.html",
        "Fahrplan der Fähre Norderhafen–Inselmole",
        "Die Fähre verkehrt täglich außer bei Sturmwarnung.",
        (
            ("Fahrt", "ab Norderhafen", "an Inselmole", "Kapazität"),
            ("Frühfahrt", "6:45 Uhr", "7:55 Uhr", "120 Personen"),
            ("Vormittagsfahrt", "10:15 Uhr", "11:25 Uhr", "300 Personen"),
            ("Nachmittagsfahrt", "15:30 Uhr", "16:40 Uhr", "300 Personen"),
            ("Spätfahrt", "20:05 Uhr", "21:20 Uhr", "80 Personen"),
        ),
        (
            Asked("Wann legt die Frühfahrt in Norderhafen ab?", ("6:45 Uhr", "Frühfahrt")),
            Asked("Um wie viel Uhr kommt die Spätfahrt an der Inselmole an?", ("21:20 Uhr", "Spätfahrt")),
            Asked("Wie viele Personen fasst die Vormittagsfahrt der Fähre?", ("300 Personen", "Vormittagsfahrt")),
            Asked("Wann startet die Nachmittagsfahrt ab Norderhafen?", ("15:30 Uhr", "Nachmittagsfahrt")),
            Asked("Welche Kapazität hat die Spätfahrt?", ("80 Personen", "Spätfahrt")),
        ),
    ),
    Sheet(
        "bilanz-genossenschaft.docx",
        "Bilanz der Energiegenossenschaft Wehrtal",
        "Alle Angaben beziehen sich auf den 31. Dezember des jeweiligen Jahres.",
        (
            ("Posten", "2022", "2023"),
            ("Sachanlagen", "1.840.000 €", "2.215.000 €"),
            ("Umlaufvermögen", "312.000 €", "287.500 €"),
            ("Eigenkapital", "905.000 €", "1.130.000 €"),
            ("Rückstellungen", "64.200 €", "71.900 €"),
            ("Verbindlichkeiten", "1.182.800 €", "1.300.600 €"),
        ),
        (
            Asked(
                "Wie hoch war das Eigenkapital der Energiegenossenschaft Wehrtal 2023?", ("1.130.000 €", "Eigenkapital")
            ),
            Asked("Welche Sachanlagen wies die Genossenschaft Wehrtal 2022 aus?", ("1.840.000 €", "Sachanlagen")),
            Asked(
                "Wie hoch waren die Rückstellungen der Energiegenossenschaft im Jahr 2022?",
                ("64.200 €", "Rückstellungen"),
            ),
            Asked(
                "Auf welche Summe beliefen sich die Verbindlichkeiten 2023 in der Bilanz?",
                ("1.300.600 €", "Verbindlichkeiten"),
            ),
            Asked("Wie groß war das Umlaufvermögen der Genossenschaft 2023?", ("287.500 €", "Umlaufvermögen")),
        ),
    ),
    Sheet(
        "sportfest-ergebnisse.html",
        "Ergebnisse des Sportfests in Hagenried",
        "Gewertet wurden die besten Leistungen der vier Altersklassen.",
        (
            ("Klasse", "Siegerin oder Sieger", "Weitsprung", "100 Meter"),
            ("U14 weiblich", "Lene Abromeit", "4,41 m", "14,2 s"),
            ("U14 männlich", "Joris Kallweit", "4,73 m", "13,6 s"),
            ("U18 weiblich", "Samira Dogan", "5,28 m", "12,9 s"),
            ("U18 männlich", "Paul Ettinger", "6,05 m", "11,7 s"),
        ),
        (
            Asked(
                "Wie weit sprang die Siegerin der U18 weiblich beim Sportfest in Hagenried?", ("5,28 m", "U18 weiblich")
            ),
            Asked("Wer gewann die Klasse U14 männlich?", ("Joris Kallweit", "U14 männlich")),
            Asked("Wie schnell lief Paul Ettinger die 100 Meter?", ("11,7 s", "Paul Ettinger")),
            Asked("Welche Weite erreichte Lene Abromeit im Weitsprung?", ("4,41 m", "Lene Abromeit")),
            Asked("Welche Zeit lief Samira Dogan über 100 Meter?", ("12,9 s", "Samira Dogan")),
        ),
    ),
    Sheet(
        "foerderantrag.docx",
        "Antrag auf Förderung des Heimatvereins Oberlauda",
        "Bitte alle Felder ausfüllen.",
        (
            ("Angabe", "Eintrag"),
            ("Name des Vorhabens", "Sanierung der Mühlenscheune"),
            ("Beantragte Summe", "18.750 Euro"),
            ("Eigenanteil", "6.250 Euro"),
            ("Beginn der Arbeiten", "14. April 2025"),
            ("Ansprechpartnerin", "Wiebke Thomsen"),
        ),
        (
            Asked("Welche Summe beantragt der Heimatverein Oberlauda?", ("18.750 Euro",)),
            Asked("Wie hoch ist der Eigenanteil des Heimatvereins?", ("6.250 Euro", "Eigenanteil")),
            Asked("Wann sollen die Arbeiten des Heimatvereins Oberlauda beginnen?", ("14. April 2025",)),
            Asked("Wer ist Ansprechpartnerin des Heimatvereins?", ("Wiebke Thomsen",)),
            Asked(
                "Wie heißt das Vorhaben, für das der Heimatverein Oberlauda Geld beantragt?",
                ("Sanierung der Mühlenscheune",),
            ),
        ),
    ),
    Sheet(
        "wetterstation.html",
        "Messwerte der Wetterstation Kahlkopf",
        "Die Station liegt auf 1.120 Metern Höhe.",
        (
            ("Monat", "Mitteltemperatur", "Niederschlag", "Sonnenstunden"),
            ("Januar", "−3,4 °C", "96 mm", "41 h"),
            ("April", "4,8 °C", "72 mm", "155 h"),
            ("Juli", "14,9 °C", "134 mm", "218 h"),
            ("Oktober", "6,2 °C", "88 mm", "119 h"),
        ),
        (
            Asked("Wie viel Niederschlag fiel im Juli an der Wetterstation Kahlkopf?", ("134 mm", "Juli")),
            Asked("Welche Mitteltemperatur hatte der April am Kahlkopf?", ("4,8 °C", "April")),
            Asked("Wie viele Sonnenstunden wurden im Oktober auf dem Kahlkopf gemessen?", ("119 h", "Oktober")),
            Asked("Wie kalt war es im Januar im Mittel an der Station Kahlkopf?", ("3,4 °C", "Januar")),
            Asked("Wie viele Sonnenstunden hatte der Juli?", ("218 h", "Juli")),
        ),
    ),
    Sheet(
        "bibliothek-gebuehren.docx",
        "Gebühren der Stadtbibliothek Mellen",
        "Die Gebührenordnung gilt seit dem 1. Januar 2023.",
        (
            ("Leistung", "Gebühr", "Frist"),
            ("Jahresausweis Erwachsene", "22 Euro", "12 Monate"),
            ("Jahresausweis Studierende", "9 Euro", "12 Monate"),
            ("Säumnis je Woche", "1,50 Euro", ""),
            ("Vorbestellung", "1 Euro", "7 Tage"),
            ("Fernleihe", "3 Euro", "4 Wochen"),
        ),
        (
            Asked(
                "Was kostet der Jahresausweis für Studierende in der Stadtbibliothek Mellen?", ("9 Euro", "Studierende")
            ),
            Asked("Wie hoch ist die Gebühr für eine Fernleihe in Mellen?", ("3 Euro", "Fernleihe")),
            Asked("Wie lange ist die Frist bei einer Vorbestellung in der Bibliothek?", ("7 Tage", "Vorbestellung")),
            Asked("Wie hoch ist die Säumnisgebühr je Woche?", ("1,50 Euro", "Säumnis")),
            Asked("Was zahlen Erwachsene für den Jahresausweis der Stadtbibliothek Mellen?", ("22 Euro", "Erwachsene")),
        ),
    ),
)


def main(files: str, keep: Path | None) -> None:
    sheets = SHEETS if files in {"articles", "all"} else ()
    others = {"pages": FILES, "office": OFFICE, "all": (*OFFICE, *FILES)}.get(files, ())
    made = {sheet.file: _made(sheet) for sheet in sheets} | {one.name: one.make() for one in others}
    asked = [Asked(one.text, one.shown) for file in others for one in file.asked]
    asked += [one for sheet in sheets for one in sheet.asked]
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or Path(temporary)
        articles = folder / "articles"
        articles.mkdir(parents=True, exist_ok=True)
        for name, data in made.items():
            (articles / name).write_bytes(data)
        rag = RAG(Settings(corpus=articles, index=folder / "index"))
        rag.sync()
        right = 0
        for number, one in enumerate(asked, start=1):
            answer = rag.ask(one.question)
            good = not answer.abstained and all(contains(answer.text, shown) for shown in one.shown)
            right += good
            if not good:
                print(f"{one.question}\n  {answer.text}\n  wanted: {', '.join(one.shown)}", flush=True)
            print(f"{right} of {number} so far", file=sys.stderr, flush=True)
        print(f"{right} of {len(asked)} right: {right / len(asked):.2f}")


def _made(sheet: Sheet) -> bytes:
    if sheet.file.endswith(".html"):
        head, *body = [[f"<td>{cell}</td>" for cell in row] for row in sheet.rows]
        named = "".join(cell.replace("td>", "th>") for cell in head)
        rows = "".join(f"<tr>{''.join(row)}</tr>" for row in body)
        table = f"<table><thead><tr>{named}</tr></thead><tbody>{rows}</tbody></table>"
        page = f"<h1>{sheet.title}</h1><p>{sheet.before}</p>{table}"
        return make_html(page, head=f"<title>{sheet.title}</title>")

    def write(document: Any) -> None:
        document.add_heading(sheet.title, level=1)
        document.add_paragraph(sheet.before)
        table = document.add_table(rows=len(sheet.rows), cols=len(sheet.rows[0]))
        for row, texts in zip(table.rows, sheet.rows, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text

    return make_docx(write, title=sheet.title)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--files", choices=("articles", "pages", "office", "all"), default="articles", help="which tables"
    )
    parser.add_argument("--lines", action="store_true", help="ask no model, look at the lines of the pages")
    parser.add_argument("--keep", type=Path, help="where to leave files and index")
    given = parser.parse_args()
    if given.lines:
        results = found_lines()
        for one, good in results:
            if not good:
                print(f"{one.text}\n  wanted in one line: {', '.join(one.line)}")
        print(f"{sum(good for _, good in results)} of {len(results)} right")
    else:
        main(given.files, given.keep)
