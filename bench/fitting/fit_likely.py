"""
Fit how likely the nearest sentence is the answer, from what the search knows (`rag.grounding.likely`).

    python -m bench.fitting.fit_likely ROWS.jsonl [MORE.jsonl ...] [--check OTHER.jsonl ...]

The rows come from `bench/fitting/gather.py`. Fits a logistic regression that predicts from the three signals of the
search whether the product, with the language model, shows this sentence. Prints the weights, and for each file and some
bounds how often a sentence is shown as likely and how often that is confirmed; for files that were fitted on, from
five-fold cross-validation.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from bench.fitting.gather import Row, rows
from rag import Settings
from rag.grounding.answerability import needed, probability, signals_of_search

_BOUNDS = (0.4, 0.5, 0.6)
_STRICTNESS = Settings().answering.strictness


def confirmed(row: Row) -> bool:
    """Tell whether the product shows the nearest sentence."""
    place = row.place
    if place is None or probability(row.signals) < needed(_STRICTNESS):
        return False
    return row.read[place.sentence] == max(row.evidence, key=lambda one: one.score)


def main(files: list[Path], checks: list[Path]) -> None:
    """Fit on the files, and print how good the fit is on each."""
    sets = {file: rows(file) for file in (*files, *checks)}
    values = {
        file: np.array([signals_of_search(row.question, row.evidence) for row in of]) for file, of in sets.items()
    }
    right = {file: np.array([confirmed(row) for row in of]) for file, of in sets.items()}
    model = LogisticRegression(C=10)
    together = np.vstack([values[file] for file in files]), np.concatenate([right[file] for file in files])
    crossed = cross_val_predict(model, *together, cv=5, method="predict_proba")[:, 1]
    model.fit(*together)
    print(f"_INTERCEPT = {model.intercept_[0]:.2f}")
    print(f"_WEIGHTS = ({', '.join(f'{weight:.2f}' for weight in model.coef_[0])})")
    print("\n| file | questions |" + "".join(f" shown at {bound} | confirmed |" for bound in _BOUNDS))
    print("|---|---|" + "---|---|" * len(_BOUNDS))
    at = 0
    for file in (*files, *checks):
        count = len(sets[file])
        of = crossed[at : at + count] if file in files else model.predict_proba(values[file])[:, 1]
        at += count if file in files else 0
        cells = []
        for bound in _BOUNDS:
            shown = of >= bound
            held = f"{right[file][shown].mean():.2f}" if shown.any() else "–"
            cells.append(f" {shown.mean():.2f} | {held} |")
        print(f"| {file.stem} | {count} |{''.join(cells)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--check", type=Path, nargs="+", default=[])
    given = parser.parse_args()
    main(given.files, given.check)
