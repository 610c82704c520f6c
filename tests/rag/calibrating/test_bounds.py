"""Exact bounds: how they change with more wrong answers, more answers and a higher confidence."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.calibrating.bounds import chance_of_so_few, fewest, upper_bound

SHARE = st.floats(0.01, 0.99)
CONFIDENCE = st.floats(0.5, 0.999)
COUNTS = st.integers(1, 300).flatmap(lambda shown: st.tuples(st.integers(0, shown), st.just(shown)))


@given(COUNTS, CONFIDENCE)
def test_more_wrong_answers_never_loosen_it(counts: tuple[int, int], confidence: float) -> None:
    wrong, shown = counts
    assert upper_bound(wrong, shown, confidence) <= upper_bound(min(wrong + 1, shown), shown, confidence)


@given(COUNTS, CONFIDENCE)
def test_a_right_answer_more_never_raises_it(counts: tuple[int, int], confidence: float) -> None:
    wrong, shown = counts
    assert upper_bound(wrong, shown + 1, confidence) <= upper_bound(wrong, shown, confidence)


@given(COUNTS, CONFIDENCE, CONFIDENCE)
def test_more_confidence_never_lowers_it(counts: tuple[int, int], one: float, other: float) -> None:
    wrong, shown = counts
    assert upper_bound(wrong, shown, min(one, other)) <= upper_bound(wrong, shown, max(one, other))


@given(COUNTS, CONFIDENCE)
def test_it_is_not_below_what_was_seen_and_no_sharper_than_its_confidence(
    counts: tuple[int, int], confidence: float
) -> None:
    wrong, shown = counts
    bound = upper_bound(wrong, shown, confidence)
    assert wrong / shown <= bound <= 1
    assert wrong == shown or chance_of_so_few(wrong, shown, bound) == pytest.approx(1 - confidence, abs=1e-6)


@given(st.integers(1, 60), SHARE)
def test_the_chances_of_all_counts_are_those_of_the_binomial_distribution(shown: int, share: float) -> None:
    for wrong in range(shown + 1):
        expected = sum(
            math.comb(shown, count) * share**count * (1 - share) ** (shown - count) for count in range(wrong + 1)
        )
        assert chance_of_so_few(wrong, shown, share) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("wrong", "shown", "bound"),
    [(0, 29, 0.0981), (0, 28, 0.1015), (1, 46, 0.0990), (5, 100, 0.1023), (3, 3, 1), (0, 0, 1)],
)
def test_it_is_that_of_the_tables(wrong: int, shown: int, bound: float) -> None:
    assert upper_bound(wrong, shown, 0.95) == pytest.approx(bound, abs=1e-4)


@given(st.floats(0.01, 0.9), st.floats(0.5, 0.999))
def test_fewer_than_the_fewest_hold_no_risk_and_so_many_do(risk: float, confidence: float) -> None:
    count = fewest(risk, confidence)
    assert upper_bound(0, count, confidence) <= risk
    assert upper_bound(0, count - 1, confidence) > risk


def test_a_tenth_with_95_percent_takes_29_answers() -> None:
    assert fewest(0.10, 0.95) == 29
