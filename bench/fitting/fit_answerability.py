"""
Fit the probability that evidence answers a question (`rag.grounding.answerability`), and check it on other data.

    python -m bench.fitting.fit_answerability ROWS.jsonl [MORE.jsonl ...] [--check OTHER.jsonl ...] [--curve]

The rows come from `bench/fitting/gather.py`. The fit uses the questions as they are and those whose answering sentences
were taken out; those whose documents were taken out are too easy. Prints the intercept and weights of a logistic
regression in which both classes weigh the same; for each file the area under the curve with all signals, with each
signal alone and without each signal; and both error rates at the default strictness. The figures of files that were
fitted on come from five-fold cross-validation. With --curve, prints both error rates of the constants in the code at
each strictness. MEMERAG must not be used to fit or choose anything here.
"""

from __future__ import annotations

import argparse
from dataclasses import astuple, fields
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from bench.fitting.gather import DOCUMENTS, Row, rows
from rag.grounding.answerability import Signals, needed, probability

NAMES = [field.name for field in fields(Signals)]
# Applies to signals in units of their spread.
_REGULARISATION = 10.0
_DEFAULT = 0.5
_STRICTNESSES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


class Set:
    """The signals of a file's questions, and whether each can be answered."""

    def __init__(self, file: Path, read: list[Row]) -> None:
        self.name = file.stem
        self.signals = [row.signals for row in read]
        self.values = np.array([astuple(found) for found in self.signals])
        self.answerable = np.array([row.answerable for row in read])


class Fit:
    """A logistic regression whose inputs are scaled by their spread."""

    def __init__(self, values: np.ndarray, answerable: np.ndarray, columns: list[int]) -> None:
        self._columns = columns
        spread = values[:, columns].std(axis=0) + 1e-9
        model = LogisticRegression(C=_REGULARISATION, max_iter=5000, class_weight="balanced")
        model.fit(values[:, columns] / spread, answerable)
        self.weights, self.intercept = model.coef_[0] / spread, model.intercept_[0]

    def __call__(self, values: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-(values[:, self._columns] @ self.weights + self.intercept)))


def main(files: list[Path], checks: list[Path], curve: bool) -> None:
    fitted = [Set(file, [row for row in rows(file) if row.without != DOCUMENTS]) for file in files]
    others = [Set(file, rows(file)) for file in checks]
    values, answerable = np.vstack([one.values for one in fitted]), np.concatenate([one.answerable for one in fitted])
    origin = np.concatenate([np.full(len(one.answerable), number) for number, one in enumerate(fitted)])
    every = list(range(len(NAMES)))
    model = Fit(values, answerable, every)
    print(f"{len(answerable)} questions, {answerable.sum()} of them can be answered")
    print(f"_INTERCEPT = {model.intercept:.2f}")
    print(f"_WEIGHTS = ({', '.join(f'{weight:.2f}' for weight in model.weights)})")
    print(f"\n| area under the curve | {' | '.join(one.name for one in (*fitted, *others))} |")
    print(f"|---|{'---|' * len((*fitted, *others))}")
    choices = {"all signals": every}
    choices |= {f"{name} alone": [number] for number, name in enumerate(NAMES)}
    choices |= {f"without {name}": [one for one in every if one != number] for number, name in enumerate(NAMES)}
    for name, columns in choices.items():
        chances = _chances(values, answerable, origin, columns, others)
        areas = [_area(one, chance) for one, chance in zip((*fitted, *others), chances, strict=True)]
        print(f"| {name} | {' | '.join(areas)} |")
    known = [np.array([probability(found) for found in one.signals]) for one in (*fitted, *others)]
    print(f"| the constants in the code | {' | '.join(map(_area, (*fitted, *others), known))} |")
    print()
    for one, chance in zip((*fitted, *others), _chances(values, answerable, origin, every, others), strict=True):
        print(f"{one.name}: false answers, false abstentions {_errors(one, chance, needed(_DEFAULT))}")
    if curve:
        print(f"\n| strictness | {' | '.join(one.name for one in (*fitted, *others))} |")
        print(f"|---|{'---|' * len((*fitted, *others))}")
        for strictness in _STRICTNESSES:
            cells = [_errors(one, k, needed(strictness)) for one, k in zip((*fitted, *others), known, strict=True)]
            print(f"| {strictness} | {' | '.join(cells)} |")


def _chances(
    values: np.ndarray, answerable: np.ndarray, origin: np.ndarray, columns: list[int], others: list[Set]
) -> list[np.ndarray]:
    """Return the probabilities of each fitted set, by fits that have not seen the question, and of each other set."""
    held_out = np.zeros(len(answerable))
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(values, origin * 2 + answerable):
        held_out[test] = Fit(values[train], answerable[train], columns)(values[test])
    model = Fit(values, answerable, columns)
    return [*(held_out[origin == number] for number in np.unique(origin)), *(model(one.values) for one in others)]


def _area(one: Set, chance: np.ndarray) -> str:
    both = 0 < one.answerable.mean() < 1
    return f"{roc_auc_score(one.answerable, chance):.3f}" if both else "–"


def _errors(one: Set, chance: np.ndarray, least: float) -> str:
    answered = chance >= least
    false = [answered[~one.answerable], ~answered[one.answerable]]
    return " / ".join(f"{np.mean(part):.2f}" if len(part) else "–" for part in false)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--check", nargs="*", type=Path, default=[])
    parser.add_argument("--curve", action="store_true")
    given = parser.parse_args()
    main(given.files, given.check, given.curve)
