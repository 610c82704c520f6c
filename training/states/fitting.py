"""Fit the probes, and how much each reader's word counts, and say what it is worth on bundles they were not fitted on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

FOLDS = 5
# Of a grid from 1e-4 to 1e-1, on the bundles themselves.
REGULARISATION, REGULARISATION_OF_WHOLE = 1e-3, 3e-2
# The questions of sets count so much in all, those of bundles 1.
WEIGHT_OF_SETS = 2.0
BOUNDS = (0.05, 0.1, 0.15, 0.25, 0.4)


@dataclass(frozen=True, slots=True)
class Row:
    """A question, see `training.states.gathering`; ``odds`` are the small reader's, ``bears`` of what was read."""

    bundle: str
    kind: str
    sentences: Array
    whole: Array
    read: NDArray[np.int64]
    odds: Array
    answers: float
    points: NDArray[np.bool_]

    @property
    def bears(self) -> NDArray[np.bool_]:
        """Of each sentence that was read, whether it belongs into the answer. Shape ``(sentences,)``."""
        said: NDArray[np.bool_] = np.any(self.points[self.read], axis=1)
        return said

    @property
    def is_of_set(self) -> bool:
        """Whether it is of a set for tuning, and says nothing of sentences."""
        return self.bundle.startswith("set-")

    @property
    def answerable(self) -> bool:
        """Whether the articles answer."""
        return bool(self.points.shape[1])


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear function."""

    weights: Array
    bias: float

    def __call__(self, values: Array) -> Array:
        """Return the value of each row."""
        result: Array = values @ self.weights + self.bias
        return result


def rows_of(folder: Path) -> list[Row]:
    """Read what was gathered."""
    found = []
    for file in sorted(folder.glob("*.npz")):
        held = dict(np.load(file))
        for number in range(len({name.partition(".")[0] for name in held})):
            one = {name: held[f"{number}.{name}"] for name in ("kind", "sentences", "whole", "read", "points")}
            chances = np.clip(held[f"{number}.chances"], 1e-6, 1 - 1e-6)
            answers = float(np.clip(held[f"{number}.answers"], 1e-6, 1 - 1e-6))
            found.append(
                Row(
                    file.stem,
                    str(one["kind"]),
                    one["sentences"].astype(np.float64),
                    one["whole"].astype(np.float64),
                    one["read"],
                    np.log(chances / (1 - chances)),
                    float(np.log(answers / (1 - answers))),
                    one["points"],
                )
            )
    return found


def fit_sentences(rows: Sequence[Row]) -> Linear:
    """Fit which of the sentences that were read belong into the answer."""
    return _fitted(np.concatenate([row.sentences for row in rows]), [x for r in rows for x in r.bears], REGULARISATION)


def fit_whole(rows: Sequence[Row]) -> Linear:
    """Fit whether they hold an answer."""
    wholes = np.array([row.whole for row in rows])
    weights = balanced(rows, WEIGHT_OF_SETS)
    return _fitted(wholes, [row.answerable for row in rows], REGULARISATION_OF_WHOLE, weights)


def balanced(rows: Sequence[Row], of_sets: float) -> Array:
    """
    Return how much each question counts: where it has no answer, all together as much as those that have one.

    Parameters
    ----------
    rows
        Questions of bundles and of sets.
    of_sets
        How much one of a set counts, one of a bundle counting 1.

    """
    groups = [(row.is_of_set, row.answerable) for row in rows]
    sizes = Counter(groups)
    in_all = Counter(is_of_set for is_of_set, _ in groups)
    return np.array([(of_sets if one[0] else 1.0) * in_all[one[0]] / 2 / sizes[one] for one in groups])


def of_others(rows: Sequence[Row], said: Sequence[Array]) -> float:
    """Return what the states say in the mean of a sentence that does not belong into the answer."""
    return float(np.mean(np.concatenate([one[~row.bears] for row, one in zip(rows, said, strict=True)])))


def spread(row: Row, said: Array, others: float) -> Array:
    """Return both readers' log odds of every sentence; see `of_others` for those that were not read."""
    full = np.full(len(row.odds), min([others, *said.tolist()]))
    full[row.read] = said
    return np.column_stack([row.odds, full])


def fit_both(rows: Sequence[Row], said: Sequence[Array], others: float) -> LogisticRegression:
    """Fit how much each reader's word counts on a sentence."""
    values = np.concatenate([spread(row, one, others) for row, one in zip(rows, said, strict=True)])
    return LogisticRegression(C=1e4).fit(values, np.concatenate([row.points.any(axis=1) for row in rows]))


def fit_answered(rows: Sequence[Row], said: Array) -> LogisticRegression:
    """Fit how much each reader's word counts on whether there is an answer."""
    values = np.column_stack([[row.answers for row in rows], said])
    ratio = max(1, sum(not row.is_of_set for row in rows)) / max(1, sum(row.is_of_set for row in rows))
    # All sets together count as much as all bundles.
    weights = balanced(rows, ratio)
    return LogisticRegression(C=1e4).fit(values, [row.answerable for row in rows], sample_weight=weights)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """
    What is said of questions by what was fitted without their bundles.

    Parameters
    ----------
    states, whole
        By the probes: of each question's sentences, and of the whole.
    both, answered
        By both readers: of every sentence that came into question, and whether there is an answer.

    """

    states: list[Array]
    whole: Array
    both: list[Array]
    answered: Array


def held_out(rows: Sequence[Row]) -> HeldOut:
    """Fit without a fifth of the bundles each time, first the probes, then how much each reader's word counts."""
    states: list[Array] = [np.zeros(0)] * len(rows)
    whole = np.zeros(len(rows))
    for inside, outside in _folds(rows):
        of_sentence, of_whole = fit_sentences([rows[one] for one in inside]), fit_whole([rows[one] for one in inside])
        for one in outside:
            states[one], whole[one] = of_sentence(rows[one].sentences), float(of_whole(rows[one].whole))
    both: list[Array] = [np.zeros(0)] * len(rows)
    answered = np.zeros(len(rows))
    for inside, outside in _folds(rows):
        some, said = [rows[one] for one in inside], [states[one] for one in inside]
        others = of_others(some, said)
        of_both, of_answered = fit_both(some, said, others), fit_answered(some, whole[inside])
        for one in outside:
            if len(rows[one].odds):
                both[one] = of_both.decision_function(spread(rows[one], states[one], others))
            answered[one] = of_answered.decision_function([[rows[one].answers, whole[one]]])[0]
    return HeldOut(states, whole, both, answered)


def _folds(rows: Sequence[Row]) -> Iterator[tuple[list[int], list[int]]]:
    names = sorted({row.bundle for row in rows})
    for fold in range(FOLDS):
        out = set(names[fold::FOLDS])
        yield (
            [number for number, row in enumerate(rows) if row.bundle not in out],
            [number for number, row in enumerate(rows) if row.bundle in out],
        )


def precision(scores: Array, bears: NDArray[np.bool_]) -> float:
    """Return the average precision of an order."""
    ranked = bears[np.argsort(-scores, kind="stable")]
    return float((np.cumsum(ranked) / np.arange(1, len(ranked) + 1))[ranked].mean())


def separation(rows: Sequence[Row], said: Array) -> tuple[float, list[float]]:
    """Return the area under the curve, and the shares refused where those in `BOUNDS` are answered though not."""
    answerable = np.array([row.answerable for row in rows])
    bounds = [np.quantile(said[~answerable], 1 - share) for share in BOUNDS]
    return float(roc_auc_score(answerable, said)), [float((said[answerable] < bound).mean()) for bound in bounds]


def _fitted(values: Array, wanted: Sequence[bool], regularisation: float, weights: Array | None = None) -> Linear:
    scaler = StandardScaler()
    fitted = LogisticRegression(C=regularisation, max_iter=1000).fit(
        scaler.fit_transform(values), wanted, sample_weight=weights
    )
    weights_of_values = fitted.coef_[0] / scaler.scale_
    return Linear(weights_of_values, float(fitted.intercept_[0] - weights_of_values @ scaler.mean_))
