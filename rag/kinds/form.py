"""A logistic regression over the form of a question."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from rag.kinds.features import columns

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class FormRegression:
    """
    Weights for the columns of `rag.kinds.features`.

    Parameters
    ----------
    frequent
        Casefolded words that count as themselves.
    weights
        Weights of the columns, shape ``(columns,)``.
    others
        The weights of further signals, if there are any, and last the log odds of a question without columns.

    """

    frequent: frozenset[str]
    weights: NDArray[np.float32]
    others: tuple[float, ...]

    def save(self, file: Path) -> None:
        """Write the weights, those of the columns in half precision."""
        np.savez_compressed(
            file,
            frequent=np.array(sorted(self.frequent)),
            weights=self.weights.astype(np.float16),
            others=np.array(self.others),
        )

    def probability(self, question: str, *signals: float) -> float:
        """Return the probability that the regression has learnt, given a question and as many signals as it has."""
        place = columns(question, self.frequent)
        *rest, bias = self.others
        score = float(self.weights[place].sum()) / np.sqrt(max(1, len(place))) + bias
        score += sum(weight * signal for weight, signal in zip(rest, signals, strict=True))
        return float(1 / (1 + np.exp(-score)))


def load(package: str, name: str) -> FormRegression:
    """Return the regression whose weights a package holds in a file."""
    with resources.files(package).joinpath(name).open("rb") as stream, np.load(stream) as stored:
        words = frozenset(str(word) for word in stored["frequent"])
        return FormRegression(words, stored["weights"].astype(np.float32), tuple(map(float, stored["others"])))
