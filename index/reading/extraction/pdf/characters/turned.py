"""Turn places on a page to the direction of a text, so that every text runs from left to right."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.reading.extraction.pdf.types import Box

_STRAIGHT = 8  # degrees off a right angle that still count as one: scans are a little askew


@dataclass(frozen=True, slots=True)
class Turn:
    """
    A direction of text on a page.

    Parameters
    ----------
    degrees
        Counterclockwise, from 0 to 359; rounded to a right angle if it nearly is one.

    """

    degrees: int

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return how far a point is along the text, and how high."""
        if self.degrees == 0:
            return x, y
        if self.degrees == 90:
            return y, -x
        if self.degrees == 180:
            return -x, -y
        if self.degrees == 270:
            return -y, x
        angle = math.radians(self.degrees)
        return x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)

    def box(self, box: Box) -> Box:
        """Return a box in the coordinates of the direction."""
        if self.degrees == 0:
            return box
        left, bottom, right, top = box
        corners = [self.place(x, y) for x in (left, right) for y in (bottom, top)]
        along, high = [corner[0] for corner in corners], [corner[1] for corner in corners]
        return min(along), min(high), max(along), max(high)


def turn_of(a: float, b: float) -> Turn:
    """Return the direction of text whose matrix begins with these two."""
    if b == 0 and a >= 0:
        return UPRIGHT
    degrees = math.degrees(math.atan2(b, a)) % 360
    straight = round(degrees / 90) * 90
    return Turn(straight % 360 if abs(degrees - straight) <= _STRAIGHT else round(degrees) % 360)


UPRIGHT = Turn(0)
