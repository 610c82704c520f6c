"""Probes of states, and how much each reader's word counts, fitted on made-up questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from training.states import fitting

if TYPE_CHECKING:
    from pathlib import Path

WIDTH, SENTENCES, READ = 12, 9, 6


@pytest.fixture(scope="module")
def rows() -> list[fitting.Row]:
    """Questions whose sentences bear where the first value of their states is high, and are answered by the second."""
    random = np.random.default_rng(0)
    made = []
    for number in range(120):
        answerable = number % 4 > 0
        bears = (random.random(SENTENCES) < 0.3) & answerable
        states = random.normal(size=(READ, WIDTH))
        states[:, 0] += 3 * bears[:READ]
        whole = random.normal(size=WIDTH)
        whole[1] += 3 * answerable
        points = np.zeros((SENTENCES, int(answerable)), dtype=bool)
        points[bears] = True
        odds = random.normal(size=SENTENCES) + bears
        answers = float(random.normal() + answerable)
        made.append(fitting.Row(f"b{number % 10}", "list", states, whole, np.arange(READ), odds, answers, points))
    return made


def test_the_probes_find_what_was_put_in(rows: list[fitting.Row]) -> None:
    sentence, whole = fitting.fit_sentences(rows), fitting.fit_whole(rows)
    assert int(np.abs(sentence.weights).argmax()) == 0
    assert int(np.abs(whole.weights).argmax()) == 1
    assert sentence.weights[0] > 0 < whole.weights[1]


def test_both_readers_know_more_than_either(rows: list[fitting.Row]) -> None:
    held = fitting.held_out(rows)
    of_reader = np.array([row.answers for row in rows])
    both = fitting.separation(rows, held.answered)[0]
    assert both > max(fitting.separation(rows, of_reader)[0], 0.9)
    assert both > fitting.separation(rows, held.whole)[0] - 0.02
    known = [number for number, row in enumerate(rows) if row.bears.any()]

    def mean(scores: list[np.ndarray]) -> float:
        return float(np.mean([fitting.precision(scores[one], rows[one].bears) for one in known]))

    together = mean([both[row.read] for row, both in zip(rows, held.both, strict=True)])
    assert together > mean([row.odds[row.read] for row in rows])


def test_nobody_is_judged_by_what_was_fitted_on_the_same_bundle(rows: list[fitting.Row]) -> None:
    twisted = [
        fitting.Row(r.bundle, r.kind, -r.sentences, r.whole, r.read, r.odds, r.answers, r.points)
        if r.bundle == "b0"
        else r
        for r in rows
    ]
    before, after = fitting.held_out(rows), fitting.held_out(twisted)
    for number, row in enumerate(rows):
        if row.bundle == "b0":
            # What the others taught is the same, so what was turned round is taken for the reverse.
            assert np.corrcoef(before.states[number], after.states[number])[0, 1] < -0.99


def test_what_was_not_read_is_as_what_does_not_belong_into_an_answer(rows: list[fitting.Row]) -> None:
    values = fitting.spread(rows[0], np.full(READ, 4.0), -2.0)
    assert values.shape == (SENTENCES, 2)
    assert values[READ:, 1].tolist() == [-2.0] * (SENTENCES - READ)
    assert fitting.spread(rows[0], np.full(READ, -5.0), -2.0)[-1, 1] == -5.0


def test_what_was_gathered_is_read(tmp_path: Path) -> None:
    held = {
        "0.kind": np.array("list"),
        "0.sentences": np.ones((2, 3), dtype=np.float16),
        "0.whole": np.ones(3, dtype=np.float16),
        "0.read": np.array([0, 2]),
        "0.chances": np.array([0.5, 0.5, 1.0]),
        "0.answers": np.array(1.0),
        "0.points": np.array([[True], [False], [False]]),
    }
    np.savez(tmp_path / "b1.npz", **held)  # type: ignore[arg-type]
    (row,) = fitting.rows_of(tmp_path)
    assert (row.bundle, row.kind, row.answerable) == ("b1", "list", True)
    assert row.bears.tolist() == [True, False]
    assert np.isfinite(row.odds).all()
    assert np.isfinite(row.answers)
