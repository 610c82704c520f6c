"""Questions on tables in PDF, spreadsheet, Word and HTML find their answering line; see `bench/reading/tables.py`."""

from __future__ import annotations

from bench.reading.table_lines import found_lines
from tests.files import needs_files

RIGHT = 0.9


@needs_files
def test_most_questions_on_tables_find_their_line() -> None:
    found = found_lines()
    assert len(found) == 52
    missed = [question.text for question, good in found if not good]
    assert len(missed) <= (1 - RIGHT) * len(found), missed
