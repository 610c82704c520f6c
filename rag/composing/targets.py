"""Find the article that a request for a summary is about, if it is about one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.text.locale import words
from index.text.stems import stem
from rag.kinds import usual_words
from rag.retrieval.doubles import same_text

if TYPE_CHECKING:
    from index.storage.protocols import Chosen
    from rag.kinds import Kind
    from rag.retrieval.view import View
    from rag.types import Query

# An article is meant if its title is nearer to the question than all others by this much. Of 471 requests for an article
# of the bundles the nearest title is the right one for 338 of 349 that are 0.02 ahead, 42 of 60 that are 0.01 to 0.02
# ahead, and 32 of 62 others.
_LEAD = 0.01
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
        Path of the article; None if the question is about a subject or about all, or if no title is nearer than others.
    named
        Whether the article's title has telling words of the question, so that it is meant beyond doubt.

    """

    path: str | None
    named: bool = False


def terms_of_subject(view: View, question: str, kind: Kind) -> tuple[str, ...]:
    """
    Return the search terms of a request for a summary or a timeline that not all such requests have.

    "Fasse alle Artikel kurz zusammen" and "Was geschah wann?" have none, "Was steht in den Artikeln über Strom?" has
    ``strom``. The numbers in a request for a summary are left out, since they say how many points are wanted.
    """
    lexical = view.index.lexical
    # Of requests for a timeline many have words of their subject in common, such as "Streit".
    usual = {stem(word) for word in (words("times.asking") if kind == "timeline" else usual_words(kind))}
    terms = (term for term in lexical.query_terms(question) if term not in usual)
    return tuple(dict.fromkeys(term for term in terms if kind != "summary" or not term.isdigit()))


def target(view: View, query: Query, among: Chosen) -> Target:
    """
    Return the article whose title is nearest to a question, or none if no title is nearer than all others.

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
    telling = terms_of_subject(view, query.standalone, "summary")
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
    held = set(lexical.passage_terms(documents[path].metadata.title))
    is_called_so = sum(term in held for term in telling) > _NAMED_OF_TELLING * len(telling)
    return Target(path, shares[path] >= _NAMED or is_called_so)
