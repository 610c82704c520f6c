"""The input for writing a segment."""

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
        The generation that it is made from; None if nothing of an earlier generation counts.
    kept
        Number of its oldest segments that stay; the new one replaces the others.
    removed
        Ids of the documents that no longer count from now on.
    added
        Lowest id of a new document.

    """

    before: Picture | None = None
    kept: int = 0
    removed: Sequence[int] = ()
    added: int = 0
