"""A third-party package: a retriever that finds only one article, and one that cannot be created."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.pipeline.stages import HybridRetriever

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.pipeline import View
    from rag.settings import Settings
    from rag.types import Filter, Hit, Query


class OneArticle:
    """Finds only passages of the article whose name sorts first."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def retrieve(self, query: Query, view: View, *, restrict: Filter | None, k: int) -> Sequence[Hit]:
        first = min(view.index.documents)
        hits = HybridRetriever().retrieve(query, view, restrict=restrict, k=100)
        return [hit for hit in hits if hit.path == first][:k]


def broken(settings: Settings) -> OneArticle:
    raise ValueError("no licence")
