"""Find what is drawn on a page besides its text: areas on which letters may stand, pictures, and straight lines."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

from index.reading.extraction.pdf.calls import Numbers, address, call
from index.reading.extraction.pdf.types import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.reading.extraction.pdf.types import Box

WHITE = 250  # of 255
_SCAN = 0.5  # least share of the page that an image covers if the page is a scan
_THIN = 2.5  # points; anything thicker is an area
_LEAST = 3.0  # points; anything shorter is a dot
_MOST_SEGMENTS = 400  # of one path; a path with more is a drawing
_MOST_RULES = 6000  # of a page


class Drawing:
    """
    What is drawn on a page.

    Parameters
    ----------
    page
        The page of pypdfium2, which must be open.

    Attributes
    ----------
    backgrounds
        The boxes of pictures, and of filled paths that are not white.
    rules
        The straight lines that are not white, including thin areas and the sides of frames.
    pictured, scanned
        Whether there is a picture, and whether one covers most of the page.

    """

    def __init__(self, page: Any) -> None:
        from pypdfium2 import raw  # noqa: PLC0415 - an extra

        self._raw = raw
        self._floats = Numbers(ctypes.c_float)
        self._colour = Numbers(ctypes.c_uint)
        self._modes = Numbers(ctypes.c_int)
        self.backgrounds: list[Box] = []
        self.rules: list[Rule] = []
        self.pictured = self.scanned = False
        self._look_over(page)
        if len(self.rules) > _MOST_RULES:  # a drawing or a map
            self.rules = []

    def _look_over(self, page: Any) -> None:
        raw = self._raw
        shown: Box = page.get_bbox()
        area = max(1.0, (shown[2] - shown[0]) * (shown[3] - shown[1]))
        thing_at, type_of, where = call("FPDFPage_GetObject"), call("FPDFPageObj_GetType"), address(page)
        for number in range(raw.FPDFPage_CountObjects(page)):
            thing = thing_at(where, number)
            kind = type_of(thing)
            if kind == raw.FPDF_PAGEOBJ_TEXT or not thing:
                continue
            box = self._box(thing)
            if box is None:
                continue
            if kind == raw.FPDF_PAGEOBJ_PATH:
                self._path(thing, box)
                continue
            self.backgrounds.append(box)
            if kind == raw.FPDF_PAGEOBJ_IMAGE:
                self.pictured = True
                self.scanned |= _covered(box, shown) >= _SCAN * area

    def _box(self, thing: int) -> Box | None:
        if not call("FPDFPageObj_GetBounds")(thing, *self._floats.at):
            return None
        left, bottom, right, top = self._floats.values
        return left, bottom, right, top

    def _path(self, path: int, box: Box) -> None:
        modes = self._modes
        if not call("FPDFPath_GetDrawMode")(path, modes.at[0], modes.at[1]):
            return
        filled = modes.values[0] != 0 and self._inked(path, "FPDFPageObj_GetFillColor")
        stroked = modes.values[1] != 0 and self._inked(path, "FPDFPageObj_GetStrokeColor")
        if filled:
            self.backgrounds.append(box)
        if not (filled or stroked) or len(self.rules) > _MOST_RULES:
            return
        left, bottom, right, top = box
        if min(right - left, top - bottom) <= _THIN:
            if max(right - left, top - bottom) >= _LEAST:
                self.rules.append(Rule(left, bottom, right, top))
            return
        count = call("FPDFPath_CountSegments")(path)
        if not 2 <= count <= _MOST_SEGMENTS:
            return
        # A filled path is an area unless it consists of thin figures, such as the parts of a frame.
        self.rules += self._sides(path, count) if stroked else self._thin_parts(path, count) if count > 5 else ()

    def _inked(self, path: int, colour: str) -> bool:
        """Tell whether a path is drawn in a colour other than white, or might be."""
        if not call(colour)(path, *self._colour.at):
            return True
        red, green, blue, alpha = self._colour.values
        return bool(alpha > 0 and min(red, green, blue) < WHITE)

    def _points(self, path: int, count: int) -> Iterator[tuple[float, float, int, bool]]:
        """Yield the points of a path on the page, their segment types, and whether the figure closes behind each."""
        raw = self._raw
        handle = ctypes.cast(path, raw.FPDF_PAGEOBJECT)
        matrix = raw.FS_MATRIX(1, 0, 0, 1, 0, 0)
        raw.FPDFPageObj_GetMatrix(handle, matrix)
        x, y = ctypes.c_float(), ctypes.c_float()
        for number in range(count):
            segment = raw.FPDFPath_GetPathSegment(handle, number)
            if not segment or not raw.FPDFPathSegment_GetPoint(segment, x, y):
                return
            along = matrix.a * x.value + matrix.c * y.value + matrix.e
            high = matrix.b * x.value + matrix.d * y.value + matrix.f
            yield along, high, raw.FPDFPathSegment_GetType(segment), bool(raw.FPDFPathSegment_GetClose(segment))

    def _sides(self, path: int, count: int) -> Iterator[Rule]:
        start = last = (0.0, 0.0)
        for x, y, kind, closes in self._points(path, count):
            if kind == self._raw.FPDF_SEGMENT_MOVETO:
                start = x, y
            elif kind == self._raw.FPDF_SEGMENT_LINETO:
                yield from _side(last, (x, y))
            last = x, y
            if closes:
                yield from _side(last, start)

    def _thin_parts(self, path: int, count: int) -> Iterator[Rule]:
        """Yield the thin figures of a path as lines."""
        figures: list[list[tuple[float, float]]] = []
        for x, y, kind, _ in self._points(path, count):
            if kind == self._raw.FPDF_SEGMENT_MOVETO or not figures:
                figures.append([])
            figures[-1].append((x, y))
        for points in figures:
            along, high = [x for x, _ in points], [y for _, y in points]
            width, height = max(along) - min(along), max(high) - min(high)
            if len(points) >= 4 and min(width, height) <= _THIN and max(width, height) >= _LEAST:
                yield Rule(min(along), min(high), max(along), max(high))


def _side(one: tuple[float, float], other: tuple[float, float]) -> Iterator[Rule]:
    left, right = sorted((one[0], other[0]))
    bottom, top = sorted((one[1], other[1]))
    if min(right - left, top - bottom) <= 1 and max(right - left, top - bottom) >= _LEAST:
        yield Rule(left, bottom, right, top)


def _covered(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, width) * max(0.0, height)
