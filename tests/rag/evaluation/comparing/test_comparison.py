from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluation.baseline import check_baseline, write_baseline
from rag.evaluation.comparing import compare, read, record, regressions
from rag.evaluation.measuring.statistics import paired_test
from rag.evaluation.types import DatasetError, Evaluation, Outcome

if TYPE_CHECKING:
    from pathlib import Path

shares = st.lists(st.tuples(st.floats(0, 1), st.just(1.0)), min_size=1, max_size=30)


def evaluation(right: list[bool]) -> Evaluation:
    outcomes = tuple(
        Outcome(
            f"q{number}",
            f"Frage {number}?",
            answerable=True,
            answer="Ja" if good else "Nein",
            cause=None if good else "wrong_answer",
            shares={"answer_contains": (float(good), 1.0), "false_abstention_rate": (0.0, 1.0)},
            samples={"total_ms": 5.0},
        )
        for number, good in enumerate(right)
    )
    return Evaluation("set", "native", len(right), {"answer_contains": sum(right) / len(right)}, {}, {}, {}, outcomes)


def test_what_got_better_and_what_worse() -> None:
    before, after = evaluation([True, False, True]), evaluation([True, True, False])
    result = compare(record(before.to_json(), "A"), record(after.to_json(), "B"))
    assert [change.id for change in result.better] == ["q1"]
    assert [change.id for change in result.worse] == ["q2"]
    assert result.worse[0].cause_after == "wrong_answer"
    contains = next(one for one in result.differences if one.metric == "answer_contains")
    assert contains.before == contains.after == pytest.approx(2 / 3)
    assert contains.p > 0.5
    assert json.loads(json.dumps(result.to_json(), allow_nan=False))["shared"] == 3


def test_a_baseline_fails_a_run_that_is_clearly_worse(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    good = evaluation([True] * 18 + [False] * 2)
    write_baseline(good, file)
    assert check_baseline(good, file) == []
    assert check_baseline(evaluation([True] * 16 + [False] * 4), file) == []  # two more errors may be chance
    broken = check_baseline(evaluation([True] * 8 + [False] * 12), file)
    assert len(broken) == 1
    assert broken[0].startswith("answer_contains fell behind the baseline: 0.900 before, 0.400 now")
    assert check_baseline(evaluation([True] * 20), file) == []


def test_a_rate_that_should_be_low_is_worse_when_it_rises() -> None:
    def rates(value: float) -> Evaluation:
        outcomes = tuple(
            Outcome(f"q{i}", "?", answerable=False, shares={"false_answer_rate": (value, 1.0)}) for i in range(20)
        )
        return Evaluation("set", "native", 20, {}, {}, {}, {}, outcomes)

    low, high = record(rates(0.0).to_json(), "low"), record(rates(1.0).to_json(), "high")
    assert regressions(compare(low, high))
    assert regressions(compare(high, low)) == []


@given(shares)
def test_a_run_does_not_differ_from_itself(pairs: list[tuple[float, float]]) -> None:
    assert paired_test(pairs, pairs) == 1.0


@given(shares, st.data())
def test_the_paired_test_does_not_care_which_run_came_first(
    before: list[tuple[float, float]], data: st.DataObject
) -> None:
    after = [(data.draw(st.floats(0, 1)), 1.0) for _ in before]
    forth, back = paired_test(before, after), paired_test(after, before)
    assert 0.0 < forth <= 1.0
    assert forth == pytest.approx(back)


@pytest.mark.parametrize("text", ["kein JSON", "[]", "{}", '{"questions": [{"id": "1"}]}', '{"questions": 1}'])
def test_other_files_are_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match="other.json"):
        read(file)
    with pytest.raises(DatasetError, match="no file"):
        read(tmp_path / "none.json")


def test_runs_without_a_common_question_are_refused() -> None:
    one = record(evaluation([True]).to_json(), "A")
    other = record(evaluation([True, True]).to_json() | {"questions": []}, "B")
    with pytest.raises(DatasetError, match="no question in common"):
        compare(one, other)


def test_a_baseline_does_not_pass_because_nothing_was_compared(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    write_baseline(evaluation([True] * 5), file)
    assert "2 questions of the baseline were not asked, 'q3' first" in check_baseline(evaluation([True] * 3), file)
    assert check_baseline(evaluation([True] * 3), file, sampled=True) == []
    outcomes = tuple(Outcome(f"q{i}", f"Frage {i}?", answerable=True) for i in range(5))
    silent = Evaluation("set", "native", 5, {}, {}, {}, {}, outcomes)
    assert "answer_contains is in the baseline, but has no cases now" in check_baseline(silent, file)


def test_the_same_id_in_another_set_is_another_question() -> None:
    one, other = evaluation([True]).to_json(), evaluation([True]).to_json()
    other["questions"][0]["question"] = "Eine andere?"
    with pytest.raises(DatasetError, match="no question in common"):
        compare(record(one, "A"), record(other, "B"))


def test_a_baseline_that_cannot_be_written_is_an_error_of_one_line(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be written"):
        write_baseline(evaluation([True]), tmp_path / "none" / "baseline.json")
