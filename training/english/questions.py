"""Questions that were asked in German of a bundle, in English."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from training.facts.gathering import asked_of
from training.open.gathering import indexed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from index.protocols import Embedder
    from training.facts.gathering import Asked
    from training.open.bundles import Bundle
    from training.open.pairs import Pair

ENGLISH_FILE = Path(__file__).parents[1] / "open" / "in_english.jsonl"
"""What English speakers would ask in place of a German question of `training.open.pairs` (``of``), written one by one."""


@dataclass(frozen=True, slots=True)
class Example:
    """
    The same question in both languages.

    Parameters
    ----------
    german
        The question in the language of the articles.
    english
        The question in English, with the evidence that the program finds for it.

    """

    german: str
    english: Asked


def in_english() -> dict[tuple[str, str], str]:
    """Return English questions by the name of the bundle and the German question."""
    rows = [json.loads(line) for line in ENGLISH_FILE.read_text(encoding="utf-8").splitlines()]
    return {(row["bundle"], row["of"]): row["question"] for row in rows}


def gather(
    bundle: Bundle,
    pairs: Sequence[Pair],
    english: Mapping[tuple[str, str], str],
    folder: Path,
    embedder: Embedder,
) -> Iterator[Example]:
    """
    Index a bundle by itself, and find the evidence for each English question, near misses included.

    Parameters
    ----------
    bundle, pairs
        The articles, and the German questions on them.
    english
        See `in_english`; a question that is not there is left out.
    folder
        Where articles and indexes are kept; those that are there already are used again.
    embedder
        The embedding model.

    """
    rag = indexed(bundle, folder, embedder)
    for pair in pairs:
        for german in (pair.question, pair.near_miss):
            question = english.get((bundle.name, german))
            if question is not None:
                yield Example(german, asked_of(rag, bundle, question, pair.key))
