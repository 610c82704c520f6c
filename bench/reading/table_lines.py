"""Find the line of a table's extracted text that answers a question on it; see `bench/reading/tables.py`."""

from __future__ import annotations

from pathlib import Path

from bench.reading.office_table_files import OFFICE
from bench.reading.table_files import FILES, Question
from index.reading.extraction import pdf, word, workbook
from index.reading.extraction.opendocument import sheets
from index.reading.extraction.sheets import delimited
from index.reading.extraction.web import page as web
from index.storage.lexical import LexicalIndex

FIRST = 3
READERS = {
    ".pdf": pdf.extract,
    ".xlsx": workbook.extract,
    ".ods": sheets.extract,
    ".csv": delimited.extract,
    ".docx": word.extract,
    ".html": web.extract,
}


def found_lines() -> list[tuple[Question, bool]]:
    """Return whether the line that answers each question is among the first three that a search of all lines finds."""
    lines: list[tuple[str, str]] = []
    for file in (*FILES, *OFFICE):
        text = READERS[Path(file.name).suffix](file.make()).text
        lines += [(file.name, line) for line in text.splitlines() if line]
    index = LexicalIndex.build([line for _, line in lines])
    found = []
    for file in (*FILES, *OFFICE):
        for one in file.asked:
            scores = index.scores(one.text)
            best = sorted(range(len(lines)), key=lambda place: -scores[place])[:FIRST]
            found.append((one, any(_holds(lines[place], file.name, one.line) for place in best)))
    return found


def _holds(line: tuple[str, str], name: str, wanted: tuple[str, ...]) -> bool:
    return line[0] == name and all(part in line[1] for part in wanted)
