"""
Print the pages of this folder again, with headless Chromium.

    python tests/pages/make.py

Chromium, which prints many real pages, sets text differently from the tests' own PDF writer: letter by letter, with
kerning and embedded fonts. The text of the pages is in `tests/index/reading/pages/test_pdf_pages.py`.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
LONG = "die Gemeinde mit dem Landkreis und den Anliegern bezahlt"
PAGES = {
    "columns": """
<style>div { columns: 2; column-gap: 24px; text-align: justify }</style><h1>Zeitung</h1>
<div><p>Die Stadt Auheim hat ein neues Rathaus gebaut. Es kostete vierzehn Millionen Euro und hat vier Stockwerke, in
denen alle Ämter Platz finden. Der Bürgermeister zog als erster ein, danach folgten die anderen.</p>
<p>Der Fluss Mandel trat im Mai über die Ufer. Drei Orte wurden überflutet, und dreiundzwanzig Menschen mussten ihr Haus
verlassen. Die Feuerwehr half mit Booten.</p></div>
<h2>Zweiter Teil</h2>
<div><p>Im zweiten Teil geht es um den Haushalt. Die Einnahmen stiegen um drei Prozent, und die Ausgaben blieben gleich.
Damit bleibt ein Überschuss, den der Rat für Schulen ausgeben will.</p>
<p>Die Opposition stimmte dagegen, weil ihr die Summe zu klein erschien. Sie will im Herbst einen Vorschlag machen.</p></div>
<p>Dieser Schluss geht wieder über die ganze Breite der Seite und beendet den Bericht mit einem langen Satz.</p>""",
    "lined": """
<style>td, th { border: 1px solid #000; padding: 3px 8px } table { border-collapse: collapse }</style><h1>Umsatz</h1>
<table><tr><th rowspan=2>Filiale</th><th colspan=2>Umsatz in Tsd. Euro</th><th rowspan=2>Leitung</th></tr>
<tr><th>2022</th><th>2023</th></tr><tr><td>Nord</td><td>410</td><td>415</td><td>Frau Bolte</td></tr>
<tr><td>Süd</td><td></td><td>655</td><td rowspan=2>Herr Kern, der beide Häuser führt und im Süden wohnt</td></tr>
<tr><td>West</td><td>298</td><td>301</td></tr></table><p>Ende der Übersicht.</p>""",
    "plain": """
<h1>Preisliste</h1><p>Die Preise gelten ab Mai und enthalten die Mehrwertsteuer.</p>
<table><tr><th>Artikel</th><th>Menge</th><th>Preis</th></tr><tr><td>Kranich</td><td>12</td><td>289,00 €</td></tr>
<tr><td>Bussard mit langem Namen</td><td></td><td>17,50 €</td></tr><tr><td>Eule</td><td>3</td><td></td></tr></table>
<p>Alle Angaben ohne Gewähr.</p>""",
    "heads": """
<style>table { border-collapse: collapse; border-top: 1.5px solid #000; border-bottom: 1.5px solid #000 }
th { border-bottom: 1px solid #000 } td, th { padding: 2px 14px; text-align: right }
td:first-child { text-align: left }</style><p>Die Tabelle nennt die Ergebnisse des Jahres.</p>
<table><tr><th></th><th>Spiele</th><th>Tore</th><th>Punkte</th></tr>
<tr><td>Auheim</td><td>10</td><td>31</td><td>24</td></tr><tr><td>Talheim</td><td>10</td><td>18</td><td></td></tr>
<tr><td>Bergdorf</td><td></td><td>9</td><td>11</td></tr></table>""",
    "pairs": """
<style>td { padding: 2px 20px 2px 0; vertical-align: top }</style><h1>Steckbrief</h1>
<table><tr><td>Leitung</td><td>Herr Bolte</td></tr><tr><td>Umsatz</td><td>410 Tausend Euro</td></tr>
<tr><td>Mitarbeiter</td><td>23</td></tr><tr><td>Lage</td><td>Am Hafen, wo früher die Werft stand, gleich neben dem alten
Zollhaus aus der Zeit der Hanse, das heute ein Museum für die Geschichte der Stadt ist</td></tr>
<tr><td>Gründung</td><td>1912</td></tr></table>""",
    "struck": """
<p>Der Eintritt kostet <s>49 Euro</s> 59 Euro, und Kinder zahlen <u>nichts</u>. <s>Dieser ganze Satz gilt nicht mehr, weil
er gestrichen wurde und über zwei Zeilen geht, was man an der Linie sieht, die durch alle Buchstaben läuft.</s> Danach
geht es weiter.</p><p>Es sind 10<s>0</s> Plätze.</p>""",
    "raised": """
<p>Der Umbau kostete 150<sup>2</sup> Millionen Euro auf 20 m<sup>2</sup> und 10<sup>6</sup> Keime. CO<sub>2</sub> fiel. Das
stand im Bericht.<sup>3</sup> Und im Jahr 2019<sup>4</sup>, später. Der Wert war 150² Millionen.</p>""",
    "hyphens": """
<style>p { width: 150px; hyphens: manual }</style><p>Der Halb&shy;leiter&shy;markt wächst, und die KI-<br>Chip-Branche baut
neue Werke. Nord-<br>rhein liegt vorn. Die Halb-<br>leiter und Wärme&shy;pumpen.</p>""",
    "turned": """
<style>@page { size: A4 landscape }
.r { writing-mode: vertical-rl; transform: rotate(180deg); position: absolute; left: 0; top: 200px }</style>
<div class=r>Am Rand steht ein Vermerk zur Akte.</div><div style="margin-left: 60px"><h1>Quer</h1>
<p>Diese Seite ist im Querformat und hat einen gedrehten Rand.</p></div>""",
    "pages": f"""
<style>@page {{ size: A5 }} table {{ border-collapse: collapse; width: 100% }}
td, th {{ border-bottom: 1px solid #888; padding: 4px; text-align: left }} tr {{ break-inside: avoid }}</style><table>
<thead><tr><th>Nr</th><th>Maßnahme</th><th>Kosten</th></tr></thead>
{"".join(f"<tr><td>{n}</td><td>Den Schutz von Ufer {n} hat {LONG}</td><td>{n * 13} Euro</td></tr>" for n in range(1, 30))}
</table>""",
}


def main() -> None:
    for name, body in PAGES.items():
        page = f'<!DOCTYPE html><html lang="de"><meta charset="utf-8"><body style="font: 11pt sans-serif">{body}</body></html>'
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "page.html")
            source.write_text(page, encoding="utf-8")
            options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
            subprocess.run(["chromium", *options, f"--print-to-pdf={HERE / name}.pdf", source], check=True)


if __name__ == "__main__":
    main()
