from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import RagError
from rag.evaluation import check, load_native, parse_bound
from rag.evaluation import metrics as figures
from rag.evaluation.datasets import DatasetError, Question
from rag.evaluation.gates import Bound
from rag.evaluation.runner import METRICS, Case, measure
from rag.types import Answer, AnswerSentence, Citation, Timings


def answer(text: str, *, abstained: bool = False, citations: tuple[Citation, ...] = ()) -> Answer:
    sentences = () if abstained else (AnswerSentence(text, 1.0, "kept", tuple(range(len(citations)))),)
    return Answer("q", "q", text, abstained, True, "de", sentences, citations, (), Timings(1, 2, 3))


@pytest.mark.parametrize(
    ("text", "gold", "expected"),
    [
        ("Rund 560 Millionen US-Dollar.", "560 Millionen US Dollar", True),
        ("Rund 1560 Millionen", "560 Millionen", False),
        ("Die KI-Chips", "KI-Chip", False),
        ("»Zhao Lidong«", "zhao lidong", True),
        ("Zhao und Lidong", "Zhao Lidong", False),
        ("alles", "", False),
    ],
)
def test_contains_is_a_sequence_of_whole_tokens(text: str, gold: str, expected: bool) -> None:
    assert figures.contains(text, gold) is expected


@given(st.text(), st.text(), st.text())
def test_a_text_contains_each_of_its_own_parts(before: str, part: str, after: str) -> None:
    assert figures.contains(f"{before} {part} {after}", part) is bool(figures.tokens(part))


def test_f1_drops_articles() -> None:
    assert figures.f1("die Huawei", "Huawei") == 1.0
    assert figures.f1("Huawei und Tencent", "Huawei") == pytest.approx(0.5)
    assert figures.f1("nichts", "Huawei") == 0.0


def test_rank_metrics() -> None:
    ranked, relevant = ["a", "b", "c"], frozenset({"b", "z"})
    assert figures.recall_at(ranked, relevant, 1) == 0
    assert figures.recall_at(ranked, relevant, 3) == 0.5
    assert figures.reciprocal_rank_at(ranked, relevant, 10) == 0.5
    assert figures.ndcg_at(["b", "z"], relevant, 10) == pytest.approx(1.0)


def test_percentile_interpolates_and_of_nothing_is_none() -> None:
    assert figures.percentile([1, 2, 3, 4], 0.5) == 2.5
    assert figures.percentile([], 0.5) is None
    assert figures.mean([]) is None


def test_measure_of_citations_and_abstentions() -> None:
    good = Citation("a.md", 0, 5, "Hallo", "A", "x")
    bad = Citation("a.md", 50, 55, "Welt!", "A", "x")
    known = Question("1", "q", answers=("Hallo",), sources=("a.md",), gold_quotes=("Hallo",))
    unknown = Question("2", "q", answerable=False)
    cases = [
        Case(known, ("a.md",), answer("Hallo", citations=(good, bad)), (("a.md", 0, 5),)),
        Case(known, ("b.md", "a.md"), answer("-", abstained=True), (("a.md", 0, 5),)),
        Case(unknown, ("a.md",), answer("Hallo")),
    ]
    values = measure(cases)
    assert values["citation_precision"] == 0.5
    assert values["citation_recall"] == 1.0
    assert values["answer_contains"] == 0.5
    assert values["false_abstention_rate"] == 0.5
    assert values["false_answer_rate"] == 1.0
    assert values["recall@1"] == 0.5
    assert set(values) == METRICS


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("kein JSON", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"id": "1"}', "'question'"),
        ('{"id": "1", "question": "q", "answers": "x"}', "'answers'"),
        ('{"id": "1", "question": "q"}', "needs 'answers'"),
        ('{"id": "0", "question": "q", "answers": ["x"]}', "used before"),
        ('{"id": "1", "question": "q", "answers": ["x"], "history": ["q"]}', "'history'"),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, line: str, reason: str) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text('{"id": "0", "question": "q", "answers": ["x"]}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(DatasetError) as caught:
        load_native(file)
    assert f"{file}:2" in str(caught.value)
    assert reason in str(caught.value)


def test_missing_and_empty_sets(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no evaluation set"):
        load_native(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="no questions"):
        load_native(tmp_path / "empty.jsonl")


def test_gates() -> None:
    assert parse_bound("recall@5=0.9", "min", METRICS) == Bound("recall@5", "min", 0.9)
    for text in ("recall@5", "recall@5=x", "nonsense=1", "recall@5=nan"):
        with pytest.raises(RagError):
            parse_bound(text, "min", METRICS)
    values: dict[str, float | None] = {"a": 0.5, "b": None}
    assert check(values, [Bound("a", "min", 0.5), Bound("a", "max", 0.5)]) == []
    assert len(check(values, [Bound("a", "min", 0.6), Bound("a", "max", 0.4), Bound("b", "min", 0.0)])) == 3
