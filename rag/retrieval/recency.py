"""Prefer recent documents if a question asks for the latest."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from index.text.locale import alternatives

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from index.types import Document
    from rag.types import Hit

_NEWEST = re.compile(rf"\b{alternatives('questions.newest')}\b", re.IGNORECASE)
# Share of its score that the oldest source found for such a question loses. Small enough that a source about
# something else does not win by its date.
AGE_WEIGHT = 0.25


def asks_for_newest(question: str) -> bool:
    """Tell whether a question asks for the latest on something."""
    return bool(_NEWEST.search(question))


def prefer_recent(hits: Sequence[Hit], documents: Mapping[str, Document]) -> list[Hit]:
    """
    Weight hits by the date of their documents, and sort them again, best first.

    The newest document among the hits keeps its score, the oldest loses `AGE_WEIGHT` of it, those between lose in
    proportion to their age; one without a date counts as the oldest. If fewer than two dates are known,
    nothing changes.
    """
    days = {hit.path: _ordinal(documents[hit.path].metadata.date) for hit in hits}
    known = sorted({day for day in days.values() if day})
    if len(known) < 2:
        return list(hits)
    oldest, span = known[0], known[-1] - known[0]

    def weighed(hit: Hit) -> Hit:
        recency = (days[hit.path] - oldest) / span if days[hit.path] else 0.0
        weight = 1 - AGE_WEIGHT * (1 - recency)
        return replace(hit, score=hit.score * weight, weight=weight)

    return sorted((weighed(hit) for hit in hits), key=lambda hit: (-hit.score, hit.chunk_id))


def _ordinal(date: str) -> int:
    return dt.date.fromisoformat(date).toordinal() if date else 0
