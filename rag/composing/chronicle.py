"""Choose the sentences of articles that say when something happens, whatever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.composing.central import central
from rag.composing.moments import day_written, moment
from rag.composing.pieces import of_article

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.composing.pieces import Candidate
    from rag.retrieval.view import View


def dated(view: View, paths: Sequence[str], most: int) -> list[Candidate]:
    """
    Return the sentences of articles that name a time, in reading order.

    Parameters
    ----------
    view
        What is searched.
    paths
        The articles.
    most
        How many sentences to return at most. If there are more, each article gets an equal share, and of an article
        those are taken that represent it (`central`).

    """
    found: dict[str, list[Candidate]] = {}
    for path in paths:
        written = day_written(view, path)
        some = [one for one in of_article(view, path) if moment(one.sentence.text, written) is not None]
        if some:
            found[path] = some
    shares = _shares([len(some) for some in found.values()], most)
    titles = view.index.title_vectors
    return [
        one
        for (path, some), share in zip(found.items(), shares, strict=True)
        if share
        for one in central(some, titles[path], share)
    ]


def _shares(counts: Sequence[int], most: int) -> list[int]:
    """
    Divide a number among parts as equally as their sizes allow, the first parts first.

    Examples
    --------
    >>> _shares([1, 9, 5], 8)
    [1, 4, 3]

    """
    shares = [0] * len(counts)
    while sum(shares) < min(most, sum(counts)):
        for number, count in enumerate(counts):
            if shares[number] < count and sum(shares) < most:
                shares[number] += 1
    return shares
