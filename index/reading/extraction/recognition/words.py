"""Make paragraphs of the words that Tesseract reads, each with its place and confidence."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from index.reading.extraction.seams import seam, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_COLUMNS = 12
_WORD = 5  # level of a word in the program's table; those of pages, blocks, paragraphs and lines are lower
# Confidence out of 100. Below these it is mostly dirt, a picture or a stamp; for print it is above 80.
_LEAST_OF_WORD = 20.0
_LEAST_OF_PARAGRAPH = 45.0
_ENDS = (".", "!", "?", ":", "…", "“", "”", "«", "»", '"')
_PITCH = 1.3  # times the usual distance of lines; a gap between paragraphs is wider
_INDENT = 2.0  # heights of a line


class Word(NamedTuple):
    """A word: the numbers of its paragraph and line, its confidence (0 to 100), and its place in pixels."""

    paragraph: tuple[int, int, int]
    line: int
    sure: float
    text: str
    left: int = 0
    top: int = 0
    width: int = 0
    height: int = 0


class _Line(NamedTuple):
    text: str
    left: int
    right: int
    bottom: float
    height: float

    def starts_beside(self, other: _Line, *, upside_down: bool) -> bool:
        """Tell whether two lines begin at about the same place."""
        apart = other.right - self.right if upside_down else other.left - self.left
        return abs(apart) <= _INDENT * self.height


@dataclass(frozen=True, slots=True)
class Read:
    """
    What was read of a page.

    Parameters
    ----------
    paragraphs
        In reading order, each in one line.
    unsure
        Number of words that were left out because their confidence is too low.

    """

    paragraphs: tuple[str, ...]
    unsure: int


def words(table: str) -> Iterator[Word]:
    """Yield the words of the program's table (TSV); other lines are skipped."""
    for row in table.splitlines():
        cells = row.split("\t", _COLUMNS - 1)
        if len(cells) < _COLUMNS or cells[0] != str(_WORD) or not cells[-1].strip():
            continue
        try:
            page, block, paragraph, line, _, left, top, width, height = (int(cell) for cell in cells[1:10])
            yield Word((page, block, paragraph), line, float(cells[10]), cells[-1].strip(), left, top, width, height)
        except ValueError:
            continue


def read(found: Iterable[Word]) -> Read:
    """Make paragraphs of words; hyphens at line ends are removed if they divide a word."""
    paragraphs: list[list[_Line]] = []
    unsure = 0
    for _, group in groupby(found, key=lambda word: word.paragraph):
        every = list(group)
        kept = [word for word in every if word.sure >= _LEAST_OF_WORD]
        if not kept or sum(word.sure for word in kept) / len(kept) < _LEAST_OF_PARAGRAPH:
            unsure += len(every)
            continue
        unsure += len(every) - len(kept)
        paragraphs.append([_line(list(line)) for _, line in groupby(kept, key=lambda word: word.line)])
    paragraphs = _mended(paragraphs)
    known = words_of(line.text for lines in paragraphs for line in lines)
    return Read(tuple(_joined([line.text for line in lines], known) for lines in paragraphs), unsure)


def _line(line: Sequence[Word]) -> _Line:
    text = " ".join(word.text for word in line)
    bottom = median(word.top + word.height for word in line)
    left, right = min(word.left for word in line), max(word.left + word.width for word in line)
    return _Line(text, left, right, bottom, max(word.height for word in line))


def _mended(paragraphs: Sequence[list[_Line]]) -> list[list[_Line]]:
    """Join paragraphs that the program separates at a short line in the middle of a sentence."""
    pitches = [below.bottom - above.bottom for lines in paragraphs for above, below in pairwise(lines)]
    usual = median(pitches) if pitches else 0  # below zero on a page that lay upside down
    found: list[list[_Line]] = []
    for lines in paragraphs:
        last, first = found[-1][-1] if found else None, lines[0]
        goes_on = (
            last is not None
            and not last.text.endswith(_ENDS)
            and usual != 0
            and 0 < (first.bottom - last.bottom) / usual <= _PITCH
            and first.starts_beside(found[-1][0], upside_down=usual < 0)
        )
        if goes_on:
            found[-1] += lines
        else:
            found.append(list(lines))
    return found


def _joined(lines: Sequence[str], known: frozenset[str]) -> str:
    text = lines[0]
    for line in lines[1:]:
        text = seam(text, line, known) + line
    return text
