"""
Leave out struck-out text: a line is drawn through the middle of its letters, and ends where they do.

A line below letters underlines them, and one that extends far beyond them belongs to a table or a drawing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from index.reading.extraction.pdf.types import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from index.reading.extraction.pdf.types import Box, Piece

# The range of heights of a line through small letters, in sizes above their base line.
_LOWEST, _HIGHEST = 0.12, 0.48
_BEYOND = 0.9  # most sizes that the line may extend beyond the letters on either side
_COVERED = 0.3  # least share of a letter's width
_EXACT = 0.08  # most sizes between the end of a line and that of the letters it was drawn for
_MUCH = 0.4  # least share of a word's letters
_THICKEST = 0.2  # sizes
_MOST_RULES = 2000  # a page with more is a drawing


def unstruck(pieces: Sequence[Piece], rules: Sequence[Rule], letter: Callable[[int], Box]) -> list[Piece]:
    """
    Return the words that are not struck out, or what is left of each.

    Parameters
    ----------
    pieces
        The words of one direction.
    rules
        Straight lines, in the coordinates of the same direction.
    letter
        Returns the box of a letter by its place in the file, in the same coordinates.

    """
    lines = [rule for rule in rules if rule.level]
    if not pieces or not lines or len(lines) > _MOST_RULES:
        return list(pieces)
    by_base = sorted(range(len(pieces)), key=lambda number: pieces[number].base)
    bases = [pieces[number].base for number in by_base]
    largest = max(piece.size for piece in pieces)
    left: dict[int, set[int]] = {}  # the struck-out letters of each piece, by its number
    for rule in lines:
        near = by_base[bisect_left(bases, rule.bottom - _HIGHEST * largest) : bisect_right(bases, rule.top)]
        touched = [number for number in near if _crosses(rule, pieces[number])]
        struck = {number: _letters(rule, pieces[number], letter) for number in touched}
        covered = [box for hits in struck.values() for box in hits.values()]
        if not covered:
            continue
        beyond = _BEYOND * pieces[touched[0]].size
        if min(box[0] for box in covered) - rule.left > beyond or rule.right - max(box[2] for box in covered) > beyond:
            continue
        for number, hits in struck.items():
            left.setdefault(number, set()).update(hits)
    if not left:
        return list(pieces)
    return [part for number, piece in enumerate(pieces) for part in _rest(piece, left.get(number, set()), letter)]


def through(box: Box) -> Rule:
    """Return the line that strikes out the text in a box."""
    middle = box[1] + 0.45 * (box[3] - box[1])
    return Rule(box[0], middle, box[2], middle)


def _crosses(rule: Rule, piece: Piece) -> bool:
    height = (rule.bottom + rule.top) / 2 - piece.base
    if not _LOWEST * piece.size <= height <= _HIGHEST * piece.size:
        return False
    thin = rule.top - rule.bottom <= _THICKEST * piece.size
    return thin and rule.left < piece.right and piece.left < rule.right


def _letters(rule: Rule, piece: Piece, letter: Callable[[int], Box]) -> dict[int, Box]:
    """Return the boxes of the letters that the line goes through, by their number in the word."""
    boxes = [letter(piece.order + number) for number in range(len(piece.text))]
    found = {
        number: box
        for number, box in enumerate(boxes)
        if min(rule.right, box[2]) - max(rule.left, box[0]) >= _COVERED * (box[2] - box[0]) > 0
    }
    if not found or len(found) == len(boxes):
        return found
    exact = _EXACT * piece.size
    first, last = boxes[min(found)], boxes[max(found)]
    begins = min(found) == 0 or abs(first[0] - rule.left) <= exact
    ends = max(found) == len(boxes) - 1 or abs(last[2] - rule.right) <= exact
    if begins and ends:
        return found
    # A line that begins or ends within a letter was not drawn for this letter, but for whole words.
    return dict(enumerate(boxes)) if len(found) >= _MUCH * len(boxes) else {}


def _rest(piece: Piece, struck: set[int], letter: Callable[[int], Box]) -> Iterator[Piece]:
    if not struck:
        yield piece
        return
    begin = 0
    for end in [*sorted(struck), len(piece.text)]:
        if end > begin:
            first, last = letter(piece.order + begin), letter(piece.order + end - 1)
            yield piece._replace(
                text=piece.text[begin:end], left=first[0], right=last[2], order=piece.order + begin, spaced=begin == 0
            )
        begin = end + 1
