"""What the regressions over the form of a question share: questions as people type them, and the fit."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from rag.kinds.features import COLUMNS, columns, tokens
from rag.kinds.form import FormRegression

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Sequence

OPENED = 0.1  # share of the questions read a second time that get an opening
OPENINGS = ("Ok,", "Okay, und", "Gut, und", "Aha, und", "Hm,", "Und", "Also,", "Okay, and", "And")
CASUAL = 0.7  # share of the questions read a second time that lose their capitals, and share that lose their mark


def as_typed(questions: Sequence[str], chance: random.Random) -> list[str]:
    """Return half of the questions as people type them."""
    return [_casual(one, chance) for one in chance.sample(questions, len(questions) // 2)]


def _casual(question: str, chance: random.Random) -> str:
    if chance.random() < OPENED:
        question = f"{chance.choice(OPENINGS)} {question[0].lower()}{question[1:]}"
    small = question.lower() if chance.random() < CASUAL else question
    return small.rstrip("?.") if chance.random() < CASUAL else small


def fit(
    questions: Sequence[str],
    wanted: Sequence[bool],
    signals: Sequence[Sequence[float]] = (),
    *,
    least_count: int,
    strength: float,
) -> FormRegression:
    """
    Return the regression that tells both sorts of questions apart; each of the two counts as much as the other.

    Parameters
    ----------
    questions, wanted
        The questions, and for each whether it is of the sort whose probability is to be learnt.
    signals
        For each question as many further numbers; none if there are none.
    least_count
        How often a word must occur to count as itself.
    strength
        Inverse of the regularisation.

    """
    counts = Counter(word.casefold() for question in questions for word in tokens(question))
    frequent = frozenset(word for word, count in counts.items() if count >= least_count)
    matrix = _matrix(questions, frequent)
    inputs = hstack([matrix, csr_matrix(signals)]).tocsr() if signals else matrix
    model = LogisticRegression(C=strength, max_iter=2000, class_weight="balanced").fit(inputs, list(map(int, wanted)))
    weights = model.coef_[0]
    others = (*map(float, weights[COLUMNS:]), float(model.intercept_[0]))
    return FormRegression(frequent, np.array(weights[:COLUMNS], dtype=np.float32), others)


def mistakes(probability: Callable[[str], float], rows: Iterable[tuple[str, bool]], least: float) -> tuple[int, int]:
    """Return how many questions of the sort that is learnt are missed, and how many others are taken for these."""
    wrong = [wanted for question, wanted in rows if (probability(question) >= least) is not wanted]
    return sum(wrong), len(wrong) - sum(wrong)


def _matrix(questions: Sequence[str], frequent: frozenset[str]) -> csr_matrix:
    rows = [columns(question, frequent) for question in questions]
    sizes = [len(row) for row in rows]
    values = np.concatenate([np.full(size, 1 / np.sqrt(max(1, size))) for size in sizes])
    return csr_matrix(
        (values, np.concatenate(rows), np.cumsum([0, *sizes])), shape=(len(questions), COLUMNS), dtype=np.float64
    )
