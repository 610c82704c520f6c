"""The reliability curve and the expected calibration error."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.cli import evaluation_tables
from rag.evaluation.gates import parse_bound
from rag.evaluation.measuring.reliability import ERROR, error, reliability
from rag.evaluation.measuring.statistics import METRICS, confidence, measure
from rag.evaluation.report.html import render_html
from rag.evaluation.report.markdown import render_markdown
from rag.evaluation.types import Evaluation, Outcome, ReliabilityBin

ANSWERS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


def outcomes(*answers: tuple[float, bool]) -> list[Outcome]:
    return [
        Outcome(
            str(number), "?", True, answer="a", cause=None if right else "wrong_answer", samples={"confidence": sure}
        )
        for number, (sure, right) in enumerate(answers)
    ]


def test_the_curve_has_a_bin_for_each_tenth_that_is_met() -> None:
    found = outcomes((0.91, True), (0.99, False), (1.0, True), (0.2, False))
    assert reliability(found) == (
        ReliabilityBin(0.2, 0.0, 1),
        ReliabilityBin(pytest.approx(0.9667, abs=1e-4), pytest.approx(0.6667, abs=1e-4), 3),  # type: ignore[arg-type]
    )
    assert error(found) == pytest.approx((0.2 + 3 * 0.3) / 4)


def test_answers_without_a_confidence_do_not_count() -> None:
    without = [replace(one, samples={}) for one in outcomes((0.9, True))]
    assert (reliability(without), error(without)) == ((), None)
    assert ERROR not in measure(without)


@given(ANSWERS)
def test_the_error_is_a_share_and_its_interval_one_of_shares(answers: list[tuple[float, bool]]) -> None:
    found = outcomes(*answers)
    off = error(found)
    assert off is not None
    assert 0 <= off <= 1
    low, high = confidence(found, {ERROR: off})[ERROR]
    assert 0 <= low <= high <= 1
    assert sum(one.count for one in reliability(found)) == len(answers)


@given(st.integers(1, 9), st.integers(1, 20))
def test_who_is_as_sure_as_right_makes_no_error(right: int, times: int) -> None:
    found = outcomes(*[(right / 10, number % 10 < right) for number in range(10 * times)])
    assert error(found) == pytest.approx(0, abs=1e-9)


def test_it_is_a_metric_that_can_be_bounded_and_stands_in_every_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert parse_bound(f"{ERROR}=0.1", "max", METRICS).metric == ERROR
    found = outcomes(*[(0.85, number > 0) for number in range(10)], (0.35, False))
    metrics = measure(found)
    intervals = confidence(found, metrics)
    result = Evaluation("s", "native", 11, metrics, intervals, {}, {}, tuple(found), reliability=reliability(found))
    data = result.to_json()
    assert data["metrics"][ERROR] == pytest.approx((10 * 0.05 + 0.35) / 11, abs=1e-6)
    assert data["reliability"] == [
        {"confidence": 0.35, "right": 0.0, "n": 1},
        {"confidence": 0.85, "right": 0.9, "n": 10},
    ]
    assert data["questions"][0]["samples"]["confidence"] == 0.85
    evaluation_tables.print_evaluation(result)
    assert "0.85" in capsys.readouterr().out
    assert "| 0.85 | 0.90 | 10 |" in render_markdown(result)
    page = render_html(result)
    assert "Is the confidence to be trusted?" in page
    assert "0.90 right at confidence 0.85 (n = 10)" in page
