"""
The sentences that a draft of the model points at, item by item.

A small model that is asked for the numbers of the sentences that answer counts them up, whichever they are. Asked to
answer, it takes its words from those that do; they are looked for in the sentences it read, part by part.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from index.text.locale import alternatives
from rag.composing.pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rag.grounding.anchoring import Anchor
    from rag.types import EvidenceSentence

# A part whose sentence holds less of its words was made up, or put together of several.
LEAST_SHARE = 0.5
MOST_PARTS = 20
_BETWEEN = re.compile(
    rf"\n+|[;,]\s+|(?<=[^\d\s][.!?])\s+(?=[A-ZÄÖÜ\d-])|\s+(?i:{alternatives('questions.joining')})\s+"
)
_MARK = re.compile(r"^\W*(?:\d{1,2}[.)]\s+)?")


def parts(draft: str) -> list[str]:
    r"""
    Return the parts of a draft: items, points or sentences, each once; a model that knows no more repeats itself.

    Examples
    --------
    >>> parts("- Ascend 910B\n- Ascend 910C und CloudMatrix\n- Ascend 910B")
    ['Ascend 910B', 'Ascend 910C', 'CloudMatrix']

    """
    found = (_MARK.sub("", part).strip() for part in _BETWEEN.split(draft))
    return list(dict.fromkeys(part for part in found if re.search(r"\w", part)))[:MOST_PARTS]


def repeats(draft: str) -> bool:
    """Tell whether the last finished part of a draft was said before: nothing new comes after it."""
    found = [part for one in _BETWEEN.split(draft)[:-1] if re.search(r"\w", part := _MARK.sub("", one).strip())]
    return len(found) != len(set(found))


def pointed(places: Iterable[Anchor | None], read: Sequence[EvidenceSentence]) -> list[Piece]:
    """
    Return the sentences that a draft's parts were found in, each once, in the order of the parts.

    Parameters
    ----------
    places
        Of each part, None where it stands nowhere.
    read
        The sentences that the places count in.

    """
    found: dict[int, Piece] = {}
    for place in places:
        if place is not None and place.share >= LEAST_SHARE:
            piece = found.get(place.sentence, Piece(read[place.sentence]))
            found[place.sentence] = replace(piece, words=tuple(_merged([*piece.words, *place.words])))
    return list(found.values())


def _merged(ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield ranges in order, those that touch as one."""
    last: tuple[int, int] | None = None
    for start, end in sorted(ranges):
        if last is not None and start <= last[1]:
            last = last[0], max(last[1], end)
        else:
            if last is not None:
                yield last
            last = start, end
    if last is not None:
        yield last
