"""Find the reading order of a page: columns one after the other, tables by rows, all else from the top down."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from index.reading.extraction.pairs import is_figure
from index.reading.extraction.pdf.arranging.stretched import whole
from index.reading.extraction.pdf.characters.lines import fragment, text_of
from index.reading.extraction.pdf.layout.bands import Slab, above, bands, slab
from index.reading.extraction.pdf.layout.columns import begun, margins
from index.reading.extraction.pdf.layout.segments import is_prose, segments
from index.reading.extraction.pdf.tables.unruled import table
from index.reading.extraction.pdf.types import FILLED, Line, Piece

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.reading.extraction.pdf.layout.bands import Band
    from index.reading.extraction.pdf.page import Part
    from index.reading.extraction.pdf.types import Block, Box, Fragment, Rule, Table

_PLACE = "\0"  # the text of the placeholder for a ruled table
_DEEPEST = 4  # columns in columns
# Labels of list items, paragraphs of a law and notes.
_LABEL = re.compile(r"[^\w\s]|\(?\d{1,3}[.)]?|\(?[a-zA-Z][.)]|\(?[ivxIVX]{1,5}[.)]|§+\s*\d+\w?|\[[\w+ ]{1,12}\]")
_BULLET = re.compile(r"[•▪●◦‣∙■□○◆◇►▶➢➤]")
_DRAWN = re.compile(r"[-–—_=*. ]{5,}")  # a line that is drawn with characters
_HEADS = 3  # most lines of heads above columns of text
_ROW_LINES = 10  # most lines of text in a row of a table


@dataclass(slots=True)
class Reading:
    """
    Reads the content of a page in order.

    Parameters
    ----------
    page
        The page, from 0.
    flow
        The number of the first column.
    blocks
        The blocks read so far.

    """

    page: int
    flow: int
    blocks: list[Block] = field(default_factory=list)
    _rules: Sequence[Rule] = ()
    _tables: Sequence[Table] = ()
    _boxes: Sequence[Box] = ()

    def begin(self, part: Part, fragments: Sequence[Fragment]) -> None:
        """
        Read the content of the page in one direction of text.

        Parameters
        ----------
        part
            Its tables and lines.
        fragments
            Its words, without running heads.

        """
        self._rules = part.rules
        self._tables = [table for _, table in part.tables]
        self._boxes = [box for box, _ in part.tables]
        size = median(one.size for one in fragments) if fragments else 10.0
        places = [
            fragment([Piece(_PLACE, box[0], box[2], box[3] - size, size, run=number)])
            for number, (box, _) in enumerate(part.tables)
        ]
        self.read([*(one for one in fragments if not _DRAWN.fullmatch(one.plain)), *places])

    def read(self, fragments: Sequence[Fragment], depth: int = 0) -> None:
        """Read the fragments of a page or column."""
        if not fragments:
            return
        usual = median(one.size for one in fragments for _ in range(max(1, len(one.pieces) // 4)))
        banded = bands(fragments)
        columns = margins(banded)
        lined = whole(banded, columns)
        beside = [*columns, *begun(lined)] if depth < _DEEPEST else []
        for rows, parts in segments(lined, beside, usual, self._is_ruled):
            if parts:
                for column in parts:
                    self.read(column, depth + 1)
            else:
                self._read_rows(rows, usual, depth)

    def _read_rows(self, rows: Sequence[Band], usual: float, depth: int) -> None:
        """Read bands from the top down; a ruled table ends columns and unruled tables above it."""
        begin = 0
        for place in [*(number for number in range(len(rows)) if self._is_apart(rows, number)), len(rows)]:
            self._read_between(rows[begin:place], usual, depth)
            self._flush(list(rows[place : place + 1]))
            begin = place + 1

    def _read_between(self, rows: Sequence[Band], usual: float, depth: int) -> None:
        plain: list[Band] = []
        place = 0
        while place < len(rows):
            end, found = slab(rows, place, usual)
            if found is None:
                plain.append(rows[place])
                place += 1
                continue
            end, found = _before_items(*_above_rule(end, found, self._rules))
            held = len(plain)
            if plain:
                kept, found = above(plain, held, found, usual)
                del plain[kept:]
            if len(found.bands) < 2 or _is_labelled(found):
                plain += found.bands
            elif depth < _DEEPEST and (parts := _around_a_table(found)):
                self._flush(plain)
                for part in parts:
                    self.read(part, depth + 1)
            elif _is_table(found, self._rules):
                self._flush(plain)
                self.blocks.append(table(found, self._rules, self.page))
                self.flow += 1
            elif depth >= _DEEPEST:
                plain += found.bands
            else:
                self._flush(plain)
                for column in found.columns():
                    self.read(column, depth + 1)
            place = end
        self._flush(plain)

    def _is_apart(self, rows: Sequence[Band], number: int) -> bool:
        """Tell whether a band is a ruled table with nothing beside it."""
        band = rows[number]
        if len(band) > 1 or band[0].plain != _PLACE:
            return False
        _, bottom, _, top = self._boxes[band[0].pieces[0].run]
        return not any(bottom < one.base < top for other in rows if other is not band for one in other)

    def _is_ruled(self, rows: Sequence[Band]) -> bool:
        return _ROW_LINES * _ruled(Slab(rows, ()), self._rules) >= len(rows)

    def _flush(self, plain: list[Band]) -> None:
        """Write bands as the lines of one column."""
        for row in plain:
            band = [one for one in row if one.plain != _PLACE]
            self.blocks += [self._tables[one.pieces[0].run] for one in row if one.plain == _PLACE]
            if not band:
                continue
            line = band[0] if len(band) == 1 else fragment([piece for one in band for piece in one.pieces])
            if text := text_of(line.pieces, line.base, line.size):
                bold = all(piece.bold for piece in line.pieces)
                filled = any(piece.run == FILLED for piece in line.pieces)
                self.blocks.append(
                    Line(
                        text,
                        self.page,
                        line.left,
                        line.right,
                        line.base,
                        line.size,
                        self.flow,
                        bold,
                        filled,
                        pieces=line.pieces,
                    )
                )
        if plain:
            self.flow += 1
        plain.clear()


def _around_a_table(found: Slab) -> list[list[Fragment]]:
    """Return what is to the left of a ruled table, the table, and what is to its right."""
    fragments = [one for band in found.bands for one in band]
    table = next((one for one in fragments if one.plain == _PLACE), None)
    if table is None:
        return []
    left = [one for one in fragments if one.right <= table.left + 1]
    right = [one for one in fragments if one.left >= table.right - 1]
    sides = {id(one) for one in (*left, *right)}
    parts = [left, [one for one in fragments if id(one) not in sides], right]
    return [part for part in parts if part] if sides else []


def _above_rule(end: int, found: Slab, rules: Sequence[Rule]) -> tuple[int, Slab]:
    """Cut a slab at a drawn line below a few heads of columns of text."""
    bases = [min(one.base for one in band) for band in found.bands]
    left, right = found.bands[0][0].left, found.bands[0][-1].right
    for place in range(1, min(_HEADS, len(bases) - _ROW_LINES) + 1):
        between = any(
            rule.level
            and bases[place] < rule.bottom < bases[place - 1]
            and rule.left <= left + 3
            and rule.right >= right - 3
            for rule in rules
        )
        if between and all(is_prose(column) for column in Slab(found.bands[place:], found.gutters).columns()):
            return end - len(bases) + place, Slab(found.bands[:place], found.gutters)
    return end, found


def _before_items(end: int, found: Slab) -> tuple[int, Slab]:
    """Cut a slab at a list item below rows of another kind."""
    items = [_BULLET.fullmatch(band[0].plain) is not None for band in found.bands]
    if items[0] or not any(items):
        return end, found
    place = items.index(True)
    return end - len(items) + place, Slab(found.bands[:place], found.gutters)


def _is_labelled(found: Slab) -> bool:
    """Tell whether the left column holds numbers or marks for the lines of the right one."""
    if len(found.gutters) != 1:
        return False
    left, right = found.columns()
    labels = sum(_LABEL.fullmatch(one.plain) is not None for one in left)
    short = all(len(one.plain) <= 12 for one in left)
    return short and labels >= 0.8 * len(left) and not _mostly_figures(right)


def _is_table(found: Slab, rules: Sequence[Rule]) -> bool:
    """Tell whether rows cross the gutters; otherwise there are columns, to be read one after the other."""
    columns = [column for column in found.columns() if column]
    shared = sum(len({_column(found, one) for one in band}) > 1 for band in found.bands)
    if shared < 2 or 3 * shared < len(found.bands):
        return False
    if any(_mostly_figures(column) for column in columns):
        return True
    parted = _ruled(found, rules)
    if all(is_prose(column) for column in columns) and _ROW_LINES * parted < len(found.bands):
        return False
    if parted:
        return True
    in_turn = all(
        max(one.pieces[0].order for one in left) < min(one.pieces[0].order for one in right)
        for left, right in pairwise(columns)
    )
    return not (in_turn and len(found.bands) > 2)


def _column(found: Slab, one: Fragment) -> int:
    middle = (one.left + one.right) / 2
    return sum(gutter[0] < middle for gutter in found.gutters)


def _mostly_figures(column: Sequence[Fragment]) -> bool:
    figures = sum(is_figure(one.plain) for one in column)
    return len(column) >= 2 and figures >= 0.5 * len(column)


def _ruled(found: Slab, rules: Sequence[Rule]) -> int:
    """Return how many drawn lines run across between the rows."""
    fragments = [one for band in found.bands for one in band]
    left, right = min(one.left for one in fragments), max(one.right for one in fragments)
    top, bottom = max(one.base for one in fragments), min(one.base for one in fragments)
    across = {
        round(rule.bottom)
        for rule in rules
        if rule.level
        and bottom < rule.bottom < top
        and min(rule.right, right) - max(rule.left, left) > 0.7 * (right - left)
    }
    return len(across)
