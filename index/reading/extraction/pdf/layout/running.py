"""Leave out running heads and page numbers, which are repeated at the edges of pages and add nothing to the text."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from index.reading.extraction.pdf.layout.bands import bands
from index.text import locale

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from index.reading.extraction.pdf.types import Box, Fragment

_EDGE_BANDS = 2  # lines at the top and at the bottom of a page that may be running heads
_MOST_BANDS = 4  # the same if all lines further out are running heads
_MOST_NUMBER = 40  # characters of a page's number with the words around it
_NUMBER = re.compile(r"\d{1,6}|(?=[ivxlc])c{0,3}(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})")
_PAGE, _OF = locale.alternatives("files.page"), rf"(?:{locale.alternatives('files.page_of')}|/)"
_WORDED = re.compile(
    rf"{_PAGE}\s*[-–—]*\s*\d{{1,4}}\s*(?:{_OF}\s*\d{{1,4}})?|\d{{1,4}}\s*{_OF}\s*\d{{1,4}}", re.IGNORECASE
)
_BEHIND_WORD = re.compile(rf"\b{_PAGE}$", re.IGNORECASE)
_BARE = re.compile(r"[-–—|·•\s]*(" + _NUMBER.pattern + r")[-–—|·•\s]*")
_DIGITS = re.compile(r"\d+")
_MARGIN = 0.17  # of a page's height: running heads are closer to the edge
_SET_OFF = 1.9  # least sizes from the text to the number of the only page
_SAME_PLACE = 2.0  # points
_NEXT_ROW = 2.4  # most sizes from the names of columns to the first row


class _Edge(NamedTuple):
    """A fragment at the edge of a page; ``alone`` tells whether nothing is beside it."""

    page: int
    fragment: Fragment
    text: str
    alone: bool


class Edged(NamedTuple):
    """The fragments of a page without running heads, and those running heads at its foot that are read once."""

    text: list[Fragment]
    foot: list[Fragment]


def without_running_heads(pages: Sequence[Sequence[Fragment]], boxes: Sequence[Box]) -> list[Edged]:
    """
    Return the fragments of all pages without page numbers and running heads, which are at the edge of most pages.

    A line with different figures on each page is not a running head, unless these count the pages. One with the same
    figures on all pages is read once.

    Parameters
    ----------
    pages
        The fragments of each page.
    boxes
        The box of each page.

    """
    if len(pages) < 2:
        return [Edged(_unnumbered(page, box), []) for page, box in zip(pages, boxes, strict=True)]
    layers = [_layers(number, page, box) for number, (page, box) in enumerate(zip(pages, boxes, strict=True))]
    edges = [edge for layer in layers for side in layer for band in side for edge in band]
    body = Counter(round(one.size, 1) for page in pages for one in page for _ in one.pieces)
    size = body.most_common(1)[0][0] if body else 0.0
    outermost = [edge for layer in layers for side in layer for band in side[:1] for edge in band]
    gone = {id(edge.fragment) for edge in _running(edges, outermost, len(pages), size)}
    dropped: set[int] = set()
    for layer in layers:
        for side in layer:
            for depth, band in enumerate(side):
                if depth >= _EDGE_BANDS and not all(
                    id(edge.fragment) in dropped for outer in side[:depth] for edge in outer
                ):
                    break
                dropped |= {id(edge.fragment) for edge in band if id(edge.fragment) in gone}
    once = _once([edge for edge in edges if id(edge.fragment) in dropped], len(pages))
    # At the top of the first page it cannot interrupt a text.
    tops = {id(edge.fragment) for layer in layers[:1] for band in layer[0] for edge in band}
    feet = once - tops
    return [
        Edged(
            [one for one in page if id(one) not in dropped or id(one) in once - feet],
            [one for one in page if id(one) in feet],
        )
        for page in pages
    ]


def _unnumbered(page: Sequence[Fragment], box: Box) -> list[Fragment]:
    """Return the fragments of the only page without its number, which is alone at its foot, far below the text."""
    rows = bands(page)
    if len(rows) < 2 or len(rows[-1]) > 1:
        return list(page)
    one = rows[-1][0]
    text = " ".join(one.plain.split())
    bare = _BARE.fullmatch(text)
    is_number = _WORDED.fullmatch(text.strip("-–—|·• ")) is not None or (bare is not None and _value(bare[1]) == 1)
    set_off = min(other.base for other in rows[-2]) - one.base > _SET_OFF * one.size
    at_the_foot = one.base - box[1] <= _MARGIN * (box[3] - box[1])
    return [other for other in page if other is not one] if is_number and set_off and at_the_foot else list(page)


def _once(edges: Sequence[_Edge], count: int) -> set[int]:
    """Return the first of the running heads with the same figures on several pages; of two pages, of all heads."""
    by_text: dict[str, list[_Edge]] = defaultdict(list)
    for edge in edges:
        if (
            (count == 2 or _DIGITS.search(edge.text))
            and not _WORDED.fullmatch(edge.text)
            and not _BARE.fullmatch(edge.text)
        ):
            by_text[edge.text].append(edge)
    return {id(same[0].fragment) for same in by_text.values() if len({edge.page for edge in same}) > 1}


def _layers(number: int, page: Sequence[Fragment], box: Box) -> list[list[list[_Edge]]]:
    """Return the outer bands of a page, from the top down and from the bottom up."""
    rows = bands(page)
    found = []
    for order in (rows, rows[::-1]):
        side = []
        for depth, band in enumerate(order[:_MOST_BANDS]):
            if abs(box[3 if order is rows else 1] - band[0].base) > _MARGIN * (box[3] - box[1]):
                break
            inner = order[depth + 1] if depth + 1 < len(order) else None
            if order is rows and inner is not None and _is_header(band, inner):
                break
            side.append([_Edge(number, one, " ".join(one.plain.split()), len(band) == 1) for one in band])
        found.append(side)
    return found


def _is_header(band: Sequence[Fragment], inner: Sequence[Fragment]) -> bool:
    """Tell whether a band names the columns of a table, which each page repeats."""
    drop = band[0].base - inner[0].base
    return min(len(band), len(inner)) > 1 and drop <= _NEXT_ROW * max(band[0].size, inner[0].size)


def _running(edges: Sequence[_Edge], outermost: Sequence[_Edge], count: int, size: float) -> Iterable[_Edge]:
    yield from _repeated(edges, count) if count > 2 else _on_both(outermost)
    yield from _numbers(edges)
    yield from _counting(edges, count, size)


def _repeated(edges: Sequence[_Edge], count: int) -> Iterable[_Edge]:
    """Yield the lines that are at the edge of most pages, or of most right or left ones."""
    by_text: dict[str, list[_Edge]] = defaultdict(list)
    for edge in edges:
        by_text[edge.text].append(edge)
    for same in by_text.values():
        pages = {edge.page for edge in same}
        sides = [sum(page % 2 == side for page in pages) for side in (0, 1)]
        most = 2 * len(pages) > count or any(4 * side > count and other == 0 for side, other in (sides, sides[::-1]))
        if len(pages) >= 3 and most:
            yield from same


def _on_both(edges: Sequence[_Edge]) -> Iterable[_Edge]:
    """Yield the lines that are at the same place on both of two pages; they are read once, see `_once`."""
    by_text: dict[str, list[_Edge]] = defaultdict(list)
    for edge in edges:
        by_text[edge.text].append(edge)
    for same in by_text.values():
        places = {(edge.page, round(edge.fragment.left), round(edge.fragment.base)) for edge in same}
        if len(places) == 2 and len({place[0] for place in places}) == 2:
            (_, left, base), (_, other, high) = places
            if abs(left - other) <= _SAME_PLACE and abs(base - high) <= _SAME_PLACE:
                yield from same


def _numbers(edges: Sequence[_Edge]) -> Iterable[_Edge]:
    """Yield page numbers: those with a word beside them, or that count with the pages."""
    bare: list[tuple[_Edge, int]] = []
    for edge in edges:
        if len(edge.text) > _MOST_NUMBER:
            continue
        if _WORDED.fullmatch(edge.text.strip("-–—|·• ")):
            yield edge
        elif found := _BARE.fullmatch(edge.text):
            bare.append((edge, _value(found[1])))
    offsets: dict[int, set[int]] = defaultdict(set)
    for edge, value in bare:
        offsets[value - edge.page].add(edge.page)
    for edge, value in bare:
        offset = value - edge.page
        if len(offsets[offset]) >= 2 or (offset == 1 and edge.alone):
            yield edge


def _value(number: str) -> int:
    if number.isdigit():
        return int(number)
    values = [{"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}[letter] for letter in number]
    return sum(-one if one < following else one for one, following in zip(values, [*values[1:], 0], strict=True))


def _counting(edges: Sequence[_Edge], count: int, size: float) -> Iterable[_Edge]:
    """Yield lines that are the same on most pages except for the number of the page."""
    by_mask: dict[str, list[_Edge]] = defaultdict(list)
    for edge in edges:
        if _DIGITS.search(edge.text) and edge.fragment.size <= 1.05 * size:
            by_mask[_DIGITS.sub("#", edge.text)].append(edge)
    for mask, same in by_mask.items():
        pages = {edge.page for edge in same}
        if mask == "#" or len(pages) < 3 or 2 * len(pages) <= count:
            continue
        places = [list(_DIGITS.finditer(edge.text)) for edge in same]
        counting = 0
        steady = True
        for slot in range(len(places[0])):
            values = [int(found[slot][0][:9]) for found in places]
            if len(set(values)) == 1:
                continue
            offsets = {value - edge.page for value, edge in zip(values, same, strict=True)}
            steady &= len(offsets) == 1 and all(
                _is_page_number(edge, found[slot]) for edge, found in zip(same, places, strict=True)
            )
            counting += 1
        if steady and counting == 1:
            yield from same


def _is_page_number(edge: _Edge, number: re.Match[str]) -> bool:
    """Tell whether a number may be a page's: behind the word for it, or set off by a sign. "Station 1" is a name."""
    before, after = edge.text[: number.start()].rstrip(), edge.text[number.end() :].lstrip()
    if _BEHIND_WORD.search(before):
        return True
    if after and before:
        return False
    parted = re.search(r"[-–—|·•/]$", before) if before else re.match(r"[-–—|·•/]", after)
    return parted is not None
