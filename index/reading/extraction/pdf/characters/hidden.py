"""Tell which letters of a PDF page nobody can see: invisible, white on white, tiny, or outside the page."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, NamedTuple

from index.reading.extraction.pdf.calls import Numbers, address, call
from index.reading.extraction.pdf.characters.drawn import WHITE

if TYPE_CHECKING:
    from index.reading.extraction.pdf.characters.drawn import Drawing
    from index.reading.extraction.pdf.types import Box

_INVISIBLE = 3  # the text rendering mode
_FILLED = {0, 4}  # modes in which the fill colour alone makes the letters
_LEAST_HEIGHT = 1.0  # points

# A page with more coloured shapes is a drawing or a map: white letters are common on it, and finding the shape below
# each would take seconds.
_MOST_BACKGROUNDS = 2000


class _Look(NamedTuple):
    """How the letters of one text object are drawn; their places matter if it is white or begins outside the page."""

    shown: bool
    white: bool
    outside: bool


class Visibility:
    """
    Tells which letters of a page are visible.

    Text recognition writes its text invisibly below the picture of a scanned page; so invisible text counts if an image
    fills most of the page. White text counts wherever something that is not white lies under it, or might.

    Parameters
    ----------
    page, textpage
        The page and its text of pypdfium2, which must be open.
    drawing
        What is drawn on the page.

    """

    def __init__(self, page: Any, textpage: Any, drawing: Drawing) -> None:
        self._textpage = address(textpage)
        self._page: Box = page.get_bbox()
        self._looks: dict[int, _Look] = {}
        self._drawing = drawing
        self._last_background: Box | None = None
        self._colour = Numbers(ctypes.c_uint)
        self._mode_of = call("FPDFTextObj_GetTextRenderMode")
        self._fill_of = call("FPDFText_GetFillColor")

    def shows(self, run: int, place: int, box: Box) -> bool:
        """
        Tell whether a letter is visible.

        Parameters
        ----------
        run
            The address of its text object.
        place
            Its number on the page.
        box
            Its box on the page.

        """
        look = self._looks.get(run)
        if look is None:
            look = self._looks[run] = self._look(run, place, box)
        if not look.shown or not (look.white or look.outside):
            return look.shown
        if look.outside and not _touch(box, self._page):
            return False
        return not look.white or self._on_a_background(box)

    def always_shows(self, run: int) -> bool:
        """Tell whether all letters of a text object are visible; `shows` must have been called for one of them."""
        look = self._looks[run]
        return look.shown and not (look.white or look.outside)

    def _on_a_background(self, box: Box) -> bool:
        backgrounds = self._drawing.backgrounds
        if len(backgrounds) > _MOST_BACKGROUNDS:
            return True
        if self._last_background is None or not _touch(box, self._last_background):
            # The next letter is most likely on the same background.
            self._last_background = next((background for background in backgrounds if _touch(box, background)), None)
        return self._last_background is not None

    def _look(self, run: int, place: int, box: Box) -> _Look:
        mode = self._mode_of(run)
        filled = mode in _FILLED and self._fill_of(self._textpage, place, *self._colour.at) != 0
        red, green, blue, alpha = self._colour.values
        white = filled and red >= WHITE and green >= WHITE and blue >= WHITE
        shown = (mode != _INVISIBLE or self._drawing.scanned) and not (filled and alpha == 0)
        return _Look(shown and box[3] - box[1] >= _LEAST_HEIGHT, white, not _touch(box, self._page))


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
