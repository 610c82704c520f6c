"""The protocol of what finds passages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.retrieval.view import View
    from rag.types import Filter, Hit, Query


class Retriever(Protocol):
    """Finds passages."""

    def retrieve(self, query: Query, view: View, *, restrict: Filter | None, k: int) -> Sequence[Hit]:
        """Return at most ``k`` passages of the documents that pass a filter, best first, with scores from 0 to 1."""
