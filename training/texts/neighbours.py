"""Find the passages that share a question's words, which a search would find even if they do not answer."""

from __future__ import annotations

import math
from collections import defaultdict

from rag.evaluation.measuring.metrics import tokens


class Neighbours:
    """
    Finds passages by their words, each weighted by how rare it is.

    Parameters
    ----------
    passages
        All that can be found.

    """

    def __init__(self, passages: list[str]) -> None:
        self._passages = passages
        self._places: dict[str, list[int]] = defaultdict(list)
        for number, passage in enumerate(passages):
            for word in set(tokens(passage)):
                self._places[word[:6]].append(number)

    def nearest(self, text: str, count: int) -> list[str]:
        """
        List the passages that share most with a text.

        Parameters
        ----------
        text
            A question.
        count
            How many at most.

        Returns
        -------
        list[str]
            Best first; words are compared by their first six letters.

        """
        scores: dict[int, float] = defaultdict(float)
        for stem in {word[:6] for word in tokens(text)}:
            places = set(self._places.get(stem, ()))
            if len(places) > max(20, len(self._passages) // 20):
                continue  # frequent: says nothing about the subject, and takes long
            for number in places:
                scores[number] += math.log(len(self._passages) / len(places))
        best = sorted(scores, key=lambda number: (-scores[number], number))[:count]
        return [self._passages[number] for number in best]
