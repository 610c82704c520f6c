"""Read tables as text (.csv, .tsv): find the delimiter, then the rows."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from index.errors import CorpusError
from index.reading.decoding import decode
from index.reading.extraction.archives.archive import without_text
from index.reading.extraction.sheets.sheet import MAX_CELLS, MAX_ROWS, Row, write
from index.reading.extraction.tables.grid import MAX_COLUMNS, Cell
from index.reading.extraction.types import Extract, ExtractionError
from index.reading.extraction.writer import Writer, clean

if TYPE_CHECKING:
    from collections.abc import Iterator

# In order of precedence: a comma may also separate the figures of a number.
_DELIMITERS = ("\t", ";", "|", ",")
_SAMPLE = 200  # rows
_LONGEST = 2**31 - 1  # characters of a value, in effect no limit: an overlong value is noticed by its number of lines
_PROSE = 20_000  # characters
_PENALTY = 0.1
_SURE = 0.9  # share of rows
_MOST_LINES = 30  # of a value; with more, its quotation mark was never closed


def extract(data: bytes) -> Extract:
    """
    Read a table as text.

    Raises
    ------
    ExtractionError
        If it is not text, is broken, or has no values.

    """
    try:
        text = decode(data)[0]
    except CorpusError as error:
        raise ExtractionError(error.message, hint=error.hint, kind=error.kind) from error
    named, text = _named_delimiter(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    delimiter = named or _delimiter(text)
    rows, cut, wide = _rows(text, delimiter, csv.QUOTE_MINIMAL)
    if any(cell.count("\n") > _MOST_LINES for row in rows for cell in row):
        rows, cut, wide = _rows(text, delimiter, csv.QUOTE_NONE)
    writer = Writer()
    write(writer, [Row([Cell(" ".join(clean(cell).split())) for cell in row]) for row in rows], named=True)
    if not writer.has_text:
        raise without_text("csv")
    if cut:
        writer.note(f"the rows after the first {len(rows)}: too many")
    if wide:
        writer.note(f"the columns after the first {MAX_COLUMNS}: too many")
    written = writer.rendered()
    return Extract(written.text, blocks=written.blocks)


def _named_delimiter(text: str) -> tuple[str, str]:
    """Return the delimiter that the first line names, as Excel writes it, and the text without that line."""
    first, end, rest = text.partition("\n")
    name = first.strip()
    if end and len(name) == 5 and name.lower().startswith("sep="):
        return name[-1], rest
    return ("\t", rest) if end and first.rstrip("\r").lower() == "sep=\t" else ("", text)


def _delimiter(text: str) -> str:
    """Return the delimiter that splits the most rows into the same number of values."""
    lines = [line for line in text[:_PROSE].split("\n")[:-1] if line]
    if lines and all(len(line) > 1 and line[0] == line[-1] == '"' for line in lines):
        # If all values are quoted, the delimiter stands between quotation marks, whatever the values hold.
        fitting = [sign for sign in _DELIMITERS if _parts_quoted_values(text, sign)] or _DELIMITERS
        between = {sign: sum(line.count(f'"{sign}"') for line in lines) for sign in fitting}
        sign = max(between, key=lambda one: between[one])
        if between[sign] >= len(lines):
            return sign
    best, best_share = ",", 0.0
    for delimiter in _DELIMITERS:
        rows = [row for row in islice(_parsed(text, delimiter, csv.QUOTE_MINIMAL), _SAMPLE) if row]
        counts = Counter(map(len, rows))
        share = max((count / len(rows) for width, count in counts.items() if width > 1), default=0.0)
        # With the wrong delimiter, quotation marks are left inside values.
        marked = sum('"' in cell for row in rows for cell in row)
        share -= _PENALTY * marked / max(1, sum(map(len, rows)))
        if delimiter == "," and _is_prose(text) and share < _SURE:
            continue
        if share > best_share:
            best, best_share = delimiter, share
    return best if best_share > 0.2 else "\x00"  # a column of text, which may have commas


def _parts_quoted_values(text: str, delimiter: str) -> bool:
    """Tell whether each value in quotation marks ends at a delimiter or at the end of its row."""
    csv.field_size_limit(_LONGEST)
    try:
        rows = list(islice(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True), _SAMPLE))
    except csv.Error:  # something stands between a closing quotation mark and the next value
        return False
    return any(len(row) > 1 for row in rows)


def _is_prose(text: str) -> bool:
    """Tell whether most commas are followed by a blank, as in sentences."""
    sample = text[:_PROSE]
    return 2 * sample.count(", ") > sample.count(",")


def _rows(text: str, delimiter: str, quoting: int) -> tuple[list[list[str]], bool, bool]:
    """Return the rows that are read, and whether there are more rows or columns."""
    rows: list[list[str]] = []
    cells, filled, wide = 0, 0, False
    for row in _parsed(text, delimiter, quoting):
        if filled >= MAX_ROWS or cells >= MAX_CELLS:
            return rows, True, wide
        wide = wide or len(row) > MAX_COLUMNS
        rows.append(row[:MAX_COLUMNS])
        filled += any(row)
        cells += len(rows[-1])
    return rows, False, wide


def _parsed(text: str, delimiter: str, quoting: int) -> Iterator[list[str]]:
    if delimiter == "\x00":
        yield from ([line] for line in io.StringIO(text))
        return
    csv.field_size_limit(_LONGEST)
    try:
        yield from csv.reader(io.StringIO(text), delimiter=delimiter, quoting=quoting)  # type: ignore[arg-type]
    except csv.Error as error:
        raise ExtractionError(f"a table as text that cannot be read ({error}).", hint="Save it again.") from error
