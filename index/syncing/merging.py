"""
Choose the segments that a new segment replaces.

The cost of a sync must depend on what changed, and a search has to ask every segment. So new passages go into a
segment of their own, which also replaces the latest ones as long as these are not much larger: each passage is
rewritten only a few times, as often as its segment doubles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

SMALL = 1000
"""An index of at most this many passages is one segment."""
SHORT = 200
"""A segment of at most this many passages is always taken over by the next one."""
MOST_SEGMENTS = 8
_MOST_DEAD = 0.25


class Size(NamedTuple):
    """Numbers of a segment's passages that count and that no longer count."""

    alive: int
    dead: int


def kept(segments: Sequence[Size], fresh: int) -> int:
    """
    Return how many of the oldest segments stay beside a new one.

    Parameters
    ----------
    segments
        Sizes of the segments, oldest first.
    fresh
        Number of passages to be added.

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
