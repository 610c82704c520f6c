"""Choose sentences that are near a question and name different things."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from index.storage.reader import Index
    from rag.composing.pieces import Candidate

# Chosen on the third of corpus/open.jsonl that is for tuning: `key_point_recall` and `sentence_precision` of lists,
# comparisons and timelines at these, 0.59 and 0.37; without new names 0.54 and 0.34.
NEWS_WEIGHT = 0.2
LEAST_NEARNESS = 0.6  # of the nearest one's score
_POOL = 30
_TOKEN = re.compile(r"\w[\w-]*")


def covering(
    index: Index,
    question: str,
    candidates: Sequence[Candidate],
    most: int,
    *,
    news_weight: float = NEWS_WEIGHT,
    least_nearness: float = LEAST_NEARNESS,
    worth: Callable[[Candidate], float] = lambda one: one.sentence.score,
) -> list[Candidate]:
    """
    Choose greedily: each sentence for its nearness, and for the names and figures that those before it lack.

    Parameters
    ----------
    index
        Says how telling a word is.
    question
        Its own words are nothing new.
    candidates
        Nearest first.
    most
        How many to choose.
    news_weight
        How much names and figures that are new count beside the nearness.
    least_nearness
        Share of the best one's worth below which none is chosen.
    worth
        How near a sentence counts as.

    Returns
    -------
    The chosen, in the order of their choice (Carbonell and Goldstein 1998, with names in place of a similarity).

    """
    if not candidates:
        return []
    nearest = max(map(worth, candidates)) or 1.0
    left = [one for one in candidates[:_POOL] if worth(one) >= least_nearness * nearest]
    news = {id(one): _names(index, one.sentence.text) for one in left}
    richest = max((sum(found.values()) for found in news.values()), default=0.0) or 1.0
    known = {token.group().casefold() for token in _TOKEN.finditer(question)}
    chosen: list[Candidate] = []

    def value(one: Candidate) -> float:
        new = sum(weight for name, weight in news[id(one)].items() if name not in known)
        return worth(one) / nearest + news_weight * new / richest

    while left and len(chosen) < most:
        best = max(left, key=value)
        chosen.append(best)
        left.remove(best)
        known |= news[id(best)].keys()
    return chosen


def _names(index: Index, text: str) -> dict[str, float]:
    """Return the nouns, names and figures of a sentence, with how telling each is."""
    found: dict[str, float] = {}
    for token in _TOKEN.finditer(text):
        word = token.group()
        if (token.start() and word[0].isupper()) or any(map(str.isdigit, word)):
            weights = [index.lexical.weight(term) for term in index.lexical.query_terms(word)]
            found[word.casefold()] = max(weights, default=0.0)
    return found
