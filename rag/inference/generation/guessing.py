"""
Guess the tokens that a reply goes on with, so that one run of the model checks several of them.

A model that is asked for the exact words of a text copies them: behind its last tokens comes, as a rule, what stands
behind them in the text (prompt lookup). What is guessed wrong is thrown away, so that every token is the model's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# So many last tokens must stand in the text, so many that follow there are guessed. A run over four tokens takes 1.4
# times as long as one over one, over eight 2.1 times (python -m bench.speed.speculation).
_GUESSES = ((2, 7), (1, 3))


def guessed(read: Sequence[int], written: Sequence[int], most: int) -> list[int]:
    """
    Return the tokens that probably follow.

    Parameters
    ----------
    read
        The prompt, in which the likeliest text stands first.
    written
        The reply so far.
    most
        No more are wanted.

    Returns
    -------
    What follows the reply's last tokens where the prompt first has them; nothing where it does not.

    Examples
    --------
    >>> guessed([5, 6, 7, 8, 9], [1, 6, 7], 20)
    [8, 9]

    """
    for count, length in _GUESSES:
        last = list(written[-count:])
        if len(last) < count or most <= 0:
            continue
        for start in range(len(read) - count):
            if read[start] == last[0] and list(read[start : start + count]) == last:
                return list(read[start + count : start + count + min(length, most)])
    return []
