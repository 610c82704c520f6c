"""Scaling of probabilities so that they match the share of correct answers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.calibrating.scaling import fit
from rag.grounding.confidence import SAME, Scale


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.05, 20), st.floats(-10, 10))
def test_a_scale_keeps_the_order_and_stays_a_probability(one: float, other: float, slope: float, offset: float) -> None:
    low, high = (Scale(slope, offset).of(chance) for chance in sorted((one, other)))
    assert 0 <= low <= high <= 1


@given(st.floats(0, 1))
def test_by_default_it_changes_nothing(chance: float) -> None:
    assert SAME.of(chance) == chance


def test_what_is_too_sure_is_made_as_sure_as_it_is_right() -> None:
    chances = [0.9] * 100 + [0.5] * 100
    right = [number % 10 < 6 for number in range(100)] + [number % 10 < 2 for number in range(100)]
    scale = fit(chances, right)
    assert abs(scale.of(0.9) - 0.6) < 0.02
    assert abs(scale.of(0.5) - 0.2) < 0.02


def test_too_few_answers_of_a_kind_and_a_probability_that_tells_nothing_change_nothing() -> None:
    assert fit([], []) == SAME
    assert fit([0.9] * 50 + [0.1] * 9, [True] * 50 + [False] * 9) == SAME
    assert fit([0.1] * 50 + [0.9] * 50, [True] * 50 + [False] * 50) == SAME
