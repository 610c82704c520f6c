"""The methods of `rag.RAG` that tell what the articles are, before anybody asks."""

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
    """What a `rag.RAG` tells of its articles."""

    if TYPE_CHECKING:

        def _index(self) -> tuple[Index, Scale]:
            """See `rag.RAG`."""

    def about(self) -> About:
        """Return what the articles are: how many, their titles and dates, their subjects; made once an index."""
        return about_of(self._index()[0])

    def examples(self, language: str = "de") -> tuple[Example, ...]:
        """Return a question of each kind that the articles can be expected to answer, in German or English (``en``)."""
        return examples_of(self._index()[0], language)

    def suggestions(self) -> list[Suggestion]:
        """Return questions made of the articles' sentences, to be shown where `rag.exploring.suggestions.supports` says so."""
        return suggestions_of(self._index()[0])

    def overview(self) -> Overview:
        """Return a map of the passages of the corpus, made anew with each call; see `rag.exploring.overview`."""
        return overview(self._index()[0])
