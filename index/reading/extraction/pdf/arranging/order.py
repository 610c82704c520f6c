"""Put the content of all pages in reading order, and tell which pages could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, groupby, islice
from typing import TYPE_CHECKING

from index.reading.extraction.pdf.arranging.regions import Reading
from index.reading.extraction.pdf.characters.garbled import MOST_READ, is_garbled
from index.reading.extraction.pdf.characters.lines import text_of
from index.reading.extraction.pdf.layout import aside
from index.reading.extraction.pdf.layout.footnotes import parted
from index.reading.extraction.pdf.layout.paragraphs import Measures, measured
from index.reading.extraction.pdf.layout.running import Edged, without_running_heads
from index.reading.extraction.pdf.types import Line
from index.reading.extraction.types import ExtractionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from index.reading.extraction.pdf.page import Page
    from index.reading.extraction.pdf.types import Block, Fragment

_LEAST_TEXT = 20  # characters; a file with fewer in all holds pictures of text
# The least that it takes to judge a page of a file that is mostly gibberish.
_FEW_LETTERS = 30
_FEW_PAIRS = 12
_SAMPLE = 200  # least characters of each page by which a file is judged
_ONE_PAGE = 150  # pairs of letters; with fewer, a page among good ones might only hold names and codes


@dataclass(frozen=True, slots=True)
class Order:
    """
    The content of all pages.

    Parameters
    ----------
    blocks
        Lines and tables in reading order.
    notes
        The lines of each page's footnotes.
    usual
        The usual measures of the file.
    unread
        The pages that could not be read, one line for each reason.
    scanned
        Numbers, from 1, of the unread pages that text recognition may read.

    """

    blocks: Sequence[Block]
    notes: Mapping[int, Sequence[Line]]
    usual: Measures
    unread: tuple[str, ...]
    scanned: tuple[int, ...] = ()


def ordered(pages: Sequence[Page]) -> Order:
    """
    Put the content of all pages in reading order.

    Raises
    ------
    ExtractionError
        If there is no text, or only gibberish.

    """
    texts = [_text(page) for page in pages]
    if len(list(islice(filter(str.isalnum, chain.from_iterable(texts)), _LEAST_TEXT))) < _LEAST_TEXT:
        raise ExtractionError(
            "a PDF without text, probably scanned.", hint="Run text recognition (OCR) over it first.", kind="scanned"
        )
    garbled = _garbled(texts)
    if garbled.issuperset(number for number, text in enumerate(texts) if text.strip()):
        raise ExtractionError(
            "a PDF whose letters are mapped to wrong characters, so that its text is gibberish.",
            hint="Run text recognition (OCR) over it first, or save it again from its program.",
            kind="garbled",
        )
    fragments = [
        page.parts[0].fragments if page.parts and number not in garbled else [] for number, page in enumerate(pages)
    ]
    boxes = [page.parts[0].box if page.parts else (0.0, 0.0, 1.0, 1.0) for page in pages]
    heads = without_running_heads(fragments, boxes)
    if not any(one.text for one in heads):  # if all pages hold only the same lines, these are the text
        heads = [Edged(list(one), []) for one in fragments]
    by_page: list[list[Block]] = []
    beside: list[Sequence[Sequence[Fragment]]] = []
    flow = 0
    for number, page in enumerate(pages):
        reading = Reading(number, flow)
        column, margin = aside.parted(heads[number].text)
        beside.append(margin)
        for place, part in enumerate(() if number in garbled else page.parts):
            reading.begin(part, column if place == 0 else part.fragments)
        flow = reading.flow + 1
        by_page.append(reading.blocks)
    usual = measured([block for blocks in by_page for block in blocks])
    found: list[Block] = []
    notes: dict[int, Sequence[Line]] = {}
    for number, blocks in enumerate(by_page):
        text, under = parted(blocks, usual.body, pages[number].parts[0].rules if pages[number].parts else ())
        found += aside.inserted(text, beside[number], number) if beside[number] else text
        feet = [_line(one, number) for one in heads[number].foot]
        if under or feet:
            notes[number] = [*under, *feet]
    scanned = sorted(garbled.union(n for n, text in enumerate(texts) if not text.strip() and pages[n].pictured))
    unread = tuple(_unread(pages, texts, garbled))
    return Order(found, notes, usual, unread, tuple(number + 1 for number in scanned))


def _line(one: Fragment, page: int) -> Line:
    # Each of these lines is a flow of its own, which no other line continues.
    text = text_of(one.pieces, one.base, one.size)
    return Line(text, page, one.left, one.right, one.base, one.size, -id(one), pieces=one.pieces)


def _text(page: Page) -> str:
    """Return all words of a page, in the order of the file."""
    words = [piece.text for part in page.parts for one in part.fragments for piece in one.pieces]
    words += [cell.text for part in page.parts for _, table in part.tables for row in table.rows for cell in row]
    return " ".join(words)


def _garbled(texts: Sequence[str]) -> set[int]:
    """Return the pages that are gibberish; those too short to tell count if all others of the file are gibberish."""
    sample = max(_SAMPLE, MOST_READ // max(1, len(texts)))
    if not is_garbled(" ".join(text[:sample] for text in texts)):
        return {number for number, text in enumerate(texts) if is_garbled(text, least=_ONE_PAGE)}
    found = {number for number, text in enumerate(texts) if is_garbled(text, least=_FEW_PAIRS)}
    good = any(_letters(text) >= _FEW_LETTERS for number, text in enumerate(texts) if number not in found)
    return found if good else set(range(len(texts)))


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)


def _unread(pages: Sequence[Page], texts: Sequence[str], garbled: set[int]) -> Iterator[str]:
    """Yield lines that name the pages without text, or without text that can be read."""
    empty = [number for number, text in enumerate(texts) if not text.strip()]
    for pictured, reason in ((True, "without text, only a picture"), (False, "without text")):
        yield from _said([number for number in empty if pages[number].pictured == pictured], reason)
    yield from _said(sorted(garbled), "with letters that are mapped to wrong characters")


def _said(pages: Iterable[int], reason: str) -> Iterator[str]:
    """Yield a line for each run of pages."""
    for _, run in groupby(enumerate(pages), key=lambda pair: pair[1] - pair[0]):
        numbers = [number + 1 for _, number in run]
        which = f"page {numbers[0]}" if len(numbers) == 1 else f"pages {numbers[0]}-{numbers[-1]}"
        yield f"{which}: {reason}"
