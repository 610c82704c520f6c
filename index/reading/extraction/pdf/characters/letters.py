"""Read the visible words of a page, each with its place."""

from __future__ import annotations

import ctypes
import math
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from index.reading.extraction.pdf.calls import Numbers, address, call, text_of
from index.reading.extraction.pdf.characters.turned import Turn, turn_of
from index.reading.extraction.pdf.types import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from index.reading.extraction.pdf.characters.hidden import Visibility
    from index.reading.extraction.pdf.types import Box

# PDFium writes 0x2 or 0xFFFE for a hyphen at the end of a line, which the next line may follow directly.
_WORD = re.compile("[^\\s\x00-\x01\x03-\x1f\x02\ufffe]+[\x02\ufffe]?|[\x02\ufffe]")
_HYPHEN = re.compile("[\x02\ufffe]")
_LEAST_SHARE, _MOST_SHARE = 0.4, 2.5  # of the height of a letter's box: a size beyond these is in another unit
_LEAST_BLANK = 0.1  # sizes
_BOLD = re.compile(rb"bold|black|heavy|-bd|semib|demi")


class _Run(NamedTuple):
    """How letters are set: their direction, base line and size, and the box of the first."""

    turn: Turn
    base: float
    size: float
    box: Box


class Letters:
    """
    The letters of a page.

    Parameters
    ----------
    textpage
        The text of a page of pypdfium2, which must be open.
    seen
        Tells which letters are visible.

    """

    def __init__(self, textpage: Any, seen: Visibility) -> None:
        from pypdfium2 import raw  # noqa: PLC0415 - an extra

        self._raw = raw
        self._textpage = textpage
        self._page = address(textpage)
        self._seen = seen
        self._runs: dict[int, _Run] = {}
        self._last = _Run(Turn(0), 0.0, 0.0, (0.0, 0.0, 0.0, 0.0))
        self._fonts: dict[int, bool] = {}
        self._rect = Numbers(ctypes.c_float)
        self._matrix = raw.FS_MATRIX()
        self._matrix_at = ctypes.addressof(self._matrix)
        self._object_of = call("FPDFText_GetTextObject")
        self._box_of = call("FPDFText_GetLooseCharBox")
        self._matrix_of = call("FPDFText_GetMatrix")
        self._size_of = call("FPDFText_GetFontSize")
        self._font_of = call("FPDFTextObj_GetFont")

    def box(self, place: int) -> Box:
        """Return the box of a letter by its place in the file."""
        self._box_of(self._page, place, self._rect.at[0])
        left, top, right, bottom = self._rect.values
        return left, bottom, right, top

    def pieces(self) -> Mapping[Turn, list[Piece]]:
        """Return the words in the order of the file, by the direction in which they are set."""
        found: dict[Turn, list[Piece]] = defaultdict(list)
        end = 0
        run = 0
        object_of, page, seen = self._object_of, self._page, self._seen
        for match in _WORD.finditer(text_of(self._textpage)):
            first, last = match.start(), match.end() - 1
            spaced = first > end or first == 0
            end = last + 1
            run = object_of(page, first) or run
            box = self.box(first)
            if run and seen.shows(run, first, box) and seen.always_shows(run):
                if last == first:
                    turn, piece = self._piece(run, match[0], first, box, box, spaced=spaced)
                    found[turn].append(piece)
                    continue
                if (object_of(page, last) or run) == run:
                    turn, piece = self._piece(run, match[0], first, box, self.box(last), spaced=spaced)
                    found[turn].append(piece)
                    continue
            for turn, piece in self._parts(match[0], first, run, spaced=spaced):
                found[turn].append(piece)
        return {turn: pieces if turn.degrees == 0 else _without_blanks(pieces) for turn, pieces in found.items()}

    def _parts(self, word: str, first: int, run: int, *, spaced: bool) -> Iterator[tuple[Turn, Piece]]:
        """Yield the parts of a word that is set in several runs, without letters that are not visible."""
        begin = -1  # the first letter of the current part within the word
        part: _Run | None = None
        begins = ends = (0.0, 0.0, 0.0, 0.0)
        begin_run = 0
        for number in range(len(word)):
            place = first + number
            run = self._object_of(self._page, place) or run
            box = self.box(place)
            look = self._run(run, place, box) if run and self._seen.shows(run, place, box) else None
            if part is not None and (look is None or look[:3] != part[:3]):
                yield self._piece(begin_run, word[begin:number], first + begin, begins, ends, spaced=spaced)
                spaced, part = False, None
            if look is not None and part is None:
                begin, begin_run, begins, part = number, run, box, look
            ends = box
        if part is not None:
            yield self._piece(begin_run, word[begin:], first + begin, begins, ends, spaced=spaced)

    def _piece(self, run: int, word: str, place: int, box: Box, end: Box, *, spaced: bool) -> tuple[Turn, Piece]:
        turn, base, size, _ = self._run(run, place, box)
        if turn.degrees:
            box, end = turn.box(box), turn.box(end)
        text = _HYPHEN.sub("-", word)
        if not text.isascii():
            # PDFium may give characters beyond the basic plane as pairs of surrogates.
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        left, right = min(box[0], end[0]), max(box[2], end[2])
        return turn, Piece(text, left, right, base, size, place, spaced, run, self._bold(run))

    def _run(self, run: int, place: int, box: Box) -> _Run:
        look = self._runs.get(run)
        if look is not None:
            return look
        last = self._last
        if last.turn.degrees == 0 and last.box[1] == box[1] and last.box[3] == box[3]:
            # Some programs set each letter separately; it looks like the one before it.
            self._runs[run] = last
            return last
        matrix = self._matrix
        if not self._matrix_of(self._page, place, self._matrix_at):
            return _Run(Turn(0), box[1], max(1.0, box[3] - box[1]), box)
        turn = turn_of(matrix.a, matrix.b)
        _, bottom, _, top = turn.box(box)
        size = self._size_of(self._page, place) * math.hypot(matrix.c, matrix.d)
        if not _LEAST_SHARE * (top - bottom) <= size <= _MOST_SHARE * (top - bottom):
            size = (top - bottom) / 1.16 or 1.0
        base = turn.place(matrix.e, matrix.f)[1]
        look = self._last = self._runs[run] = _Run(turn, base, size, box)
        return look

    def _bold(self, run: int) -> bool:
        font = self._font_of(run)
        if not font:
            return False
        known = self._fonts.get(font)
        if known is None:
            raw = self._raw
            name = ctypes.create_string_buffer(128)
            raw.FPDFFont_GetBaseFontName(ctypes.cast(font, raw.FPDF_FONT), name, 128)
            known = self._fonts[font] = _BOLD.search(name.value.lower()) is not None
        return known


def _without_blanks(pieces: list[Piece]) -> list[Piece]:
    """Remove blanks without width: PDFium finds them between letters that are not upright."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if last is not None and piece.spaced and abs(last.base - piece.base) < 0.1 * piece.size:
            gap = piece.left - last.right
            if -0.2 * piece.size < gap < _LEAST_BLANK * piece.size:
                found[-1] = last._replace(text=last.text + piece.text, right=piece.right)
                continue
        found.append(piece)
    return found
