"""
A pay table in Word and a timetable on a page, with six questions on each, for `bench/reading/tables.py`.

Nothing was tuned on these tables. One has a heading over several columns, the other has days that span several rows.
"""

from __future__ import annotations

from typing import Any

from bench.reading.table_files import TableFile, asked
from tests.files import make_docx, make_html

_STEPS = ("Entgeltgruppe", "Stufe 1", "Stufe 2", "Stufe 3", "Stufe 4", "Zulage")
_PAY = (
    ("P 5 Pflegehilfe", "2.381,40", "2.502,75", "2.566,10", "2.672,90", "40,00"),
    ("P 6 Pflegehilfe mit Prüfung", "2.437,20", "2.604,35", "2.748,80", "3.018,05", "46,00"),
    ("P 7 Pflegefachkraft", "2.887,95", "3.024,60", "3.271,15", "3.402,50", "133,80"),
    ("P 8 Praxisanleitung", "3.018,05", "3.164,20", "3.350,45", "3.498,70", "133,80"),
    ("P 9 Stationsleitung", "3.402,50", "3.566,15", "3.782,30", "", "150,00"),
)


def _pay() -> bytes:
    def write(document: Any) -> None:
        document.add_heading("Entgelttabelle des Klinikums Werratal", level=1)
        document.add_paragraph("Gültig vom 1. März 2025 an, für Vollzeit mit 38,5 Stunden in der Woche.")
        table = document.add_table(rows=2 + len(_PAY), cols=len(_STEPS))
        above = table.rows[0].cells
        over = above[1].merge(above[4])
        over.text = "Monatsentgelt in Euro"
        for column in (0, 5):
            above[column].merge(table.rows[1].cells[column])
        for cell, text in zip(table.rows[1].cells, _STEPS, strict=True):
            cell.text = text
        for row, texts in zip(table.rows[2:], _PAY, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text

    return make_docx(write, title="Entgelttabelle")


_COURSES = (
    ("Montag", "16:15", "Wassergewöhnung", "Lehrbecken", "62 €"),
    ("Montag", "17:30", "Seepferdchen", "Lehrbecken", "74 €"),
    ("Montag", "19:00", "Aquafitness", "Sportbecken", "88 €"),
    ("Mittwoch", "15:45", "Bronze", "Sportbecken", "69 €"),
    ("Mittwoch", "18:20", "Kraulen für Erwachsene", "Sportbecken", "96 €"),
    ("Samstag", "9:10", "Eltern und Kind", "Lehrbecken", "55 €"),
    ("Samstag", "10:40", "Springen", "Sprungbecken", "81 €"),
)


def _courses() -> bytes:
    rows = ["<tr><td>Tag</td><td>Beginn</td><td>Kurs</td><td>Becken</td><td>Gebühr</td></tr>"]
    days = [row[0] for row in _COURSES]
    for number, (day, *others) in enumerate(_COURSES):
        first = days.index(day) == number
        named = f'<td rowspan="{days.count(day)}">{day}</td>' if first else ""
        rows.append(f"<tr>{named}{''.join(f'<td>{text}</td>' for text in others)}</tr>")
    title = "Kursplan des Hallenbads Eschenau"
    page = f"<h1>{title}</h1><p>Alle Kurse haben zehn Stunden.</p><table>{''.join(rows)}</table>"
    return make_html(page, head=f"<title>{title}</title>")


OFFICE = (
    TableFile(
        "entgelt-werratal.docx",
        _pay,
        (
            asked("Wie hoch ist das Entgelt in P 7, Stufe 3, im Klinikum Werratal?", "3.271,15", "P 7", "Stufe 3"),
            asked("Was verdient eine Praxisanleitung der Stufe 2 im Monat?", "3.164,20", "Praxisanleitung", "Stufe 2"),
            asked("Welche Zulage bekommt die Stationsleitung?", "150,00", "Stationsleitung", "Zulage"),
            asked("Wie viel Euro gibt es in P 5 in der Stufe 1?", "2.381,40", "P 5", "Monatsentgelt in Euro"),
            asked("Wie hoch ist die Zulage der Pflegefachkraft im Klinikum Werratal?", "133,80", "P 7", "Zulage"),
            asked("Welches Monatsentgelt hat P 6 in Stufe 4?", "3.018,05", "P 6", "Stufe 4"),
        ),
    ),
    TableFile(
        "hallenbad-eschenau.html",
        _courses,
        (
            asked("Wann beginnt der Kurs Seepferdchen im Hallenbad Eschenau?", "17:30", "Seepferdchen", "Beginn"),
            asked("Was kostet der Kurs Kraulen für Erwachsene?", "96 €", "Kraulen", "Gebühr"),
            asked("An welchem Tag ist das Springen im Hallenbad Eschenau?", "Samstag", "Springen", "Sprungbecken"),
            asked("In welchem Becken ist die Aquafitness?", "Sportbecken", "Aquafitness", "Becken"),
            asked("Wie hoch ist die Gebühr für den Kurs Eltern und Kind?", "55 €", "Eltern und Kind", "Gebühr"),
            asked("Um wie viel Uhr beginnt der Kurs Bronze am Mittwoch?", "15:45", "Bronze", "Mittwoch"),
        ),
    ),
)
