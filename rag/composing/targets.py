"""Which article a question is about, or whether it is about all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.text.stems import stem
from rag.kinds import usual_words
from rag.retrieval.doubles import same_text

if TYPE_CHECKING:
    from index.storage.protocols import Chosen
    from rag.retrieval.view import View
    from rag.types import Query

# An article is meant where its title is nearer to the question than all others by so much: of the tuning questions on
# one article all are 0.04 or more ahead, those on all articles 0.01 or less.
_LEAD = 0.02
# The title has words of the question: how much that counts beside its cosine.
_NAMED_WEIGHT = 0.1
# From so much of the question's words, by how telling they are, the article is named, or from more than so many of those
# that not every request for a summary has.
_NAMED, _NAMED_OF_TELLING = 0.15, 0.5


@dataclass(frozen=True, slots=True)
class Target:
    """
    What a question is about.

    Parameters
    ----------
    path
        Of the article; None where it is about all.
    named
        Whether the article's title has telling words of the question, so that it is meant without a doubt.

    """

    path: str | None
    named: bool = False


def named(view: View, question: str) -> tuple[str, ...]:
    """
    Return what a request for a summary names besides what all such requests say, as the terms of search.

    "Fasse alle Artikel kurz zusammen" names nothing, "Was steht in den Artikeln über Strom?" names ``strom``. Numbers are
    how many points are wanted.
    """
    lexical = view.index.lexical
    usual = {stem(word) for word in usual_words("summary")}
    terms = (term for term in lexical.query_terms(question) if term not in usual)
    return tuple(dict.fromkeys(term for term in terms if not term.isdigit()))


def target(view: View, query: Query, among: Chosen) -> Target:
    """
    Return the article that a question is about, or that it is about all.

    Parameters
    ----------
    view, query
        Where it is asked, and what.
    among
        The articles that come into question.

    """
    vector = view.vector(query.standalone)
    lexical = view.index.lexical
    asked = {term: lexical.weight(term) for term in lexical.query_terms(query.standalone)}
    total = sum(asked.values()) or 1.0
    telling = named(view, query.standalone)
    documents = view.index.documents
    shares: dict[str, float] = {}
    scored: list[tuple[float, str]] = []
    best = -1.0
    for cosine, path, title in among.near(vector):
        # Whatever further titles are called, they do not come near the best.
        if cosine + _NAMED_WEIGHT <= best - _LEAD:
            break
        held = set(lexical.passage_terms(title))
        shares[path] = sum(weight for term, weight in asked.items() if term in held) / total
        scored.append((cosine + _NAMED_WEIGHT * shares[path], path))
        best = max(best, scored[-1][0])
    ranked = sorted(scored, reverse=True)
    if not ranked:
        return Target(None)
    best, path = ranked[0]
    # A copy of the article is no other article that could be meant.
    near = [other for score, other in ranked[1:] if best - score < _LEAD]
    if not all(same_text(documents[path], documents[other]) for other in near):
        return Target(None)
    words = set(lexical.passage_terms(documents[path].metadata.title))
    is_called_so = sum(term in words for term in telling) > _NAMED_OF_TELLING * len(telling)
    return Target(path, shares[path] >= _NAMED or is_called_so)
