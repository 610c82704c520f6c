"""Hybrid retrieval: dense and lexical scores, brought to a common scale and combined with weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from index.text import spelling
from rag.query.filters import composed, folded
from rag.retrieval.doubles import distinct_hits
from rag.types import Filter, Hit, Rank

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.storage.protocols import Chosen, Described
    from index.storage.reader import Index
    from index.types import Document

    Vector = NDArray[np.float32]

# The dense score combines the nearness of the passage, of its nearest sentence or title, and of its title.
# Chosen on 1190 questions over 240 Wikipedia paragraphs (ndcg@10 0.980; the passage's nearness alone 0.957, words alone
# 0.953) and 288 over 556 health FAQs, where words mislead (0.522; 0.496, 0.295); confirmed on 1373 questions over 2525
# other Wikipedia paragraphs (0.769; 0.725, 0.65).
PASSAGE_WEIGHT = 0.6
NEAREST_WEIGHT = 0.3
TITLE_WEIGHT = 0.1
DENSE_WEIGHT = 0.9
POOL = 200
MOST_WEIGHED = 4000
"""Most passages that are scored on each side if a filter leaves more than `POOL`."""


@dataclass(frozen=True, slots=True)
class Scale:
    """
    Maps cosines of any embedding model to a common scale.

    Parameters
    ----------
    floor
        The cosine of a question and a passage that have nothing in common, see `index.syncing.calibration`.

    """

    floor: float

    def __call__(self, cosine: float) -> float:
        """Return 0 for the floor or less, 1 for identity."""
        return min(1.0, max(0.0, (cosine - self.floor) / (1 - self.floor)))


def retrieve(
    index: Index,
    question: str,
    vector: Vector,
    *,
    k: int,
    scale: Scale,
    restrict: Filter | None = None,
    dense_weight: float = DENSE_WEIGHT,
) -> list[Hit]:
    """
    Find the passages that bear on a question.

    Parameters
    ----------
    index
        The index to search.
    question
        Text that the lexical side searches for.
    vector
        The question's embedding, for the dense side.
    k
        Number of hits wanted.
    scale
        Maps the index's cosines to the range 0 to 1.
    restrict
        Which documents count.
    dense_weight
        Share of the dense side in the score; the rest is the lexical side's.

    Returns
    -------
    At most ``k`` hits, best first, ties by id, no two with the same text. A score is ``0.9 d + 0.1 l``. ``d`` is ``0.6
    p + 0.3 n + 0.1 t``, three cosines between the corpus's floor (0) and identity (1): with the passage, with the
    nearest of its sentences and its title, and with the title. A long passage about many things is found by the one
    sentence that answers; late interaction over token vectors (Khattab and Zaharia 2020) does the same at a hundred
    times the storage. ``l`` is the BM25 score as a share of what a passage that is all about the question's words would
    get.

    """
    limited = restrict is not None and replace(restrict, collection="articles") != Filter()
    among = chosen(index, restrict).ids() if limited else None
    ceiling = index.lexical.ceiling(question)

    # A filter may exclude all of the nearest passages. If it leaves only a few, all of them are scored.
    pool = POOL if among is None else min(max(POOL, len(among)), MOST_WEIGHED)
    dense = dict(index.vectors.search(vector, pool, among=among))
    lexical = dict(index.lexical.search(question, pool, among=among))
    dense_rank = {id_: rank for rank, id_ in enumerate(dense, start=1)}
    lexical_rank = {id_: rank for rank, id_ in enumerate(lexical, start=1)}

    found = sorted({*dense, *lexical})
    others = [id_ for id_ in found if id_ not in dense]
    cosines = dense | dict(zip(others, index.vectors.similarities(vector, others), strict=True))
    scored: list[tuple[int, float]] = []
    for id_, of_title, of_sentence in zip(
        found, *map(np.ndarray.tolist, index.rows.cosines(found, vector)), strict=True
    ):
        share = lexical.get(id_, 0.0) / ceiling if ceiling else 0.0
        title = scale(of_title)
        nearest = max(title, scale(of_sentence))
        nearness = PASSAGE_WEIGHT * scale(cosines[id_]) + NEAREST_WEIGHT * nearest + TITLE_WEIGHT * title
        scored.append((id_, dense_weight * nearness + (1 - dense_weight) * min(1.0, share)))
    scored.sort(key=lambda one: (-one[1], one[0]))

    def hit(id_: int, score: float) -> Hit:
        chunk = index.chunks[id_].chunk
        ranks = []
        if id_ in dense_rank:
            ranks.append(Rank("dense", dense_rank[id_], cosines[id_]))
        if id_ in lexical_rank:
            ranks.append(Rank("lexical", lexical_rank[id_], lexical[id_]))
        title = index.documents[chunk.path].metadata.title
        return Hit(id_, chunk.path, chunk.start, chunk.end, chunk.text, title, score, tuple(ranks))

    return distinct_hits(index, scored, k, hit)


def admits(restrict: Filter, document: Document | Described) -> bool:
    """Tell whether a document passes a filter; it must belong to the collections that the filter names."""
    if restrict.paths is not None and spelling.composed(document.path) not in composed(restrict.paths):
        return False
    return _passes(restrict, document.metadata.source, document.metadata.date)


def chosen(index: Index, restrict: Filter | None) -> Chosen:
    """Return the documents with passages that pass a filter as in `admits`; all if there is no filter."""
    if restrict is None:
        return index.chosen(lambda _source, _date: True)
    paths = None if restrict.paths is None else composed(restrict.paths)
    among = None if paths is None else lambda path: spelling.composed(path) in paths
    return index.chosen(lambda source, date: _passes(restrict, source, date), among)


def _passes(restrict: Filter, source: str, date: str) -> bool:
    if restrict.source and folded(restrict.source) != folded(source):
        return False
    if (restrict.since or restrict.until) and not date:
        return False
    return date >= restrict.since and (not restrict.until or date <= restrict.until)
