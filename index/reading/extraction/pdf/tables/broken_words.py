"""Join words that a narrow cell breaks without a hyphen: "Lieferun" above "gen", if the whole word is elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from index.reading.extraction.pdf.types import PageCell
from index.reading.extraction.seams import words_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from index.reading.extraction.pdf.types import Piece, Table
    from index.reading.extraction.tables.grid import Cell

_MOST_LINES = 4  # lines that a broken word may take
_LEAST = 5  # letters of a word


def words_of_tables(tables: Iterable[Table]) -> frozenset[str]:
    """Return the words of cells of one line, which are not broken; see `index.reading.extraction.seams.words_of`."""
    return words_of(cell.text for table in tables for row in table.rows for cell in row if len(_lines(cell)) < 2)


def mended(table: Table, words: Collection[str]) -> Table:
    """Return a table with its broken words joined, as far as they are among the words of the file."""
    rows = [[_mended(cell, words) for cell in row] for row in table.rows]
    return table if rows == table.rows else replace(table, rows=rows)


def _mended(cell: Cell, words: Collection[str]) -> Cell:
    lines = _lines(cell)
    text = cell.text
    for parts in _broken(lines, words):
        text = text.replace(" ".join(parts), "".join(parts), 1)
    return cell if text == cell.text else replace(cell, text=text)


def _broken(lines: Sequence[Sequence[str]], words: Collection[str]) -> Iterator[list[str]]:
    """Yield the parts of each word that is broken at the end of a line."""
    place = 0
    while place < len(lines) - 1:
        for count in range(min(_MOST_LINES, len(lines) - place), 1, -1):
            held = lines[place : place + count]
            parts = [held[0][-1], *(line[0] for line in held[1:])]
            if all(len(line) == 1 for line in held[1:-1]) and _is_one(parts, words):
                yield parts
                place += count - 2
                break
        place += 1


def _is_one(parts: Sequence[str], words: Collection[str]) -> bool:
    """Tell whether parts make up a word of the file, and are not all words of the file themselves."""
    whole = "".join(parts).lower()
    plain = whole.rstrip(".,:;)")
    return (
        len(plain) >= _LEAST
        and plain.isalpha()
        and plain in words
        and all(part[0].islower() for part in parts[1:])
        and not all(part.lower().rstrip(".,:;)") in words for part in parts)
    )


def _lines(cell: Cell) -> list[list[str]]:
    """Return the words of each line of a cell, from the top down."""
    lines: list[str] = []
    last: Piece | None = None
    for piece in cell.pieces if isinstance(cell, PageCell) else ():
        if last is None or abs(piece.base - last.base) > 0.5 * piece.size:
            lines.append(piece.text)
        else:
            lines[-1] += f"{' ' if piece.spaced else ''}{piece.text}"
        last = piece
    return [found for line in lines if (found := line.split())]
