"""
Print what each strictness costs on several sets, and which one balances both errors.

    python -m bench.fitting.fit_default [JUDGED.jsonl] [--draws 500]

The rows come from `bench/fitting/judged.py`; by default they are those of the tests. Prints for each set and strictness
the share of unanswerable questions that are answered (false answers) and of answerable ones that are not (false
abstentions). The rule takes the mean of each error over the sets that have it, and chooses the strictness at which the
larger of the two means is least. To show that no set decides alone, the rule is also applied with each set left out in
turn, and to bootstrap samples of the questions of every set.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from bench.fitting.judged import Judged, read
from rag.calibrating.choosing import STRICTNESSES
from rag.grounding.answerability import needed
from rag.settings import Settings

JUDGED = Path("tests/data/judged.jsonl")
LEVELS = tuple(reversed(STRICTNESSES))
DEFAULT = Settings.model_fields["answering"].default.strictness


class Errors:
    """The questions of a set, and both errors at each strictness."""

    def __init__(self, rows: list[Judged]) -> None:
        self.chances = np.array([row.chance for row in rows])
        self.answerable = np.array([row.answerable for row in rows])

    def at_each(self, drawn: np.ndarray | None = None) -> np.ndarray:
        """Return false answers and false abstentions, one row per strictness; NaN if the set has no such question."""
        chances = self.chances if drawn is None else self.chances[drawn]
        answerable = self.answerable if drawn is None else self.answerable[drawn]
        found = np.full((len(LEVELS), 2), np.nan)
        for number, strictness in enumerate(LEVELS):
            answered = (chances >= needed(strictness)) | (strictness <= 0)
            if not answerable.all():
                found[number, 0] = answered[~answerable].mean()
            if answerable.any():
                found[number, 1] = (~answered[answerable]).mean()
        return found


def balanced(errors: list[np.ndarray]) -> tuple[float, float]:
    """Return the strictness that the rule chooses, and the larger error there."""
    larger = np.nanmean(np.stack(errors), axis=0).max(axis=1)
    least = int(np.argmin(larger))
    return LEVELS[least], float(larger[least])


def main(file: Path, draws: int) -> None:
    rows = read(file)
    sets = {name: Errors([row for row in rows if row.set == name]) for name in dict.fromkeys(row.set for row in rows)}
    errors = {name: one.at_each() for name, one in sets.items()}
    mean = np.nanmean(np.stack(list(errors.values())), axis=0)
    counts = [f"{name} {(~one.answerable).sum()} / {one.answerable.sum()}" for name, one in sets.items()]
    print(f"| strictness | {' | '.join(counts)} | mean | larger |")
    print(f"|---|{'---|' * (len(sets) + 2)}")
    for number, strictness in enumerate(LEVELS):
        cells = [_pair(one[number]) for one in (*errors.values(), mean)]
        print(f"| {strictness:g} | {' | '.join(cells)} | {mean[number].max():.3f} |")
    chosen, larger = balanced(list(errors.values()))
    print(f"\nthe rule on all sets: {chosen:g} (larger error {larger:.3f})")
    at = int(np.argmin(np.abs(np.array(LEVELS) - DEFAULT)))
    print(f"the default: {DEFAULT:g} (larger error {mean[at].max():.3f})")
    for name in sets:
        without, _ = balanced([one for other, one in errors.items() if other != name])
        print(f"without {name}: {without:g}; on {name} it has {_pair(errors[name][LEVELS.index(without)])}")
    random = np.random.default_rng(0)
    chosen_of, gain_of = [], []
    for _ in range(draws):
        drawn = [one.at_each(random.integers(0, len(one.chances), len(one.chances))) for one in sets.values()]
        strictness, _ = balanced(drawn)
        chosen_of.append(strictness)
        larger_of = np.nanmean(np.stack(drawn), axis=0).max(axis=1)
        gain_of.append(larger_of[at] - larger_of[LEVELS.index(chosen)])
    low, middle, high = np.percentile(chosen_of, (2.5, 50, 97.5))
    print(f"over {draws} bootstrap samples: median {middle:g}, 95 % from {low:g} to {high:g}")
    low, high = np.percentile(gain_of, (2.5, 97.5))
    print(
        f"the larger error at the default is above that of the rule by {np.mean(gain_of):.3f} ({low:.3f} to {high:.3f})"
    )


def _pair(errors: np.ndarray) -> str:
    return " / ".join("–" if np.isnan(one) else f"{one:.2f}" for one in errors)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?", default=JUDGED)
    parser.add_argument("--draws", type=int, default=500)
    given = parser.parse_args()
    main(given.file, given.draws)
