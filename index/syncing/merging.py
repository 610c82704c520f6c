"""
Which segments a new one takes the place of.

A sync must cost what changed, and a search asks every segment. So new passages go into a segment of their own, which
takes the place of the latest ones as long as these are not much larger: each passage is written anew a few times only,
as often as its segment doubles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

SMALL = 1000
"""An index of so many passages is one segment."""
SHORT = 200
"""A segment of so many passages is taken over by the next one in any case."""
MOST_SEGMENTS = 8
_MOST_DEAD = 0.25


class Size(NamedTuple):
    """Of a segment, how many passages count, and how many no more."""

    alive: int
    dead: int


def kept(segments: Sequence[Size], fresh: int) -> int:
    """
    Return how many segments, the oldest, stay beside a new one.

    Parameters
    ----------
    segments
        The oldest first.
    fresh
        Passages to be added.

    """
    if sum(one.alive for one in segments) + fresh <= SMALL:
        return 0
    count, mass = len(segments), fresh
    while count and segments[count - 1].alive <= max(SHORT, 2 * mass):
        count -= 1
        mass += segments[count].alive
    count = min(count, MOST_SEGMENTS - 1)
    rotten = (place for place, one in enumerate(segments) if one.dead > _MOST_DEAD * (one.alive + one.dead))
    return min(count, next(rotten, count))
