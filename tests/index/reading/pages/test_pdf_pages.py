"""Columns, tables and marks on pages that another program has set; see `tests/pages/make.py`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index.reading.extraction.pdf import extract
from tests.files import needs_files

if TYPE_CHECKING:
    from index.reading.extraction.types import Extract

pytestmark = needs_files
PAGES = Path(__file__).parents[3] / "pages"


def read(name: str) -> Extract:
    return extract((PAGES / f"{name}.pdf").read_bytes())


TEXTS = {
    "columns": """# Zeitung

Die Stadt Auheim hat ein neues Rathaus gebaut. Es kostete vierzehn Millionen Euro und hat vier Stockwerke, in denen alle \
Ämter Platz finden. Der Bürgermeister zog als erster ein, danach folgten die anderen.

Der Fluss Mandel trat im Mai über die Ufer. Drei Orte wurden überflutet, und dreiundzwanzig Menschen mussten ihr Haus \
verlassen. Die Feuerwehr half mit Booten.

## Zweiter Teil

Im zweiten Teil geht es um den Haushalt. Die Einnahmen stiegen um drei Prozent, und die Ausgaben blieben gleich. Damit \
bleibt ein Überschuss, den der Rat für Schulen ausgeben will.

Die Opposition stimmte dagegen, weil ihr die Summe zu klein erschien. Sie will im Herbst einen Vorschlag machen.

Dieser Schluss geht wieder über die ganze Breite der Seite und beendet den Bericht mit einem langen Satz.
""",
    "lined": """# Umsatz

Filiale | Umsatz in Tsd. Euro | Leitung

Filiale | 2022 | 2023 | Leitung

Nord | Umsatz in Tsd. Euro 2022: 410 | Umsatz in Tsd. Euro 2023: 415 | Leitung: Frau Bolte

Süd | Umsatz in Tsd. Euro 2023: 655 | Leitung: Herr Kern, der beide Häuser führt und im Süden wohnt

West | Umsatz in Tsd. Euro 2022: 298 | Umsatz in Tsd. Euro 2023: 301 | Leitung: Herr Kern, der beide Häuser führt und im \
Süden wohnt

Ende der Übersicht.
""",
    "plain": """# Preisliste

Die Preise gelten ab Mai und enthalten die Mehrwertsteuer.

Artikel | Menge | Preis

Kranich | Menge: 12 | Preis: 289,00 €

Bussard mit langem Namen | Preis: 17,50 €

Eule | Menge: 3

Alle Angaben ohne Gewähr.
""",
    "heads": """Die Tabelle nennt die Ergebnisse des Jahres.

Spiele | Tore | Punkte

Auheim | Spiele: 10 | Tore: 31 | Punkte: 24

Talheim | Spiele: 10 | Tore: 18

Bergdorf | Tore: 9 | Punkte: 11
""",
    "pairs": """# Steckbrief

Leitung | Herr Bolte

Umsatz | 410 Tausend Euro

Mitarbeiter | 23

Lage | Am Hafen, wo früher die Werft stand, gleich neben dem alten Zollhaus aus der Zeit der Hanse, das heute ein Museum \
für die Geschichte der Stadt ist

Gründung | 1912
""",
    "struck": """Der Eintritt kostet 59 Euro, und Kinder zahlen nichts.

Danach geht es weiter. Es sind 10 Plätze.
""",
    "raised": """Der Umbau kostete 150 [2] Millionen Euro auf 20 m² und 10⁶ Keime. CO2 fiel. Das stand im Bericht. [3] Und im \
Jahr 2019 [4], später. Der Wert war 150 [2] Millionen.
""",
    "hyphens": """Der Halbleitermarkt wächst, und die KI-Chip-Branche baut neue Werke. Nordrhein liegt vorn. Die Halbleiter und \
Wärmepumpen.
""",
    "turned": """# Quer

Diese Seite ist im Querformat und hat einen gedrehten Rand.

Am Rand steht ein Vermerk zur Akte.
""",
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_page_is_read_as_a_person_reads_it(name: str) -> None:
    assert read(name).text == TEXTS[name]


def test_a_table_over_two_pages_is_one() -> None:
    found = read("pages")
    rows = found.text.strip().split("\n\n")
    assert rows[0] == "Nr | Maßnahme | Kosten"
    assert rows[1:] == [
        f"Nr: {n} | Maßnahme: Den Schutz von Ufer {n} hat die Gemeinde mit dem Landkreis und den Anliegern bezahlt | "
        f"Kosten: {n * 13} Euro"
        for n in range(1, 30)
    ]
    assert found.text[found.pages[1] :].startswith("Nr: ")
    assert found.text[: found.pages[1]].endswith("Euro\n\n")
