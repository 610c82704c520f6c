"""The choice of a strictness: its guarantees, and that they hold on real answers."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.fitting.judged import Judged, read
from rag.calibrating.bounds import fewest
from rag.calibrating.choosing import STRICTNESSES, Case, choose, levels, size_needed
from rag.grounding.answerability import needed

JUDGED = Path(__file__).parents[2] / "data" / "judged.jsonl"
SPLITS = 200
CASES = st.lists(st.builds(Case, st.floats(0, 1), st.booleans()), max_size=80)
MOSTLY_RIGHT = st.lists(
    st.builds(Case, st.floats(0, 1), st.integers(0, 19).map(lambda drawn: drawn == 0)), min_size=30, max_size=80
)
RISK = st.floats(0.05, 0.6)


def strictness(cases: list[Case], risk: float, confidence: float = 0.9) -> float:
    """Return the chosen strictness, or a value above every strictness if none is chosen."""
    found = choose(cases, risk=risk, confidence=confidence)
    return 2.0 if found is None else found.strictness


@given(MOSTLY_RIGHT, RISK, st.data())
def test_a_wrong_answer_more_never_makes_it_less_strict(cases: list[Case], risk: float, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(cases) - 1))
    worse = [*cases[:number], Case(cases[number].chance, wrong=True), *cases[number + 1 :]]
    assert strictness(worse, risk) >= strictness(cases, risk)


@given(MOSTLY_RIGHT, RISK, RISK)
def test_a_higher_risk_is_never_met_by_more_strictness(cases: list[Case], one: float, other: float) -> None:
    # With another risk, another level is tried first. If it fails, no strictness is chosen.
    low, high = (choose(cases, risk=risk, confidence=0.9) for risk in sorted((one, other)))
    assert low is None or high is None or high.strictness <= low.strictness


@given(CASES, RISK, st.randoms())
def test_the_order_of_the_questions_does_not_count(cases: list[Case], risk: float, order: random.Random) -> None:
    other = list(cases)
    order.shuffle(other)
    assert strictness(other, risk) == strictness(cases, risk)


@given(CASES, RISK)
def test_what_is_chosen_holds_and_so_does_all_that_is_stricter_and_could_be_tested(
    cases: list[Case], risk: float
) -> None:
    chosen = choose(cases, risk=risk, confidence=0.9)
    for level in levels(cases, confidence=0.9) if chosen else ():
        if level.strictness >= chosen.strictness and level.shown >= fewest(risk, 0.9):  # type: ignore[union-attr]
            assert level.bound <= risk + 1e-9


@given(CASES)
def test_a_stricter_level_shows_no_more(cases: list[Case]) -> None:
    found = levels(cases, confidence=0.9)
    assert [level.strictness for level in found] == sorted(STRICTNESSES, reverse=True)
    assert [level.shown for level in found] == sorted(level.shown for level in found)
    assert [level.wrong for level in found] == sorted(level.wrong for level in found)
    assert found[-1].shown == len(cases)


@given(MOSTLY_RIGHT, st.floats(0.02, 0.3))
def test_the_size_that_would_do_is_larger(cases: list[Case], risk: float) -> None:
    if choose(cases, risk=risk, confidence=0.95) is None:
        size = size_needed(cases, len(cases), risk=risk, confidence=0.95)
        assert size is None or size > len(cases)


def test_the_size_has_two_digits_of_its_own() -> None:
    cases = [Case(number / 64, wrong=number == 64) for number in range(65)]
    size = size_needed(cases, 500, risk=0.05, confidence=0.95)
    assert size is not None
    assert size > 500
    assert str(size)[2:] == "0" * (len(str(size)) - 2)


def test_where_most_are_wrong_a_larger_set_would_not_do() -> None:
    cases = [Case(1.0, wrong=number % 2 == 0) for number in range(100)]
    assert choose(cases, risk=0.1, confidence=0.95) is None
    assert size_needed(cases, 100, risk=0.1, confidence=0.95) is None


def test_of_right_answers_alone_all_are_shown_as_soon_as_there_are_enough() -> None:
    right = [Case(number / 29, wrong=False) for number in range(29)]
    found = choose(right, risk=0.1, confidence=0.95)
    assert found is not None
    assert (found.strictness, found.shown) == (0.0, 29)
    assert choose(right[:28], risk=0.1, confidence=0.95) is None
    assert size_needed(right[:28], 28, risk=0.1, confidence=0.95) is not None


def kept(case: Judged) -> Case:
    return Case(case.chance, wrong=not case.answerable)


def violations(cases: list[Case], risk: float, part: float) -> tuple[int, int, int]:
    """Count how often a strictness was chosen, and how often the risk is too high on the rest and on the whole set."""
    order, chosen, on_rest, on_all = random.Random(0), 0, 0, 0
    for _ in range(SPLITS):
        drawn = list(cases)
        order.shuffle(drawn)
        size = int(part * len(drawn))
        found = choose(drawn[:size], risk=risk, confidence=0.95)
        if found is None:
            continue
        chosen += 1
        on_rest += share_of_wrong(drawn[size:], found.strictness) > risk
        on_all += share_of_wrong(drawn, found.strictness) > risk
    return chosen, on_rest, on_all


def share_of_wrong(cases: list[Case], level: float) -> float:
    shown = [case.wrong for case in cases if level <= 0 or case.chance >= needed(level)]
    return sum(shown) / max(1, len(shown))


@pytest.mark.parametrize("risk", [0.10, 0.15, 0.20, 0.25])
def test_over_200_random_splits_the_bound_holds_in_95_percent(risk: float) -> None:
    cases = [kept(one) for one in read(JUDGED) if one.set in {"own", "nomi", "x100"}]
    chosen, on_rest, on_all = violations(cases, risk, 0.3)
    assert chosen >= SPLITS / 4
    assert on_rest <= 0.05 * SPLITS
    assert on_all <= 0.05 * SPLITS


def test_the_bound_of_wrong_citations_holds_too() -> None:
    cases = [
        Case(one.chance, wrong=not one.right) for one in read(JUDGED) if one.set in {"own", "x100"} and not one.without
    ]
    chosen, _, on_all = violations(cases, 0.25, 0.3)  # the rest is too small a sample to estimate the risk
    assert chosen >= SPLITS / 4
    assert on_all <= 0.05 * SPLITS
