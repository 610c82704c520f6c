"""Make rows and cells of fragments side by side without lines around them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from index.reading.extraction.pairs import are_pairs, is_figure, name_values
from index.reading.extraction.pdf.characters.lines import GAP, text_of
from index.reading.extraction.pdf.layout.bands import Edges, parted
from index.reading.extraction.pdf.tables.naming import hanging, heads
from index.reading.extraction.pdf.types import PageCell, Table
from index.reading.extraction.seams import joined

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from index.reading.extraction.pdf.layout.bands import Band, Slab, Span
    from index.reading.extraction.pdf.types import Fragment, Piece, Rule
    from index.reading.extraction.tables.grid import Cell

_SPREAD = 1.25  # times the smallest step between lines: least step to another row
_LOOKED_AT = 40  # bands with the most cells that are looked at
_EDGES = 3  # least number of lines that begin at the left edge of a column
_SHORT = 40  # most letters of a fragment that may be two cells close together
_TIGHT = 1.6  # most sizes from line to line within a cell


def table(found: Slab, rules: Sequence[Rule], page: int) -> Table:
    """Make a table of bands with gutters between their cells."""
    bands = _with_close_cells(found.bands)
    columns = _columns(bands)
    rows = [_cells(band, columns) for band in bands]
    groups = _rows(bands, rows, rules)
    made = [_row([rows[number] for number in group], len(columns)) for group in groups]
    pairs = are_pairs(made) or (len(columns) == 2 and name_values(made))
    bold = [all(piece.bold for one in band for piece in one.pieces) for band in bands]
    headed = len(made) > 1 and all(bold[number] for number in groups[0]) and not all(bold)
    headed = headed or _ruled_off(bands, groups, rules)
    if not pairs and (count := heads(made)):
        made[:count] = [[replace(cell, header=True) for cell in row] for row in made[:count]]
    return Table(hanging(made), page, len(columns), headed=headed and not pairs, pairs=pairs, size=bands[0][0].size)


def _with_close_cells(bands: Sequence[Band]) -> list[Band]:
    """Cut short fragments where a cell begins close behind another, as the left edge of a column shows."""
    lefts = Counter(round(one.left) for band in bands for one in band)
    often = [[one for one in band if lefts[round(one.left)] >= _EDGES] for band in bands]
    edges = Edges(often, ends=False)
    return [
        [part for one in band for part in (parted([one], edges) if len(one.plain) <= _SHORT else [one])]
        for band in bands
    ]


def rows_within(bands: Sequence[Band], columns: Sequence[Span]) -> list[list[Cell]] | None:
    """
    Make rows of bands in known columns without lines between the rows.

    Returns
    -------
    list of list of Cell or None
        None if the bands are not rows: few fill several columns, or no column has figures.

    """
    cells = [_cells(band, columns) for band in bands]
    several = sum(len({column for column, _, _ in row}) > 1 for row in cells)
    crossing = sum(span > 1 for row in cells for _, span, _ in row)
    by_column: dict[int, list[bool]] = {}
    for row in cells:
        for column, _, one in row:
            by_column.setdefault(column, []).append(is_figure(one.plain))
    figures = any(len(flags) >= 3 and 2 * sum(flags) > len(flags) for flags in by_column.values())
    if len(bands) < 3 or not figures or 4 * several < len(bands) or 3 * crossing > sum(map(len, cells)):
        return None
    return [_row([cells[number] for number in group], len(columns)) for group in _rows(bands, cells, ())]


def _columns(bands: Sequence[Band]) -> list[Span]:
    """Return the extent of each column; fragments that span several columns are ignored."""
    fragments = [(one, number) for number, band in enumerate(bands) for one in band]
    fullest = sorted(range(len(bands)), key=lambda number: -len(bands[number]))[:_LOOKED_AT]
    spans: list[Span] = []
    for one, number in sorted(fragments, key=lambda pair: pair[0].left):
        if _spans(one, number, bands, fullest):
            continue
        if spans and one.left < spans[-1][1] + 0.05 * one.size:
            spans[-1] = (spans[-1][0], max(spans[-1][1], one.right))
        else:
            spans.append((one.left, one.right))
    return spans or [(min(one.left for one, _ in fragments), max(one.right for one, _ in fragments))]


def _spans(one: Fragment, number: int, bands: Sequence[Band], fullest: Sequence[int]) -> bool:
    """Tell whether a fragment overlaps two or more fragments of another band that has more of them."""
    for band in (bands[place] for place in fullest):
        if len(band) <= len(bands[number]):
            continue
        below = [other for other in band if other.left < one.right - 1 and one.left + 1 < other.right]
        if len(below) > 1 and all(right.left - left.right >= 0.5 * GAP * one.size for left, right in pairwise(below)):
            return True
    return False


def _cells(band: Band, columns: Sequence[Span]) -> list[tuple[int, int, Fragment]]:
    """Return each fragment with the first of its columns, and how many it spans."""
    found = []
    for one in band:
        over = [place for place, (left, right) in enumerate(columns) if one.left < right - 1 and left + 1 < one.right]
        if not over:
            middle = (one.left + one.right) / 2
            over = [min(range(len(columns)), key=lambda place: abs(sum(columns[place]) / 2 - middle))]
        found.append((over[0], over[-1] - over[0] + 1, one))
    return found


_Cells = list[tuple[int, int, "Fragment"]]


def _rows(bands: Sequence[Band], cells: Sequence[_Cells], rules: Sequence[Rule]) -> list[list[int]]:
    """Return which bands make up each row."""
    if len(bands) < 2:
        return [list(range(len(bands)))]
    bases = [max(one.base for one in band) for band in bands]
    steps = [upper - lower for upper, lower in pairwise(bases)]
    left, right = min(band[0].left for band in bands), max(band[-1].right for band in bands)
    across = [rule for rule in rules if rule.level and min(rule.right, right) - max(rule.left, left) > 0]
    ruled = [_rule_between(across, bases[place], bases[place + 1], left, right) for place in range(len(steps))]
    by_rules = sum(ruled) >= 3 and 3 * (sum(ruled) + 1) >= len(bands)
    width = max(len(row) for row in cells)
    if by_rules:
        return _groups(len(bands), lambda place: ruled[place] or not _may_go_on(cells[place], cells[place + 1], width))
    by_steps = _by_steps(steps, bands, cells, width)
    if by_steps is not None:
        return by_steps

    def begins(place: int) -> bool:
        tight = steps[place] <= _TIGHT * bands[place][0].size
        return ruled[place] or not (tight and _goes_on(cells[place], cells[place + 1]))

    return _groups(len(bands), begins)


def _groups(count: int, begins: Callable[[int], bool]) -> list[list[int]]:
    """Return groups of bands; a new one begins behind each band for which ``begins`` is true."""
    groups = [[0]]
    for place in range(count - 1):
        if begins(place):
            groups.append([])
        groups[-1].append(place + 1)
    return groups


def _by_steps(
    steps: Sequence[float], bands: Sequence[Band], cells: Sequence[_Cells], width: int
) -> list[list[int]] | None:
    """Return which bands make up each row if lines within a row are closer than rows, else None."""
    least, most = min(steps), max(steps)
    if most < _SPREAD * least or least > _TIGHT * bands[0][0].size or all(len(row) == width for row in cells):
        return None
    border = (least + min(most, 2 * least)) / 2
    groups = _groups(
        len(bands),
        lambda place: steps[place] > border or not _may_go_on(cells[place], cells[place + 1], width),
    )
    # No cell holds two figures, one below the other.
    for group in groups:
        figures = [column for number in group for column, _, one in cells[number] if is_figure(one.plain)]
        if len(figures) != len(set(figures)):
            return None
    return groups


def _rule_between(rules: Sequence[Rule], upper: float, lower: float, left: float, right: float) -> bool:
    return any(
        rule.level
        and lower + 1 < rule.bottom < upper
        and min(rule.right, right) - max(rule.left, left) > 0.6 * (right - left)
        for rule in rules
    )


def _may_go_on(above: _Cells, below: _Cells, width: int) -> bool:
    """Tell whether a line may continue the cells of the line above, if the distance of lines says so."""
    return not (len(above) == width and len(below) == width and any(is_figure(one.plain) for _, _, one in below))


def _goes_on(above: _Cells, below: _Cells) -> bool:
    """Tell whether a line continues the cells of the line above: words below words that do not begin a row."""
    filled = {column for column, _, _ in above}
    if len(below) >= len(above) or any(column not in filled or is_figure(one.plain) for column, _, one in below):
        return False
    if any(column == 0 for column, _, _ in below):
        return all(one.plain[0].islower() for column, _, one in below if column == 0)
    return True


def _row(lines: Sequence[_Cells], width: int) -> list[Cell]:
    texts: dict[int, list[str]] = {}
    pieces: dict[int, list[Piece]] = {}
    spans: dict[int, int] = {}
    headers: dict[int, bool] = {}
    for line in lines:
        for column, span, one in line:
            texts.setdefault(column, []).append(text_of(one.pieces, one.base, one.size))
            pieces.setdefault(column, []).extend(one.pieces)
            spans[column] = max(spans.get(column, 1), span)
    row: list[Cell] = []
    column = 0
    while column < width:
        span = spans.get(column, 1)
        # Text of another line within this span is a cell of its own.
        span = next((step for step in range(1, span) if column + step in texts), span)
        row.append(
            PageCell(
                joined(texts.get(column, [])),
                columns=min(span, width - column),
                header=headers.get(column, False),
                pieces=tuple(pieces.get(column, ())),
            )
        )
        column += span
    return row


def _ruled_off(bands: Sequence[Band], groups: Sequence[Sequence[int]], rules: Sequence[Rule]) -> bool:
    """Tell whether the first row alone is set off by a line below it."""
    if len(groups) < 3:
        return False
    left, right = min(band[0].left for band in bands), max(band[-1].right for band in bands)

    def ruled(place: int) -> bool:
        upper = min(one.base for number in groups[place] for one in bands[number])
        lower = max(one.base for number in groups[place + 1] for one in bands[number])
        return _rule_between(rules, upper, lower, left, right)

    return ruled(0) and not any(ruled(place) for place in range(1, len(groups) - 2))
