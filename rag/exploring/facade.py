"""The methods of `rag.RAG` that describe the articles before a question is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.exploring.about import About, about_of
from rag.exploring.examples import Example, examples_of
from rag.exploring.overview import Overview, overview
from rag.exploring.suggestions import Suggestion, suggestions_of

if TYPE_CHECKING:
    from index.storage.reader import Index
    from rag.retrieval.hybrid import Scale


class Exploring:
    """Describes the articles of a `rag.RAG`."""

    if TYPE_CHECKING:

        def _index(self) -> tuple[Index, Scale]:
            """See `rag.RAG`."""

    def about(self) -> About:
        """Return a description of the articles: number, titles, dates and subjects; made once per index."""
        return about_of(self._index()[0])

    def examples(self, language: str = "de") -> tuple[Example, ...]:
        """Return a question of each kind that the articles can be expected to answer, in German or English (``en``)."""
        return examples_of(self._index()[0], language)

    def suggestions(self) -> list[Suggestion]:
        """Return questions made from articles' sentences; `rag.exploring.suggestions.supports` tells which to show."""
        return suggestions_of(self._index()[0])

    def overview(self) -> Overview:
        """Return a map of the passages of the corpus, made anew with each call; see `rag.exploring.overview`."""
        return overview(self._index()[0])
