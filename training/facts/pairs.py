"""Questions for a fact of a bundle, each with the same question asked of something else."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.open.bundles import FACTS_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

NEAR_MISSES_FILE = Path(__file__).parents[1] / "open" / "near_misses.jsonl"
"""Near misses: questions that a bundle's articles do not answer, each made from one that they answer (``of``)."""


@dataclass(frozen=True, slots=True)
class Pair:
    """
    A question for a fact, and a near miss.

    Parameters
    ----------
    bundle
        Name of the bundle.
    question
        The question that the bundle's articles answer.
    key
        Key of the sentence that answers it.
    near_miss
        The same question asked of something else; the articles do not answer it. Empty if there is none.

    """

    bundle: str
    question: str
    key: str
    near_miss: str


def pairs() -> dict[str, list[Pair]]:
    """Return all pairs by the name of their bundle."""
    near = {(row["bundle"], row["of"]): str(row["question"]) for row in _rows(NEAR_MISSES_FILE)}
    found: dict[str, list[Pair]] = defaultdict(list)
    for row in _rows(FACTS_FILE):
        if row["kind"] == "fact":
            bundle, question = row["bundle"], row["question"]
            found[bundle].append(Pair(bundle, question, row["key"], near.get((bundle, question), "")))
    return dict(found)


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
