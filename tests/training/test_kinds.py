"""Training of the classifier of kinds: the same questions give the same weights, and it guesses what it learnt."""

from __future__ import annotations

import numpy as np

from rag.kinds.classifier import classify
from rag.kinds.frames import Labelled
from rag.kinds.types import KINDS
from training.kinds import train

OF_EACH = 6


def test_training_is_the_same_every_time_and_finds_what_tells_the_kinds_apart() -> None:
    random = np.random.default_rng(0)
    questions = [Labelled(f"frage {number} {kind}", kind) for kind in KINDS for number in range(OF_EACH)]
    labels = np.array([KINDS.index(one.kind) for one in questions])
    vectors = (np.eye(len(KINDS))[labels] + 0.05 * random.normal(size=(len(labels), len(KINDS)))).astype(np.float32)
    (first, figures), (second, again) = (
        train("model", questions, vectors, questions[:9], vectors[:9]) for _ in range(2)
    )
    assert figures == again
    assert np.array_equal(first.vector, second.vector)
    assert np.array_equal(first.form, second.form)
    assert figures["vector"] == figures["both"] == 1.0
    guesses = [classify(one.question, vector, weights=first) for one, vector in zip(questions, vectors, strict=True)]
    assert [guess.kind for guess in guesses] == [one.kind for one in questions]
    assert first.frequent >= {"frage", "fact", "talk"}
