"""Make rectangles that cover the cited characters and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.reading.extraction.pages.glyphs import letters_in
from index.reading.extraction.pages.matching import matched, of_page, of_text, with_names
from index.reading.extraction.pdf.characters.turned import Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from index.reading.extraction.pages.glyphs import Glyph, PageGlyphs
    from index.reading.extraction.pages.types import Rectangle
    from index.reading.extraction.pdf.types import Box


def marks(
    page: PageGlyphs, text: str, ranges: Sequence[tuple[int, int]], seen: Callable[[Box], Rectangle]
) -> tuple[tuple[Rectangle, ...], ...]:
    """
    Return for each range of a text the rectangles of its words, none if they are not on the page.

    Parameters
    ----------
    page
        The characters of the page.
    text
        The text that was read from it.
    ranges
        Half-open ranges of ``text``.
    seen
        Converts a box in the coordinates of the file to a place on the page as it is shown.

    """
    side, there = of_text(text), of_page(page)
    found = matched(side, there)
    breaks = [place for place, one in enumerate(text) if one == "\n"]
    found = with_names(found, side, there, page.cells, breaks)
    partner: dict[int, list[int]] = {}  # by offset in the text: characters of the page
    for letter, other in found.items():
        partner.setdefault(side.letters[letter].place, []).append(there.letters[other].place)
    return tuple(tuple(_rectangles(page, _marked(page, text, one, partner), seen)) for one in ranges)


def _marked(page: PageGlyphs, text: str, span: tuple[int, int], partner: dict[int, list[int]]) -> set[int]:
    """Return the characters of the page that a range covers, including signs before and behind its words."""
    start, end = span
    found = {glyph for place in range(start, end) for glyph in partner.get(place, ())}
    for place in range(start, end):
        for glyph in partner.get(place, ()):
            for step in (1, -1):
                _take_signs(page, text, (start, end), (place, glyph), step, found)
    return found


def _take_signs(
    page: PageGlyphs, text: str, span: tuple[int, int], at: tuple[int, int], step: int, found: set[int]
) -> None:
    place, glyph = at[0] + step, at[1] + step
    while span[0] <= place < span[1] and 0 <= glyph < len(page.glyphs):
        here = page.glyphs[glyph]
        if text[place].isspace() and not page.glyphs[glyph].text.isspace():
            place += step
            continue
        if letters_in(here.text) or here.text != text[place] or here.line != page.glyphs[at[1]].line:
            return
        found.add(glyph)
        place, glyph = place + step, glyph + step


def _rectangles(page: PageGlyphs, marked: set[int], seen: Callable[[Box], Rectangle]) -> Iterator[Rectangle]:
    for run in _runs(page.glyphs, marked):
        boxes = [one.box for one in run if one.box is not None]
        if not boxes:
            continue
        turn = page.turns[run[0].line]
        lefts, bottoms, rights, tops = zip(*boxes, strict=True)
        yield seen(Turn(-turn.degrees % 360).box((min(lefts), min(bottoms), max(rights), max(tops))))


def _runs(glyphs: Sequence[Glyph], marked: set[int]) -> Iterator[list[Glyph]]:
    """Yield runs of adjacent marked characters of a line; unmarked signs between them do not end a run."""
    run: list[Glyph] = []
    last = -1
    for number in sorted(marked):
        here = glyphs[number]
        apart = any(letters_in(one.text) for one in glyphs[last + 1 : number])
        broken = any(not one.follows for one in glyphs[last + 1 : number + 1])
        if run and (here.line != run[-1].line or apart or broken):
            yield run
            run = []
        run.append(here)
        last = number
    if run:
        yield run
