"""The evidence that the program finds for a fact and for its near miss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.query.condense import condense
from training.open.gathering import indexed, is_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from index.protocols import Embedder
    from rag import RAG
    from rag.types import EvidenceSentence
    from training.open.bundles import Bundle
    from training.open.pairs import Pair


@dataclass(frozen=True, slots=True)
class Asked:
    """
    A question with its evidence.

    Parameters
    ----------
    question
        The question.
    sentences
        The evidence, in the program's order.
    is_key
        For each sentence, whether it is the one that answers the pair's first question.

    """

    question: str
    sentences: tuple[EvidenceSentence, ...]
    is_key: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """
    A pair with its evidence.

    Parameters
    ----------
    answered
        The question that the articles answer; one of its sentences is the key.
    near_miss
        The question that they do not answer; None if there is none.

    """

    answered: Asked
    near_miss: Asked | None


def gather(bundle: Bundle, pairs: Sequence[Pair], folder: Path, embedder: Embedder) -> Iterator[Example]:
    """
    Index a bundle by itself, and find the evidence for each pair.

    A pair whose answering sentence is not found is left out.

    Parameters
    ----------
    bundle, pairs
        The articles, and the questions on them.
    folder
        Where articles and indexes are kept; those that are there already are used again.
    embedder
        The embedding model.

    """
    rag = indexed(bundle, folder, embedder)
    for pair in pairs:
        answered = asked_of(rag, bundle, pair.question, pair.key)
        if any(answered.is_key):
            yield Example(answered, asked_of(rag, bundle, pair.near_miss, pair.key) if pair.near_miss else None)


def asked_of(rag: RAG, bundle: Bundle, question: str, key: str) -> Asked:
    """Return a question with the evidence that the program finds for it in a bundle."""
    query = condense(question, (), max_chars=len(question))
    found = rag._pipeline.find(query, rag._view(), restrict=None, k=rag.settings.retrieval.passages)
    return Asked(query.standalone, tuple(found), tuple(is_at(bundle, key, one) for one in found))
