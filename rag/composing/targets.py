"""Find the article that a question is about, or tell that it is about all of them."""

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

# An article is meant if its title is nearer to the question than all others by this much: for all tuning questions on
# one article it is 0.04 or more ahead, for those on all articles 0.01 or less.
_LEAD = 0.02
# How much it counts, beside the title's cosine, that the title has words of the question.
_NAMED_WEIGHT = 0.1
# The question names the article if the title has at least this share of its words, weighted by how telling they are, or
# more than this share of the words that not every request for a summary has.
_NAMED, _NAMED_OF_TELLING = 0.15, 0.5


@dataclass(frozen=True, slots=True)
class Target:
    """
    What a question is about.

    Parameters
    ----------
    path
        Path of the article; None if the question is about all.
    named
        Whether the article's title has telling words of the question, so that it is meant beyond doubt.

    """

    path: str | None
    named: bool = False


def named(view: View, question: str) -> tuple[str, ...]:
    """
    Return the search terms of a request for a summary that not all such requests have.

    "Fasse alle Artikel kurz zusammen" has none, "Was steht in den Artikeln über Strom?" has ``strom``. Numbers are left
    out: they say how many points are wanted.
    """
    lexical = view.index.lexical
    usual = {stem(word) for word in usual_words("summary")}
    terms = (term for term in lexical.query_terms(question) if term not in usual)
    return tuple(dict.fromkeys(term for term in terms if not term.isdigit()))


def target(view: View, query: Query, among: Chosen) -> Target:
    """
    Return the article that a question is about, or none if it is about all.

    Parameters
    ----------
    view, query
        What is searched, and the question.
    among
        The articles that may be meant.

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
        # Whatever words the further titles have, they cannot come near the best.
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
    # A copy of the article does not count as another one that could be meant.
    near = [other for score, other in ranked[1:] if best - score < _LEAD]
    if not all(same_text(documents[path], documents[other]) for other in near):
        return Target(None)
    words = set(lexical.passage_terms(documents[path].metadata.title))
    is_called_so = sum(term in words for term in telling) > _NAMED_OF_TELLING * len(telling)
    return Target(path, shares[path] >= _NAMED or is_called_so)
