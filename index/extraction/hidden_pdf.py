"""Tell which letters of a PDF page nobody would see: invisible, white on white, tiny, or beside the page."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

_INVISIBLE = 3  # the text rendering mode
_FILLED = {0, 4}  # modes in which the fill colour alone makes the letters
_WHITE = 250  # of 255
_LEAST_HEIGHT = 1.0  # points
_SCAN = 0.5  # share of the page that an image covers where the page is one

# A page of more coloured shapes is a drawing or a map, on which white letters are common, and looking for what lies below
# each would take seconds.
_MOST_GROUNDS = 2000

Box = tuple[float, float, float, float]  # left, bottom, right, top


@dataclass(frozen=True, slots=True)
class _Look:
    """How the letters of one text object are drawn; where they stand matters if it is white or begins off the page."""

    shown: bool
    white: bool
    outside: bool


class Visibility:
    """
    The letters of a page that can be seen.

    What text recognition writes below the picture of a scanned page is invisible too, and is what one reads; so
    invisible text counts where an image fills most of the page. White text counts wherever something that is not
    white lies under it, or might.

    Parameters
    ----------
    page, textpage
        Of pypdfium2; to be used while both are open.

    """

    def __init__(self, page: Any, textpage: Any) -> None:
        from pypdfium2 import raw  # noqa: PLC0415 - an extra

        self._raw = raw
        self._textpage = textpage
        self._page: Box = page.get_bbox()
        self._looks: dict[int, _Look] = {}
        self._grounds: list[Box] = []
        self._last_ground: Box | None = None
        self._scanned = False
        self._look_at_grounds(page)

    def shows(self, place: int) -> bool:
        """Tell whether a character can be seen, by its number on the page; what PDFium has put in itself can."""
        pointer = self._raw.FPDFText_GetTextObject(self._textpage, place)
        if not pointer:
            return True
        key = ctypes.addressof(pointer.contents)
        look = self._looks.get(key)
        if look is None:
            look = self._looks[key] = self._look(pointer, place)
        if not look.shown or not (look.white or look.outside):
            return look.shown
        box = self._textpage.get_charbox(place, loose=True)
        if look.outside and not _touch(box, self._page):
            return False
        return not look.white or self._on_a_ground(box)

    def _on_a_ground(self, box: Box) -> bool:
        if len(self._grounds) > _MOST_GROUNDS:
            return True
        if self._last_ground is None or not _touch(box, self._last_ground):
            # The next letter most likely stands on the same.
            self._last_ground = next((ground for ground in self._grounds if _touch(box, ground)), None)
        return self._last_ground is not None

    def _look(self, pointer: Any, place: int) -> _Look:
        mode = self._raw.FPDFTextObj_GetTextRenderMode(pointer)
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        coloured = self._raw.FPDFText_GetFillColor(self._textpage, place, red, green, blue, alpha)
        filled = bool(coloured) and mode in _FILLED
        white = filled and min(red.value, green.value, blue.value) >= _WHITE
        box = self._textpage.get_charbox(place, loose=True)
        shown = (mode != _INVISIBLE or self._scanned) and not (filled and alpha.value == 0)
        return _Look(shown and box[3] - box[1] >= _LEAST_HEIGHT, white, not _touch(box, self._page))

    def _look_at_grounds(self, page: Any) -> None:
        raw = self._raw
        left, bottom, right, top = self._page
        area = max(1.0, (right - left) * (top - bottom))
        for number in range(raw.FPDFPage_CountObjects(page)):
            thing = raw.FPDFPage_GetObject(page, number)
            kind = raw.FPDFPageObj_GetType(thing)
            if kind == raw.FPDF_PAGEOBJ_TEXT or (kind == raw.FPDF_PAGEOBJ_PATH and not self._colours(thing)):
                continue
            edges = [ctypes.c_float() for _ in range(4)]
            if not raw.FPDFPageObj_GetBounds(thing, *edges):
                continue
            box = (edges[0].value, edges[1].value, edges[2].value, edges[3].value)
            self._grounds.append(box)
            covered = _covered(box, self._page)
            self._scanned |= kind == raw.FPDF_PAGEOBJ_IMAGE and covered >= _SCAN * area

    def _colours(self, path: Any) -> bool:
        """Tell whether a path fills its inside with something else than white."""
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        if not self._raw.FPDFPath_GetDrawMode(path, fill, stroke) or not fill.value:
            return False
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        if not self._raw.FPDFPageObj_GetFillColor(path, red, green, blue, alpha):
            return True
        return alpha.value > 0 and min(red.value, green.value, blue.value) < _WHITE


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _covered(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, width) * max(0.0, height)
