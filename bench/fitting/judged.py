"""
Reduce gathered questions to what decides about an answer and whether it is right, small enough for the repository.

    python -m bench.fitting.judged JUDGED.jsonl ROWS.jsonl [MORE.jsonl ...]

The rows come from `bench/fitting/gather.py`; a row's set is the name of its file. An answer is right if the place shown
overlaps a gold place; for a set without gold places this is not known.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from bench.fitting.gather import Row, overlaps, rows
from rag.grounding.answerability import Signals, probability

_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Judged:
    """
    The result of one question if nothing is refused.

    Parameters
    ----------
    set
        The set that the question is from.
    answerable
        Whether the evidence can hold the answer.
    without
        What was taken out of the evidence, see `bench.fitting.gather.KINDS`.
    right
        Whether the place shown holds the answer; None if the set does not say.
    signals
        Inputs of the probability.

    """

    set: str
    answerable: bool
    without: str
    right: bool | None
    signals: Signals

    @property
    def chance(self) -> float:
        """Probability that decides whether to answer."""
        return probability(self.signals)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object of one line."""
        return {
            "set": self.set,
            "answerable": self.answerable,
            "without": self.without,
            "right": self.right,
            "signals": [round(value, _DIGITS) for value in astuple(self.signals)],
        }


def read(file: Path) -> list[Judged]:
    """Read what was kept."""
    return [
        Judged(**(data | {"signals": Signals(*data["signals"])}))
        for data in map(json.loads, file.read_text("utf-8").splitlines())
    ]


def judged(row: Row, name: str, *, located: bool) -> Judged | None:
    """Return the result of a row, None if nothing would be shown; ``located`` says that the set has gold places."""
    if (place := row.place) is None:
        return None
    right: bool | None = False
    if row.answerable:
        right = overlaps(row.read[place.sentence], row.gold) if located else None
    return Judged(name, row.answerable, row.without, right, row.signals)


def _main(target: Path, files: list[Path]) -> None:
    kept: list[Judged] = []
    for file in files:
        read_ = rows(file)
        located = any(row.gold for row in read_) or not any(row.answerable for row in read_)
        kept += [one for row in read_ if (one := judged(row, file.stem, located=located)) is not None]
    target.write_text("".join(json.dumps(one.to_json()) + "\n" for one in kept), "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    given = parser.parse_args()
    _main(given.target, given.files)
