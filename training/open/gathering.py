"""The candidate sentences that the program finds for an open question, and which of them answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.text.language import detect
from rag import RAG
from rag.composing.bearing import MOST_WEIGHED
from rag.composing.pieces import near, of_article
from rag.settings import Settings
from rag.types import Query

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from index.protocols import Embedder
    from rag.types import EvidenceSentence
    from training.open.bundles import Asked, Bundle


@dataclass(frozen=True, slots=True)
class Example:
    """
    A question with the sentences that are read with it.

    Parameters
    ----------
    question
        As it was asked.
    sentences
        The nearest sentences, or those of the article whose summary is asked for, in reading order.
    bears
        Whether each sentence belongs in the answer.

    """

    question: str
    sentences: tuple[EvidenceSentence, ...]
    bears: tuple[bool, ...]


def gather(bundles: Sequence[Bundle], folder: Path, embedder: Embedder) -> Iterator[Example]:
    """
    Index each bundle by itself and search it for each of its questions.

    Parameters
    ----------
    bundles
        The bundles.
    folder
        Where articles and indexes are kept; what is already there is reused.
    embedder
        The embedding model.

    """
    for bundle in bundles:
        rag = indexed(bundle, folder, embedder)
        for asked in bundle.questions:
            yield _example(rag, bundle, asked)


def indexed(bundle: Bundle, folder: Path, embedder: Embedder) -> RAG:
    """Index a bundle by itself; see `gather`."""
    articles = folder / bundle.name / "articles"
    articles.mkdir(parents=True, exist_ok=True)
    for name, text in bundle.texts.items():
        (articles / name).write_text(text, encoding="utf-8")
    rag = RAG(Settings(corpus=articles, index=folder / bundle.name / "index"), embedder=embedder)
    rag.sync()
    return rag


def _example(rag: RAG, bundle: Bundle, asked: Asked) -> Example:
    query = Query(asked.question, asked.question, detect(asked.question))
    view = rag._view()
    if asked.article is not None:
        found = of_article(view, asked.article)[:MOST_WEIGHED]
    else:
        found = near(view, query, restrict=None, retriever=rag._pipeline.retriever)[:MOST_WEIGHED]
    sentences = sorted((one.sentence for one in found), key=lambda one: (one.path, one.start))
    keys = {key for point in asked.points for key in point}
    return Example(
        asked.question,
        tuple(sentences),
        tuple(any(is_at(bundle, key, one) for key in keys) for one in sentences),
    )


def is_at(bundle: Bundle, key: str, one: EvidenceSentence) -> bool:
    """Tell whether a sentence as the program splits the text and that of a key share over half of the shorter one."""
    place = bundle.places[key]
    common = min(place.end, one.end) - max(place.start, one.start)
    return place.path == one.path and common > min(place.end - place.start, one.end - one.start) / 2
