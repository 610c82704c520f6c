"""Hybrid retrieval: dense and lexical scores, each brought to one scale, then weighed together."""

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

    from index.storage.reader import Index
    from index.types import Document

    Vector = NDArray[np.float32]

# The dense side is the passage's own nearness, that of its nearest sentence or title, and the title's.
# Chosen on 1190 questions over 240 Wikipedia paragraphs (ndcg@10 0.980; the passage's nearness alone 0.957, words alone
# 0.953) and 288 over 556 health FAQs, where words mislead (0.522; 0.496, 0.295); confirmed on 1373 questions over 2525
# other Wikipedia paragraphs (0.769; 0.725, 0.65).
PASSAGE_WEIGHT = 0.6
NEAREST_WEIGHT = 0.3
TITLE_WEIGHT = 0.1
DENSE_WEIGHT = 0.9
POOL = 200


@dataclass(frozen=True, slots=True)
class Scale:
    """
    Brings cosines of any embedding model to a common scale.

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
        Where to look.
    question
        What the lexical side searches for.
    vector
        The question's embedding, for the dense side.
    k
        Number of hits wanted.
    scale
        Brings the index's cosines to 0 to 1.
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
    allowed = {p for p, d in index.documents.items() if admits(restrict, d)} if restrict and limited else None
    rows = list(index.chunks)
    lexical_all = index.lexical.scores(question)
    ceiling = index.lexical.ceiling(question)

    pool = POOL if allowed is None else len(rows)  # a filter may leave out all of the nearest
    among = None if allowed is None else [id_ for id_ in rows if index.chunks[id_].chunk.path in allowed]
    dense = dict(index.vectors.search(vector, pool, among=among))
    order = np.argsort(-lexical_all, kind="stable")[:pool]
    lexical = {rows[row]: float(lexical_all[row]) for row in order if lexical_all[row] > 0}
    dense_rank = {id_: rank for rank, id_ in enumerate(dense, start=1)}
    lexical_rank = {id_: rank for rank, id_ in enumerate(lexical, start=1)}

    found = sorted({*dense, *lexical}) if among is None else sorted({*dense, *lexical} & {*among})
    others = [id_ for id_ in found if id_ not in dense]
    cosines = dense | dict(zip(others, index.vectors.similarities(vector, others), strict=True))
    hits: list[Hit] = []
    for id_ in found:
        chunk, cosine = index.chunks[id_].chunk, cosines[id_]
        bm25 = lexical.get(id_, 0.0)
        share = bm25 / ceiling if ceiling else 0.0
        title = scale(float(index.title_vectors[chunk.path] @ vector))
        nearest = max(title, scale(float(np.max(index.sentence_rows(id_) @ vector, initial=-1.0))))
        nearness = PASSAGE_WEIGHT * scale(cosine) + NEAREST_WEIGHT * nearest + TITLE_WEIGHT * title
        ranks = []
        if id_ in dense_rank:
            ranks.append(Rank("dense", dense_rank[id_], cosine))
        if id_ in lexical_rank:
            ranks.append(Rank("lexical", lexical_rank[id_], bm25))
        hits.append(
            Hit(
                id_,
                chunk.path,
                chunk.start,
                chunk.end,
                chunk.text,
                index.documents[chunk.path].metadata.title,
                dense_weight * nearness + (1 - dense_weight) * min(1.0, share),
                tuple(ranks),
            )
        )
    hits.sort(key=lambda hit: (-hit.score, hit.chunk_id))
    return distinct_hits(index, hits, k)


def admits(restrict: Filter, document: Document) -> bool:
    """Tell whether a document of the collections that a filter names passes it."""
    meta = document.metadata
    if restrict.paths is not None and spelling.composed(document.path) not in composed(restrict.paths):
        return False
    if restrict.source and folded(restrict.source) != folded(meta.source):
        return False
    if (restrict.since or restrict.until) and not meta.date:
        return False
    return meta.date >= restrict.since and (not restrict.until or meta.date <= restrict.until)
