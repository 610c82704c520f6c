"""Join lines into paragraphs and headings, across columns and pages, with footnotes behind them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from index.reading.extraction.pdf.layout.footnotes import mark_of
from index.reading.extraction.pdf.types import Line, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from index.reading.extraction.pdf.types import Block

HEADING_SIZE = 1.12  # times the size of the body
# Fonts of signs do not map these to Unicode: they come as codes for private use, or as control characters.
BULLET = re.compile(r"[-–•▪●◦‣∙·*■□○◆◇►▶➢➤✓✔❖]\s+(?=\S)|[\x80-\x9f\ue000-\uf8ff]\s+(?=[^\W\d_]{2})")
_NUMBERED = re.compile(r"\d{1,3}[.)]\s+(?=\S)")
_BOX = re.compile(r"[☐☒]\s")
# The number of a footnote may follow; "3.400" is not the end of a sentence.
_STOP = re.compile(r"(?:[.!?…:;](?!\d)|(?<!\d)[.!?…:;])[\"'“”‘’»«›‹)\]\d]*(?: \[[^\]]{1,12}\])*$")
_LARGER = 0.08  # share of a size; a greater difference is a change of size


@dataclass(frozen=True, slots=True)
class Paragraph:
    """
    The lines of a paragraph, heading or list item.

    Parameters
    ----------
    lines
        Its lines in order.
    notes
        The footnotes that are written behind it, each as its lines.

    """

    lines: tuple[Line, ...]
    notes: list[tuple[Line, ...]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Measures:
    """
    The usual measures of a file.

    Parameters
    ----------
    body
        The size of most of its text.
    pitch
        The distance from one line to the next, in sizes.

    """

    body: float
    pitch: float

    def is_heading(self, line: Line) -> bool:
        """Tell whether a line is set larger than the text and has letters."""
        return line.size > HEADING_SIZE * self.body and any(character.isalpha() for character in line.text)


def measured(blocks: Sequence[Block]) -> Measures:
    """Return the usual measures of lines and tables."""
    lines = [block for block in blocks if isinstance(block, Line)]
    weighed = sorted((one.size, len(one.text) if isinstance(one, Line) else one.letters) for one in blocks)
    half = sum(weight for _, weight in weighed) / 2
    passed = 0
    body = 0.0
    for size, weight in weighed:
        passed += weight
        if passed >= half:
            body = size
            break
    steps = [
        (above.base - line.base) / line.size
        for above, line in pairwise(lines)
        if above.page == line.page and line.size > 0 and 0 < above.base - line.base < 3 * line.size
    ]
    return Measures(body, median(steps) if steps else 1.4)


def paragraphs(
    blocks: Iterable[Block], notes: Mapping[int, Sequence[Line]], usual: Measures
) -> list[Paragraph | Table]:
    """
    Join lines into paragraphs.

    Parameters
    ----------
    blocks
        The blocks of all pages in reading order.
    notes
        The lines of each page's footnotes.
    usual
        See `measured`.

    """
    found = list(_grouped(blocks, usual))
    _with_notes(found, notes)
    return found


def _grouped(blocks: Iterable[Block], usual: Measures) -> Iterator[Paragraph | Table]:
    group: list[Line] = []
    beside: list[Line] = []  # notes in the margin, which are written behind the paragraph that they are beside
    margin = 0.0  # how far to the right the lines before the last one of the group reach
    for block in blocks:
        line = block if isinstance(block, Line) else None
        if line is not None and line.aside:
            beside.append(line)
            continue
        if line is None or not group or not _continues(group, margin, line, usual):
            if group:
                yield Paragraph(tuple(group))
            yield from (Paragraph((one,)) for one in beside)
            group, beside = [], []
        if isinstance(block, Table):
            yield block
            continue
        if group:
            moved = block.flow != group[-1].flow
            margin = group[-1].right if len(group) == 1 or moved else max(margin, group[-1].right)
        group.append(block)
    if group:
        yield Paragraph(tuple(group))
    yield from (Paragraph((one,)) for one in beside)


def _continues(group: Sequence[Line], margin: float, line: Line, usual: Measures) -> bool:
    """Tell whether a line continues the paragraph, or the heading, before it."""
    last = group[-1]
    if last.filled or line.filled:
        return False
    if BULLET.match(line.text) or _BOX.match(line.text) or (_NUMBERED.match(line.text) and _STOP.search(last.text)):
        return False
    # Superscripts and formulas change the height of a line too; a change of size only counts if one line is a heading.
    resized = abs(last.size - line.size) > _LARGER * max(last.size, 1.0)
    if resized and (usual.is_heading(last) or usual.is_heading(line)):
        return False
    drop = last.base - line.base
    full = len(group) > 1 and last.right > max(margin, last.right) - 0.15 * (last.right - last.left)
    if last.page != line.page or last.flow != line.flow or drop < -0.5 * line.size:  # the next page or column
        broken_off = full or line.text[0].islower() or last.text.endswith(("-", "\u00ad"))
        return broken_off and not _STOP.search(last.text) and not usual.is_heading(line)
    if drop > 1.3 * usual.pitch * max(line.size, 1.0):
        return False
    if usual.is_heading(line):
        return True
    first_line_indent = line.left > last.left + 0.7 * line.size
    return not (_STOP.search(last.text) and (first_line_indent or (len(group) > 1 and not full)))


def _with_notes(found: Sequence[Paragraph | Table], notes: Mapping[int, Sequence[Line]]) -> None:
    """Put each footnote behind the paragraph that refers to it, else behind the last one of its page."""
    by_page: dict[int, list[Paragraph]] = {}
    for one in found:
        if isinstance(one, Paragraph):
            for page in {line.page for line in one.lines}:
                by_page.setdefault(page, []).append(one)
    for page, lines in notes.items():
        here = by_page.get(page)
        if not here:
            continue
        for note in _notes(lines):
            mark = f"[{mark_of(note[0])}]"
            referring = (one for one in here if any(line.page == page and mark in line.text for line in one.lines))
            next(referring, here[-1]).notes.append(note)


def _notes(lines: Sequence[Line]) -> Iterator[tuple[Line, ...]]:
    """Yield footnotes one by one: each begins with a mark."""
    note: list[Line] = []
    for line in lines:
        fresh = bool(mark_of(line)) and (not note or not line.text[0].isalpha() or line.left < note[-1].left)
        if note and (fresh or line.flow != note[-1].flow):
            yield tuple(note)
            note = []
        note.append(line)
    if note:
        yield tuple(note)
