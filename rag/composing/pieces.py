"""The sentences that an answer of several sentences can be made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rag.retrieval.doubles import same_text
from rag.retrieval.evidence import select
from rag.retrieval.hybrid import chosen
from rag.types import EvidenceSentence

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from numpy.typing import NDArray

    from index.storage.protocols import Chosen
    from index.types import Document
    from rag.retrieval.protocol import Retriever
    from rag.retrieval.view import View
    from rag.types import Filter, Query

# Number of nearest passages that are searched for items, reasons and sides.
MOST_PASSAGES = 60
# Most sentences of an article that are weighed against each other: comparing them takes time with the square of their
# number. Of a longer article the first ones are taken, and evenly spaced ones of the rest: the most important things
# stand first, and the end says how it ends.
MOST_SENTENCES = 400
FIRST_SENTENCES = 100
_FEWEST_WORDS = 5
_INFORMATIVE = frozenset({"paragraph", "list_item", "row", "footnote"})
_UNBOUNDED = 10**9
_EMPHASISED = re.compile(r"\s*([*_])(?!\1).*(?<!\1)\1\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """
    A sentence of an answer.

    Parameters
    ----------
    sentence
        A sentence of a source; its score is how near it is to the question, or how central to its article.
    group
        The heading that it stands under: a side, the title of an article, a date; empty if the answer has one part.
    words
        The words that are emphasised, as ranges of its text.

    """

    sentence: EvidenceSentence
    group: str = ""
    words: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A sentence that an answer can be made of.

    Parameters
    ----------
    sentence
        A sentence of a source.
    vector
        Its vector, shape ``(dimension,)``.
    before
        What stands before it in its passage: the heading and the sentences, in reading order.
    article
        Score of the nearest sentence of its article.
    chance
        Probability that it bears on the question, see `rag.composing.bearing`.

    """

    sentence: EvidenceSentence
    vector: NDArray[np.float32]
    before: tuple[str, ...] = ()
    article: float = 0.0
    chance: float = 0.0


def near(view: View, query: Query, *, restrict: Filter | None, retriever: Retriever) -> list[Candidate]:
    """Return the sentences of the passages near a question, nearest first, without headings, captions and notes."""
    vector = view.vector(query.standalone)
    hits = retriever.retrieve(query, view, restrict=restrict, k=MOST_PASSAGES)
    found = select(
        view.index,
        hits,
        query.standalone,
        vector,
        scale=view.scale,
        count_tokens=lambda _: 1,
        budget=_UNBOUNDED,
    )
    there: dict[tuple[str, int], tuple[NDArray[np.float32], tuple[str, ...]]] = {}
    for hit in hits:
        chunk, text = view.index.chunks[hit.chunk_id].chunk, view.index.documents[hit.path].text
        before = chunk.headings[-1:]
        for span, row in zip(chunk.sentences, view.index.sentence_rows(hit.chunk_id), strict=True):
            there[hit.path, span.start] = row, before
            before = (*before, text[span.start : span.end])
    ranked = sorted(found, key=lambda one: (-one.score, one.path, one.start))
    known = [one for one in ranked if (one.path, one.start) in there and is_informative(view, one)]
    best: dict[str, float] = {}
    for one in known:  # nearest first
        best.setdefault(one.path, one.score)
    return [Candidate(one, *there[one.path, one.start], best[one.path]) for one in known]


def of_article(view: View, path: str) -> list[Candidate]:
    """Return the sentences of an article in reading order; of a long one `MOST_SENTENCES`, spread over the article."""
    index, title = view.index, view.index.documents[path].metadata.title
    text = index.documents[path].text
    ids = index.passages.get(path, ())
    wanted = spread(sum(len(index.chunks[id_].chunk.sentences) for id_ in ids))
    found: list[Candidate] = []
    number = 0
    for id_ in ids:
        spans = index.chunks[id_].chunk.sentences
        here = [i for i in range(len(spans)) if number + i in wanted]
        number += len(spans)
        rows = index.sentence_rows(id_) if here else ()
        for i in here:
            one = EvidenceSentence(path, spans[i].start, spans[i].end, text[spans[i].start : spans[i].end], title, 0.0)
            if is_informative(view, one) and not _is_aside(index.documents[path], one.start):
                found.append(Candidate(one, rows[i]))
    return found


def spread(count: int) -> Container[int]:
    """Return which of ``count`` sentences are weighed: all, or the first ones and evenly spaced ones of the rest."""
    if count <= MOST_SENTENCES:
        return range(count)
    rest = np.linspace(FIRST_SENTENCES, count - 1, MOST_SENTENCES - FIRST_SENTENCES).astype(int)
    return {*range(FIRST_SENTENCES), *rest.tolist()}


def articles(view: View, restrict: Filter | None) -> Chosen:
    """Return the articles that a filter admits and that have passages, newest first."""
    return chosen(view.index, restrict)


def first_texts(view: View, paths: Iterable[str], most: int) -> tuple[list[str], int]:
    """Return the first articles with different texts, at most ``most``, and how many articles they stand for."""
    documents = view.index.documents
    found: list[str] = []
    looked = 0
    for path in paths:
        if not any(same_text(documents[path], documents[other]) for other in found):
            if len(found) == most:
                break
            found.append(path)
        looked += 1
    return found, looked


def is_informative(view: View, sentence: EvidenceSentence) -> bool:
    """Tell whether a sentence says something by itself: it is neither a heading nor a caption, and not too short."""
    block = view.index.documents[sentence.path].block_at(sentence.start)
    return (block is None or block.kind in _INFORMATIVE) and len(sentence.text.split()) >= _FEWEST_WORDS


def _is_aside(document: Document, offset: int) -> bool:
    """Tell whether a whole paragraph is set in emphasis, like a caption or the name of the writer."""
    block = document.block_at(offset)
    return block is not None and _EMPHASISED.fullmatch(document.text, block.start, block.end) is not None


def paths_of(pieces: Sequence[Piece]) -> list[str]:
    """Return the articles of pieces, each once, in order."""
    return list(dict.fromkeys(one.sentence.path for one in pieces))
