"""Read lines that run from right to left: Arabic, Hebrew and other scripts."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.reading.extraction.pdf.types import Piece

_LEFTWARD = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_RIGHTWARD = re.compile(r"[^\W\d_]")


def runs_leftward(text: str) -> bool:
    """Tell whether most letters of a line belong to scripts that are read from right to left."""
    leftward = len(_LEFTWARD.findall(text))
    return leftward > 0 and 2 * leftward > len(_RIGHTWARD.findall(text))


def read_leftward(pieces: Sequence[Piece]) -> str:
    """
    Return the words of a line from right to left; figures and words of other scripts keep their own order.

    Parameters
    ----------
    pieces
        From left to right.

    """
    words: list[str] = []
    for leftward, run in groupby(reversed(pieces), key=lambda piece: _LEFTWARD.search(piece.text) is not None):
        texts = [piece.text for piece in run]
        words += texts if leftward else reversed(texts)
    return " ".join(words)
