"""
Fit how much the draft's words and the nearness to the question count for a place (`rag.grounding.anchoring`).

    python -m bench.fitting.fit_place ROWS.jsonl [MORE.jsonl ...] [--check OTHER.jsonl ...]

The rows come from `bench/fitting/gather.py`. The fit is a conditional logistic regression: of the sentences that were
read for a question, the one that holds the answer should be chosen. Prints both weights, and for each file how often
the sentence of highest weight is one that answers; for files that were fitted on, from five-fold cross-validation.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp
from sklearn.model_selection import KFold

from bench.fitting.gather import Row, overlaps, rows
from rag.grounding import anchoring
from rag.grounding.anchoring import anchor

_RIDGE = 0.01


@dataclass(frozen=True, slots=True)
class Choice:
    """
    The sentences read for one question.

    Parameters
    ----------
    values
        For each sentence, the share of the draft's words that it holds and how near it is to the question.
    right
        Whether each sentence holds the answer.

    """

    values: np.ndarray
    right: np.ndarray


def main(files: list[Path], checks: list[Path]) -> None:
    fitted, others = [_choices(file) for file in files], [_choices(file) for file in checks]
    every = [choice for choices in fitted for choice in choices]
    share, nearness = fit(every)
    print(f"{len(every)} questions")
    print(f"_SHARE_WEIGHT = {share:.2f}")
    print(f"_NEARNESS_WEIGHT = {nearness:.2f}")
    print(f"\n| the best sentence answers | {' | '.join(file.stem for file in (*files, *checks))} |")
    print(f"|---|{'---|' * len((*files, *checks))}")
    origin = [number for number, choices in enumerate(fitted) for _ in choices]
    hits = np.zeros(len(every))
    for train, test in KFold(5, shuffle=True, random_state=0).split(every):
        weights = fit([every[i] for i in train])
        hits[test] = [_hit(every[i], weights) for i in test]
    held_out = [hits[np.array(origin) == number].mean() for number in range(len(files))]
    fresh = [_accuracy(choices, np.array([share, nearness])) for choices in others]
    _print_row("both weights as fitted", [*held_out, *fresh])
    given = {
        "the weights in the code": (anchoring._SHARE_WEIGHT, anchoring._NEARNESS_WEIGHT),
        "the words alone": (1.0, 0.0),
        "the nearness alone": (0.0, 1.0),
    }
    for name, weights in given.items():
        _print_row(name, [_accuracy(choices, np.array(weights)) for choices in (*fitted, *others)])
    _print_row("questions", [len(choices) for choices in (*fitted, *others)])


def fit(choices: list[Choice]) -> np.ndarray:
    def loss(weights: np.ndarray) -> float:
        chosen = [logsumexp(one.values @ weights) - logsumexp(one.values[one.right] @ weights) for one in choices]
        return sum(chosen) + _RIDGE * weights @ weights

    return minimize(loss, np.zeros(2)).x


def _choices(file: Path) -> list[Choice]:
    """Return the questions of a file whose answer is in a sentence that was read."""
    found = [_choice(row) for row in rows(file) if row.answerable]
    return [choice for choice in found if choice.right.any()]


def _choice(row: Row) -> Choice:
    contexts = row.contexts or [()] * len(row.read)
    scores = {(one.path, one.start): one.score for one in row.read}
    values = []
    for sentence, context in zip(row.read, contexts, strict=True):
        place = anchor(row.draft, [sentence], question=row.question, contexts=[context])
        near = max(sentence.score, *(scores.get((one.path, one.start), 0.0) for one in context), 0.0)
        values.append((place.share, near))
    return Choice(np.array(values), np.array([overlaps(sentence, row.gold) for sentence in row.read]))


def _hit(choice: Choice, weights: np.ndarray) -> bool:
    return bool(choice.right[np.argmax(choice.values @ weights)])


def _accuracy(choices: list[Choice], weights: np.ndarray) -> float:
    return float(np.mean([_hit(choice, weights) for choice in choices]))


def _print_row(name: str, cells: list[float]) -> None:
    print(f"| {name} | {' | '.join(f'{one:.3f}' if isinstance(one, float) else str(one) for one in cells)} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--check", nargs="*", type=Path, default=[])
    given = parser.parse_args()
    main(given.files, given.check)
