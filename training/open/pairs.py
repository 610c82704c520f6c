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

NEAR_MISSES_FILE = Path(__file__).parent / "near_misses.jsonl"
"""Near misses for `FACTS_FILE`; ``of`` is the question that each is made from."""

OTHER_WORDS_FILE = NEAR_MISSES_FILE.with_name("facts_in_other_words.jsonl")
"""
Questions for a fact, most of them in other words than the articles, each with its key and its near miss.

They were written in three rounds (``round``). In the first, most near misses name something else or ask for another
property; in the second, more of them ask for another year, stage or number, turn the roles round, or are made freely.
In the third, the question has a number of the sentence in another spelling, and the near miss has another number.
"""


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
    round
        0 for `FACTS_FILE`, 1 to 3 for `OTHER_WORDS_FILE`.

    """

    bundle: str
    question: str
    key: str
    near_miss: str
    round: int


def pairs(*, closed: bool = False) -> dict[str, list[Pair]]:
    """Return all pairs by the name of their bundle; closed questions, which have no near miss, only if wanted."""
    near = {(row["bundle"], row["of"]): str(row["question"]) for row in _rows(NEAR_MISSES_FILE)}
    found: dict[str, list[Pair]] = defaultdict(list)
    for row in _rows(FACTS_FILE):
        if row["kind"] == "fact" or closed:
            bundle, question = row["bundle"], row["question"]
            found[bundle].append(Pair(bundle, question, row["key"], near.get((bundle, question), ""), 0))
    for row in _rows(OTHER_WORDS_FILE):
        found[row["bundle"]].append(
            Pair(row["bundle"], row["question"], row["key"], row["near_miss"], row["round"]),
        )
    return dict(found)


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
