"""Find notes in the margin: small or rare text beside the only column of a page is not part of the column's lines."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from index.reading.extraction.pdf.characters.lines import text_of
from index.reading.extraction.pdf.layout.bands import bands
from index.reading.extraction.pdf.types import Line
from index.reading.extraction.seams import joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.reading.extraction.pdf.types import Block, Fragment

_WORDS = 5  # least number of words in a line of the text
_LINES = 5  # least number of lines of the text
_SMALL = 0.93  # times the size of the text; notes are smaller, unless they are rare
_SELDOM = 0.15  # of the number of lines of the text; fewer notes are rare
_APART = 0.4  # sizes from the text
_PITCH = 1.7  # most sizes from line to line within a note
_LETTERS = 3  # least number in a note in the margin; a line number has none
_SHARE = 0.35  # most of the text's width


def parted(fragments: Sequence[Fragment]) -> tuple[list[Fragment], list[list[Fragment]]]:
    """
    Return the fragments of a page without the notes in its margins, and these notes, each as its lines.

    Parameters
    ----------
    fragments
        All fragments of the page. If it has several columns, there are no notes.

    """
    long = [one for one in fragments if len(one.pieces) >= _WORDS]
    if len(long) < _LINES or len(long) == len(fragments):
        return list(fragments), []
    left = Counter(round(one.left) for one in long).most_common(1)[0][0]
    column = [one for one in long if abs(one.left - left) <= 1]
    right = max(one.right for one in column)
    size = Counter(round(one.size, 1) for one in column).most_common(1)[0][0]
    apart = _APART * size
    if len(column) < _LINES or any(one.right < left - apart or one.left > right + apart for one in long):
        return list(fragments), []
    beside = [one for one in fragments if one.right < left - apart or one.left > right + apart]
    lowest, highest = min(one.base for one in column) - size, max(one.base for one in column) + size
    seldom = len(beside) <= _SELDOM * len(column)
    notes = [
        one
        for one in beside
        if lowest <= one.base <= highest
        and (one.size <= _SMALL * size or seldom)
        and sum(map(str.isalpha, one.plain)) >= _LETTERS
        and one.right - one.left <= _SHARE * (right - left)
    ]
    if not notes or len(notes) < len(beside) or len(notes) > len(column):
        return list(fragments), []
    taken = set(map(id, notes))
    return [one for one in fragments if id(one) not in taken], list(_together(notes))


def _together(notes: Sequence[Fragment]) -> Iterator[list[Fragment]]:
    """Yield the lines of each note, from the top down."""
    group: list[Fragment] = []
    for band in bands(notes):
        for one in band:
            if group and not (
                0 < group[-1].base - one.base <= _PITCH * one.size
                and one.left < group[-1].right
                and group[-1].left < one.right
            ):
                yield group
                group = []
            group.append(one)
    if group:
        yield group


def inserted(blocks: Sequence[Block], notes: Sequence[Sequence[Fragment]], page: int) -> list[Block]:
    """
    Return the blocks of a page with the notes in its margin, each before the line that it is beside.

    Parameters
    ----------
    blocks
        The blocks in reading order.
    notes
        See `parted`.
    page
        The page, from 0.

    """
    found = list(blocks)
    for note in notes:
        first = note[0]
        text = joined([text_of(one.pieces, one.base, one.size) for one in note])
        pieces = tuple(piece for one in note for piece in one.pieces)
        line = Line(text, page, first.left, first.right, first.base, first.size, -id(first), aside=True, pieces=pieces)
        place = next(
            (
                place
                for place, block in enumerate(found)
                if isinstance(block, Line) and not block.aside and block.base <= first.base + 0.5 * first.size
            ),
            len(found),
        )
        found.insert(place, line)
    return found
