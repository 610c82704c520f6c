"""Find the character on a page that each letter of its text was read from."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from index.limits import MOST_ALIGNED
from index.reading.extraction.pages.alignment import matches
from index.reading.extraction.pages.glyphs import letters_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from index.reading.extraction.pages.glyphs import CellPlace, PageGlyphs

_LONGEST_GAP = 300  # most letters between two matched words that are matched one by one
_WHOLE = 2 / 3  # least share of a word's letters that must be found: the page may have drawn some in another way
_ACCENTS = frozenset("¨´`ˇ˚˜¸^˙")
_NEXT_TO = 4  # words next to matched ones that are matched letter by letter in later rounds
_MOVED = 3  # rounds in which the rest of both sides is matched: text may be elsewhere on the page than in the document
_LEAST_MOVED = 2  # adjacent words that must match in later rounds


class Letter(NamedTuple):
    """A letter and its place: the offset of its character in a text, or its number among a page's characters."""

    letter: str
    place: int


class Word(NamedTuple):
    """Adjacent letters: the numbers of the first and of the one behind the last."""

    text: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Side:
    """The letters and words of a text or a page."""

    letters: Sequence[Letter]
    words: Sequence[Word]


def of_text(text: str) -> Side:
    """Return the letters and words of a text; any other character separates words."""
    return _side((found, place, None) for place, one in enumerate(text) for found in _letters(one))


def of_page(page: PageGlyphs) -> Side:
    """Return the letters and words of a page."""
    return _side((found, place, one.word) for place, one in enumerate(page.glyphs) for found in _letters(one.text))


def _letters(character: str) -> str:
    """Return the letters of a character, empty for a separate accent, a blank for what separates words."""
    return letters_in(character) or ("" if character in _ACCENTS else " ")


def _side(items: Iterable[tuple[str, int, int | None]]) -> Side:
    letters: list[Letter] = []
    words: list[Word] = []
    first, last = 0, None

    def close() -> None:
        if len(letters) > first:
            words.append(Word("".join(one.letter for one in letters[first:]), first, len(letters)))

    for letter, place, word in items:
        if letter == " " or word != last:
            close()
            first, last = len(letters), word
        if letter != " ":
            letters.append(Letter(letter, place))
    close()
    return Side(letters, words)


def matched(text: Side, page: Side) -> dict[int, int]:
    """
    Return the letter of the page for each letter of a text that was found, both by their numbers.

    Words are matched in order, and between them letters, because words may be divided on the page. Text that is in
    another place on the page, such as a footnote, is matched in further rounds with what is left.
    """
    found: dict[int, int] = {}
    texts, pages = list(text.words), list(page.words)
    for turn in range(_MOVED):
        if not texts or not pages or len(texts) * len(pages) > MOST_ALIGNED:
            break
        pairs = matches([one.text for one in texts], [one.text for one in pages], [len(one.text) for one in texts])
        if turn:
            pairs = [pair for run in _runs(pairs) if len(run) >= _LEAST_MOVED for pair in run]
        if not pairs:
            break
        for left, right in pairs:
            _join(found, texts[left], pages[right])
        for left_gap, right_gap in _between(pairs, len(texts), len(pages)):
            left_words, right_words = texts[left_gap], pages[right_gap]
            if turn == 0:
                _match_letters(found, text, page, left_words, right_words)
                continue
            _match_letters(found, text, page, left_words[:_NEXT_TO], right_words[:_NEXT_TO])
            if len(left_words) > _NEXT_TO:
                _match_letters(found, text, page, left_words[-_NEXT_TO:], right_words[-_NEXT_TO:])
        taken = set(found.values())
        texts = [one for one in texts if one.first not in found]
        pages = [one for one in pages if not taken.intersection(range(one.first, one.last))]
    return found


def _join(found: dict[int, int], left: Word, right: Word) -> None:
    found.update(zip(range(left.first, left.last), range(right.first, right.last), strict=True))


def _runs(pairs: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Yield runs of pairs that are adjacent on both sides."""
    run: list[tuple[int, int]] = []
    for pair in pairs:
        if run and pair != (run[-1][0] + 1, run[-1][1] + 1):
            yield run
            run = []
        run.append(pair)
    if run:
        yield run


def _between(pairs: Sequence[tuple[int, int]], texts: int, pages: int) -> Iterator[tuple[slice, slice]]:
    """Yield the ranges between two matched words on both sides."""
    before = (-1, -1)
    for pair in [*pairs, (texts, pages)]:
        if pair[0] > before[0] + 1 and pair[1] > before[1] + 1:
            yield slice(before[0] + 1, pair[0]), slice(before[1] + 1, pair[1])
        before = pair


def _match_letters(found: dict[int, int], text: Side, page: Side, texts: Sequence[Word], pages: Sequence[Word]) -> None:
    left = range(texts[0].first, texts[-1].last)
    right = range(pages[0].first, pages[-1].last)
    if max(len(left), len(right)) > _LONGEST_GAP:
        return
    pairs = matches(
        [text.letters[number].letter for number in left],
        [page.letters[number].letter for number in right],
        [1] * len(left),
    )
    partner = {left[one]: right[other] for one, other in pairs}
    for word in texts:
        here = [number for number in range(word.first, word.last) if number in partner]
        longest = max((run for run in _in_a_row(here, partner)), key=len, default=[])
        if len(longest) >= _WHOLE * (word.last - word.first):
            found.update((number, partner[number]) for number in longest)


def _in_a_row(numbers: Sequence[int], partner: dict[int, int]) -> Iterator[list[int]]:
    """Yield runs of letters that are adjacent on both sides."""
    for _, run in groupby(enumerate(numbers), key=lambda one: (one[1] - one[0], partner[one[1]] - one[0])):
        yield [number for _, number in run]


def with_names(
    found: dict[int, int], text: Side, page: Side, cells: Sequence[CellPlace], breaks: Sequence[int]
) -> dict[int, int]:
    """
    Return the matches with those of column names, which each row of a table repeats although the page has them once.

    Parameters
    ----------
    found
        From `matched`.
    text, page
        See `matched`.
    cells
        The cells of the page's tables.
    breaks
        Offsets of the text's line breaks.

    """
    if not cells:
        return found
    more = dict(found)
    names = _Names(page, cells)
    line_of = _lines(text, breaks)
    for _, words in groupby(text.words, key=lambda word: line_of[word.first]):
        row = list(words)
        known = [more[word.first] for word in row if word.first in more]
        # The row's own cells are the lowest; the names are above them.
        home = max((cell for one in known if (cell := names.cell_of(one)) is not None), default=None)
        if home is None:
            continue
        place = 0
        while place < len(row):
            if row[place].first in more:
                place += 1
                continue
            value = next((names.cell_of(more[word.first]) for word in row[place:] if word.first in more), None)
            place = names.take(more, row, place, home, value)
    return more


def _lines(text: Side, breaks: Sequence[int]) -> list[int]:
    lines: list[int] = []
    line = 0
    for letter in text.letters:
        while line < len(breaks) and breaks[line] < letter.place:
            line += 1
        lines.append(line)
    return lines


class _Names:
    """The cells of a page's tables by their text."""

    def __init__(self, page: Side, cells: Sequence[CellPlace]) -> None:
        self._page = page
        self._cells = cells
        self._by_text: dict[str, list[int]] = {}
        self._longest = 0
        self._letters: dict[int, range] = {}
        self._owner: dict[int, int] = {}
        by_glyph: dict[int, list[int]] = {}
        for number, letter in enumerate(page.letters):
            by_glyph.setdefault(letter.place, []).append(number)
        for number, cell in enumerate(cells):
            letters = [one for place in range(cell.first, cell.last) for one in by_glyph.get(place, ())]
            if letters:
                self._letters[number] = range(letters[0], letters[-1] + 1)
                spelled = "".join(page.letters[one].letter for one in letters)
                self._by_text.setdefault(spelled, []).append(number)
                self._longest = max(self._longest, len(spelled))
                self._owner.update(dict.fromkeys(letters, number))

    def cell_of(self, letter: int) -> int | None:
        """Return the cell that holds a letter of the page."""
        return self._owner.get(letter)

    def take(self, found: dict[int, int], row: Sequence[Word], place: int, home: int, value: int | None) -> int:
        """Match the words from ``place`` on with a cell of the same text in or above the row; return the next place."""
        best: tuple[tuple[int, float, int], int, int] | None = None
        own = self._cells[home if value is None else value]
        spelled = ""
        for end in range(place, len(row)):
            if row[end].first in found:
                break
            spelled += row[end].text
            if len(spelled) > self._longest:
                break
            for number in self._above(home, spelled):
                # The longest name, then the one above the value, then the nearest.
                cell = self._cells[number]
                over = min(cell.right, own.right) - max(cell.left, own.left)
                rank = len(spelled), min(over, 1.0), number
                if best is None or rank > best[0]:
                    best = rank, number, end
        if best is None:
            return place + 1
        _, number, end = best
        letters = iter(self._letters[number])
        for word in row[place : end + 1]:
            for letter in range(word.first, word.last):
                found[letter] = next(letters)
        return end + 1

    def _above(self, home: int, spelled: str) -> Iterator[int]:
        own = self._cells[home]
        for number in self._by_text.get(spelled, ()):
            cell = self._cells[number]
            if cell.table == own.table and cell.row <= own.row:
                yield number
