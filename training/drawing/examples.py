"""Examples: pairs of texts that belong together, and what the reader should say of each."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """
    What the reader reads in one pass, and what it should say.

    Attributes
    ----------
    first
        The question, or the sentence to be carried.
    title, second
        The passage's title (may be empty) and its text.
    label
        Whether the passage answers or carries it.
    spans
        Places of the answers in `second`, in characters; the whole answer first, its items after it.

    """

    first: str
    title: str
    second: str
    label: bool
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Example:
    """
    Pairs that belong together.

    Attributes
    ----------
    kind
        ``question``: the first answers, the others do not. ``group``: passages of one question, the label is that
        of all together. ``carry``: sentences, each with its label.
    pairs
        One to four.

    """

    kind: str
    pairs: tuple[Pair, ...]


def items(text: str, start: int, end: int) -> tuple[tuple[int, int], ...]:
    """
    Split an answer that is an enumeration into its items.

    Parameters
    ----------
    text
        A passage.
    start, end
        The answer in it, in characters.

    Returns
    -------
    tuple[tuple[int, int], ...]
        The items' places, without what joins them; the whole answer's if it is no enumeration of at least three.

    """
    joints = list(
        re.finditer(r"\s*,\s+(?:(?:und|oder|and|or|og) )?|\s+(?:und|oder|sowie|and|or|og)\s+", text[start:end])
    )
    if len(joints) < 2 or any(joint.start() == 0 for joint in joints):
        return ((start, end),)
    edges = [start, *(start + place for joint in joints for place in joint.span()), end]
    parts = list(zip(edges[::2], edges[1::2], strict=True))
    if any(right - left > 45 or right <= left for left, right in parts):
        return ((start, end),)
    return tuple(parts)


def carry(text: str, title: str, passage: str, other: Pair) -> Example:
    """
    Make an example of a sentence that is carried.

    Parameters
    ----------
    text, title, passage
        The sentence, the passage's title and the passage that carries it.
    other
        The pair that is not carried.

    Returns
    -------
    Example
        The carried pair first.

    """
    return Example("carry", (Pair(text, title, passage, label=True), other))
