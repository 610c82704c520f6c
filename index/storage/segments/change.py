"""What is handed to whoever writes a segment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.storage.segments.picture import Picture


@dataclass(frozen=True, slots=True)
class Change:
    """
    What a new segment changes.

    Parameters
    ----------
    before
        The generation that it is made from; None where nothing of that counts.
    kept
        How many of its segments, the oldest, stay; the new one takes the place of the others.
    removed
        Ids of the documents that count no more from now on.
    added
        Documents from this id on were not there before.

    """

    before: Picture | None = None
    kept: int = 0
    removed: Sequence[int] = ()
    added: int = 0
