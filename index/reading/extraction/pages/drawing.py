"""Draw a page as a picture of bounded size, and convert places in the file to places on it."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.limits import LONGEST_SIDE, MOST_PIXELS
from index.reading.extraction.pages.types import Rectangle
from index.reading.extraction.types import ExtractionError

if TYPE_CHECKING:
    from index.reading.extraction.pdf.types import Box

_SCALE = 2.0  # pixels per point: sharp on a screen of twice the usual density
_DIGITS = 2


@dataclass(frozen=True, slots=True)
class View:
    """
    How a page is shown.

    Parameters
    ----------
    box
        The visible part of the page in the coordinates of the file: left, bottom, right, top.
    quarters
        How often it is turned clockwise by 90 degrees.

    """

    box: Box
    quarters: int

    @property
    def width(self) -> float:
        """Width in points."""
        return self.box[3] - self.box[1] if self.quarters % 2 else self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        """Height in points."""
        return self.box[2] - self.box[0] if self.quarters % 2 else self.box[3] - self.box[1]

    def seen(self, box: Box) -> Rectangle:
        """Return where a box of the file is shown, cut at the edges of the page."""
        left, bottom, right, top = self.box
        x0, y0 = min(max(box[0], left), right), min(max(box[1], bottom), top)
        x1, y1 = min(max(box[2], left), right), min(max(box[3], bottom), top)
        found = (
            (x0 - left, top - y1, x1 - left, top - y0),
            (y0 - bottom, x0 - left, y1 - bottom, x1 - left),
            (right - x1, y0 - bottom, right - x0, y1 - bottom),
            (top - y1, right - x1, top - y0, right - x0),
        )[self.quarters % 4]
        return Rectangle(*(round(one, _DIGITS) for one in found))


def view_of(page: Any) -> View:
    """
    Return how a page of pypdfium2 is shown.

    Raises
    ------
    ExtractionError
        If it has no size.

    """
    box = tuple(page.get_bbox())
    view = View((box[0], box[1], box[2], box[3]), page.get_rotation() // 90)
    if not all(map(math.isfinite, box)) or view.width <= 0 or view.height <= 0:
        raise ExtractionError("a page without a size.", hint="Print it to a new PDF.")
    return view


def picture(page: Any, view: View) -> tuple[bytes, tuple[int, int]]:
    """Return a page as a PNG, with its width and height in pixels."""
    scale = min(
        _SCALE,
        math.sqrt(MOST_PIXELS / view.width / view.height),
        LONGEST_SIDE / max(view.width, view.height),
    )
    bitmap = page.render(scale=scale, may_draw_forms=True)
    try:
        image = bitmap.to_pil()
        out = io.BytesIO()
        image.convert("RGB").quantize(64, dither=0).save(out, "PNG") if _is_plain(image) else image.save(out, "PNG")
        return out.getvalue(), (image.width, image.height)
    finally:
        bitmap.close()


def _is_plain(image: Any) -> bool:
    """Tell whether a picture has few colours, as pages of text have."""
    return image.convert("RGB").getcolors(4096) is not None
