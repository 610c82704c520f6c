"""Align two sequences that hold the same items in the same order, apart from items that only one of them has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

# A match is worth more the longer the word; each run of words that only one side has costs the same, however long.
# So a single short word between two such runs does not count as a match, and adjacent words are matched together.
_MATCH, _EACH, _LONGEST, _GAP = 30, 2, 10, 20
_NEVER = -(10**8)
_BEST, _OPENS_ALONG, _FROM_MATCH, _OPENS_DOWN, _MATCH_OR_ALONG = 3, 4, 8, 16, 32


def matches(left: Sequence[Hashable], right: Sequence[Hashable], lengths: Sequence[int]) -> list[tuple[int, int]]:
    """
    Return which items match, as pairs of their places, increasing on both sides.

    The best alignment is taken (Gotoh 1982, with a cost of gaps that does not depend on their length). It needs
    ``len(left) * len(right)`` bytes and steps.

    Parameters
    ----------
    left, right
        The two sequences.
    lengths
        Number of letters of each item on the left.

    """
    if not left or not right:
        return []
    codes: dict[Hashable, int] = {}
    down = np.array([codes.setdefault(one, len(codes)) for one in left])
    along = np.array([codes.setdefault(one, len(codes)) for one in right])
    worth = [_MATCH + _EACH * min(length, _LONGEST) for length in lengths]
    flags = np.zeros((len(left) + 1, len(right) + 1), np.uint8)
    width = len(right) + 1
    match, gap_along, gap_down = (np.full(width, _NEVER, np.int64) for _ in range(3))
    match[0] = 0
    gap_along[1:] = -_GAP
    flags[0] = _flags(match, gap_along, gap_down, match, gap_along)
    for row in range(1, len(left) + 1):
        before = match, gap_along, gap_down
        best = np.maximum(np.maximum(match, gap_along), gap_down)
        match = np.full(width, _NEVER, np.int64)
        match[1:] = np.where(along == down[row - 1], best[:-1] + worth[row - 1], _NEVER)
        gap_down = np.maximum(before[2], np.maximum(before[0], before[1]) - _GAP)
        gap_along = np.full(width, _NEVER, np.int64)
        gap_along[1:] = np.maximum.accumulate(np.maximum(match, gap_down)[:-1]) - _GAP
        flags[row] = _flags(match, gap_along, gap_down, *before[:2])
    return _traced(flags)


def _flags(match: _Row, along: _Row, down: _Row, match_above: _Row, along_above: _Row) -> _Bytes:
    """Return for each place where its three scores come from, for tracing back."""
    best = np.where(match >= np.maximum(along, down), 0, np.where(along >= down, 1, 2))
    opens_along = np.zeros(len(match), bool)
    opens_along[1:] = along[1:] == np.maximum(match, down)[:-1] - _GAP
    opens_down = down == np.maximum(match_above, along_above) - _GAP
    found: _Bytes = (
        best
        + _OPENS_ALONG * opens_along
        + _FROM_MATCH * (match >= down)
        + _OPENS_DOWN * opens_down
        + _MATCH_OR_ALONG * (match >= along)
    ).astype(np.uint8)
    return found


def _traced(flags: _Bytes) -> list[tuple[int, int]]:
    row, column = flags.shape[0] - 1, flags.shape[1] - 1
    state = int(flags[row, column]) & _BEST
    found: list[tuple[int, int]] = []
    while row > 0 and column > 0:
        here = int(flags[row, column])
        if state == 0:
            found.append((row - 1, column - 1))
            row, column = row - 1, column - 1
            state = int(flags[row, column]) & _BEST
        elif state == 1:
            column -= 1
            if here & _OPENS_ALONG:
                state = 0 if int(flags[row, column]) & _FROM_MATCH else 2
        else:
            row -= 1
            if here & _OPENS_DOWN:
                state = 0 if int(flags[row, column]) & _MATCH_OR_ALONG else 1
    found.reverse()
    return found


if TYPE_CHECKING:
    from numpy.typing import NDArray

    _Row = NDArray[np.int64]
    _Bytes = NDArray[np.uint8]
