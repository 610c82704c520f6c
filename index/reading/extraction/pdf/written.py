"""Write paragraphs and tables of a file as blocks, and find where each page begins in their text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from index.reading.extraction.pdf.layout.footnotes import mark_of
from index.reading.extraction.pdf.layout.paragraphs import BULLET, Paragraph
from index.reading.extraction.pdf.tables.broken_words import mended, words_of_tables
from index.reading.extraction.pdf.types import Line, Table
from index.reading.extraction.seams import SOFT, seam, words_of
from index.reading.extraction.writer import Writer, clean

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from index.reading.extraction.blocks import Rendered
    from index.reading.extraction.pdf.layout.paragraphs import Measures
    from index.reading.extraction.tables.grid import Cell

_MAX_HEADING = 200


def written(found: Sequence[Paragraph | Table], usual: Measures) -> Rendered:
    """
    Write paragraphs and tables.

    Parameters
    ----------
    found
        In reading order.
    usual
        The usual measures of the file.

    Returns
    -------
    Rendered
        The text with its pages up to the last one with text; a page may begin within a paragraph.

    """
    lines = [line for one in found if isinstance(one, Paragraph) for line in one.lines]
    words = words_of(line.text for line in lines)
    tables = [one for one in found if isinstance(one, Table)]
    known = words | words_of_tables(tables) if tables else words
    larger = sorted({round(line.size) for line in lines if usual.is_heading(line)}, reverse=True)
    levels = {size: min(3, rank) for rank, size in enumerate(larger, start=1)}
    writer = Writer()
    starts: dict[int, int] = {}
    place = 0
    while place < len(found):
        one = found[place]
        if isinstance(one, Table):
            parts = _whole(found, place)
            place += len(parts)
            _write_table(writer, [mended(part, known) for part in parts], starts)
            continue
        place += 1
        _write(writer, one.lines, words, usual, levels, starts)
        for note in one.notes:
            text, _ = joined(note, words)
            mark = mark_of(note[0])
            rest = text[text.index(mark) + len(mark) :].lstrip("]).") if mark else text
            writer.footnote(f"[{mark}] {rest.strip()}" if mark else text)
    return replace(writer.rendered(), pages=_pages(starts))


def joined(lines: Sequence[Line], words: Collection[str]) -> tuple[str, list[tuple[int, int]]]:
    """Return lines as one, and the offset of the first character of each page on which one of them begins."""
    pieces: list[str] = []
    length = 0
    breaks: list[tuple[int, int]] = []
    for line in lines:
        piece = " ".join(clean(line.text).split())
        ends_soft = piece.endswith(SOFT)
        piece = piece.replace(SOFT, "")
        if not piece:
            continue
        if pieces:
            before = seam(pieces[-1], piece, words)
            length += len(before.rstrip(SOFT)) - len(pieces[-1].rstrip(SOFT))
            pieces[-1] = before
        if not breaks or breaks[-1][0] != line.page:
            breaks.append((line.page, length))
        length += len(piece)
        pieces.append(piece + SOFT if ends_soft else piece)
    return "".join(pieces).rstrip(SOFT), breaks


def _write(
    writer: Writer,
    lines: Sequence[Line],
    words: Collection[str],
    usual: Measures,
    levels: dict[int, int],
    starts: dict[int, int],
) -> None:
    text, breaks = joined(lines, words)
    bullet = BULLET.match(text)
    if usual.is_heading(lines[0]) and len(text) <= _MAX_HEADING:
        start = writer.heading(text, levels[round(lines[0].size)])
    elif bullet:
        start = writer.item(text[bullet.end() :])
        breaks = [(page, max(0, offset - bullet.end())) for page, offset in breaks]
    else:
        start = writer.paragraph(text)
    for page, offset in breaks:
        starts.setdefault(page, writer.length if start is None else min(start + offset, writer.length))


def _whole(found: Sequence[Paragraph | Table], place: int) -> list[Table]:
    """Return the parts of a table that continues from page to page."""
    first = found[place]
    parts: list[Table] = []
    while place < len(found):
        one = found[place]
        if not isinstance(one, Table) or not isinstance(first, Table):
            break
        if parts and (one.page != parts[-1].page + 1 or one.width != first.width or one.pairs != first.pairs):
            break
        parts.append(one)
        place += 1
    return parts


def _write_table(writer: Writer, parts: Sequence[Table], starts: dict[int, int]) -> None:
    """Write a table as one, with the names of its columns once, although each page may repeat them."""
    starts.setdefault(parts[0].page, writer.length + 2 * bool(writer.length))
    if parts[0].pairs:
        for part in parts:
            starts.setdefault(part.page, writer.length + 2)
            _write_pairs(writer, part)
        return
    parts = [_without_title(writer, parts[0]), *parts[1:]]
    top = [_texts(row) for row in parts[0].rows]
    rows: list[tuple[int, Sequence[Cell]]] = []
    for number, part in enumerate(parts):
        repeated = number > 0
        for place, row in enumerate(part.rows):
            repeated = repeated and place < len(top) and _texts(row) == top[place]
            if not repeated and any(cell.text for cell in row):
                rows.append((part.page, row))
    places = writer.table([row for _, row in rows], headed=parts[0].headed)
    if len(places) == len(rows):
        for (page, _), start in zip(reversed(rows), reversed(places), strict=True):
            if page != parts[0].page:
                starts[page] = start


def _without_title(writer: Writer, table: Table) -> Table:
    """Write the title rows of a table separately: they do not name columns."""
    rows = list(table.rows)
    while len(rows) > 1 and not any(cell.text for cell in rows[0][1:]):
        writer.row([cell.text for cell in rows[0] if cell.text])
        del rows[0]
    return replace(table, rows=rows)


def _write_pairs(writer: Writer, part: Table) -> None:
    """Write rows of names with their values, without names of columns."""
    for row in part.rows:
        texts: list[str] = []
        for cell in row:
            if texts and cell.text and texts[-1].endswith(":"):
                texts[-1] += f" {cell.text}"
            elif cell.text:
                texts.append(cell.text)
        writer.row(texts)


def _texts(row: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(cell.text for cell in row)


def _pages(starts: dict[int, int]) -> tuple[int, ...]:
    pages: list[int] = []
    following = 0
    for page in range(max(starts, default=-1), -1, -1):
        # A page without text begins where the next one with text does; the first one with text at offset 0.
        following = min(starts.get(page, following), following) if pages else starts.get(page, 0)
        pages.append(0 if page <= min(starts) else following)
    pages.reverse()
    return tuple(pages)
