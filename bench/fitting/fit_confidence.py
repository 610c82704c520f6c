"""
Measure how well the probability of an answer is calibrated, and whether a scale fitted on other sets helps.

    python -m bench.fitting.fit_confidence [JUDGED.jsonl]

The rows come from `bench/fitting/judged.py`; by default they are those of the tests. For each set that says where the
answers are, prints the expected calibration error (ten bins) of four probabilities: the probability as it is; scaled by
Platt's line and by isotonic regression, both fitted on the other sets, which weigh the same; and scaled by Platt's line
fitted on the set itself (`rag.calibrating.scaling`, five-fold cross-validation, mean of ten), as `rag calibrate` does.
The last column is the error that perfectly calibrated probabilities would have by chance at this number of questions.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from bench.fitting.fit_default import JUDGED
from bench.fitting.judged import Judged, read
from rag.calibrating.scaling import fit
from rag.evaluation.measuring.reliability import BINS
from rag.grounding.confidence import log_odds

# Both are XQuAD: its questions as they are, and without the sentence that answers.
_ONE_SET = {"x100": "XQuAD", "xrem": "XQuAD"}
_REPEATS = 10


class Chances:
    """The probabilities of a set's answers, and which answers are right."""

    def __init__(self, rows: list[Judged]) -> None:
        self.values = np.array([row.chance for row in rows])
        self.odds = np.array([[log_odds(row.chance)] for row in rows])
        self.right = np.array([bool(row.right) for row in rows])


def error(values: np.ndarray, right: np.ndarray) -> float:
    """Return the expected calibration error."""
    bins = np.minimum((values * BINS).astype(int), BINS - 1)
    return sum(abs((values - right)[bins == number].sum()) for number in range(BINS)) / len(values)


def main(file: Path) -> None:
    by_set: dict[str, list[Judged]] = {}
    for row in read(file):
        by_set.setdefault(_ONE_SET.get(row.set, row.set), []).append(row)
    sets = {name: Chances(rows) for name, rows in by_set.items() if all(row.right is not None for row in rows)}
    print(
        "| set | answers | right | as it is | Platt, other sets | isotonic, other sets | Platt, its own | without fault |"
    )
    print("|---|---|---|---|---|---|---|---|")
    columns = []
    for name, one in sets.items():
        others = [other for key, other in sets.items() if key != name]
        found = [error(one.values, one.right), *_elsewhere(one, others), *_own(one)]
        columns.append(found)
        cells = " | ".join(f"{value:.2f}" for value in found)
        print(f"| {name} | {len(one.values)} | {one.right.mean():.2f} | {cells} |")
    print(f"| mean | | | {' | '.join(f'{value:.2f}' for value in np.mean(columns, axis=0))} |")


def _elsewhere(one: Chances, others: list[Chances]) -> tuple[float, float]:
    odds, values = (np.concatenate([getattr(other, name) for other in others]) for name in ("odds", "values"))
    right = np.concatenate([other.right for other in others])
    weights = np.concatenate([np.full(len(other.values), 100 / len(other.values)) for other in others])
    line = LogisticRegression(C=1e6).fit(odds, right, sample_weight=weights)
    steps = IsotonicRegression(out_of_bounds="clip").fit(values, right, sample_weight=weights)
    return error(line.predict_proba(one.odds)[:, 1], one.right), error(steps.predict(one.values), one.right)


def _own(one: Chances) -> tuple[float, float]:
    errors, faultless, random = [], [], np.random.default_rng(0)
    for seed in range(_REPEATS):
        scaled = np.zeros(len(one.values))
        for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(one.odds, one.right):
            scale = fit(one.values[train].tolist(), one.right[train].tolist())
            scaled[test] = [scale.of(value) for value in one.values[test]]
        errors.append(error(scaled, one.right))
        faultless.append(error(scaled, random.random(len(scaled)) < scaled))
    return float(np.mean(errors)), float(np.mean(faultless))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?", default=JUDGED)
    main(parser.parse_args().file)
