"""Which article a question is about, or whether it is about all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.retrieval.view import View
    from rag.types import Query

# An article is meant where its title is nearer to the question than all others by so much: of the tuning questions on
# one article all are 0.04 or more ahead, those on all articles 0.01 or less.
_LEAD = 0.02
# The title has words of the question: how much that counts beside its cosine.
_NAMED_WEIGHT = 0.1


def target(view: View, query: Query, paths: Sequence[str]) -> str | None:
    """
    Return the article that a question is about, None where it is about all.

    Parameters
    ----------
    view, query
        Where it is asked, and what.
    paths
        The articles that come into question.

    """
    if len(paths) == 1:
        return paths[0]
    vector = view.vector(query.standalone)
    lexical = view.index.lexical
    asked = {term: lexical.weight(term) for term in lexical.query_terms(query.standalone)}
    total = sum(asked.values()) or 1.0

    def nearness(path: str) -> float:
        held = set(lexical.passage_terms(view.index.documents[path].metadata.title))
        named = sum(weight for term, weight in asked.items() if term in held) / total
        return float(view.index.title_vectors[path] @ vector) + _NAMED_WEIGHT * named

    ranked = sorted(((nearness(path), path) for path in paths), reverse=True)
    return ranked[0][1] if len(ranked) > 1 and ranked[0][0] - ranked[1][0] >= _LEAD else None
