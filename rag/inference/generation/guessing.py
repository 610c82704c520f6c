"""
Guess the next tokens of a reply, so that one run of the model checks several of them.

A model that is asked for the exact words of a text copies them: its last tokens are usually followed by what follows
them in the text (prompt lookup). Wrong guesses are thrown away, so that every token is the model's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# How many last tokens must stand in the text, and how many of those that follow there are guessed. A run over four
# tokens takes 1.4 times as long as a run over one, over eight 2.1 times (python -m bench.speed.speculation).
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
        Most tokens to return.

    Returns
    -------
    What follows the reply's last tokens at their first place in the prompt; nothing if they do not stand there.

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
