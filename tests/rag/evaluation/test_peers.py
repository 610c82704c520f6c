"""The calculations of bench/peers. The benchmark itself is run by hand."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from rag.evaluation.datasets import load
from rag.evaluation.types import Question

ROOT = Path(__file__).parents[3]
GOLD = "Cambricon will 560 Millionen US-Dollar aufnehmen."
QUESTIONS = (
    Question("a", "Wie viel?", answers=("560 Millionen",), sources=("a.md",), gold_quotes=(GOLD,)),
    Question("b", "Wer?", answers=("Huawei",), sources=("b.md",), gold_quotes=("Huawei baut Chips.",)),
    Question("c", "Was kostet das?", answerable=False),
)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "bench/peers"))
    return importlib.import_module


def record(name: str, text: str, *citations: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "text": text,
        "citations": [{"document": document, "text": cited} for document, cited in citations],
        "abstained": False,
        "retrieval_seconds": 0.1,
        "first_token_seconds": 2.0,
        "total_seconds": 4.0,
        "prompt_tokens": 300,
        "first_token_processor_seconds": 3.5,
        "processor_seconds": 5.0,
    } | more


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("Der Text enthält keine Informationen dazu.", True),
        ("Der Preis wird im Text nicht erwähnt.", True),
        ("Die Frage kann nicht beantwortet werden.", True),
        ("Das weiß ich leider nicht.", True),
        ("The provided context does not mention a price.", True),
        ("None of the sources are helpful.", True),
        ("I don't know.", True),
        ("560 Millionen US-Dollar.", False),
        ("Firmen sollen keine Chips aus dem Ausland kaufen.", False),
        ("Chinese chips can not yet replace those of NVIDIA.", False),
    ],
)
def test_abstentions_in_words_are_recognised_in_both_languages(bench: Any, text: str, expected: bool) -> None:
    assert bench("judging").abstains(record("a", text)) is expected


def test_the_sign_of_the_library_counts_too(bench: Any) -> None:
    assert bench("judging").abstains(record("a", "Irgendetwas", abstained=True))


@pytest.mark.parametrize(
    ("cited", "expected"),
    [
        (GOLD, True),
        (f"Vorher. {GOLD} Nachher.", True),
        ("560 Millionen", True),
        ("Cambricon will sehr viel aufnehmen, sagt Huawei zu den Plänen.", False),
        ("", False),
    ],
)
def test_a_citation_points_at_what_it_shares_words_in_a_row_with(bench: Any, cited: str, expected: bool) -> None:
    assert bench("judging").points_at(cited, GOLD) is expected


def test_figures_count_citations_of_answers_and_answers_to_the_unanswerable(bench: Any) -> None:
    figures = bench("judging").judge(
        QUESTIONS,
        [
            record("a", "560 Millionen [1][2]", ("a.md", GOLD), ("b.md", "Etwas ganz anderes steht hier.")),
            record("b", "Das wird nicht erwähnt.", ("b.md", "Huawei baut Chips."), first_token_seconds=None),
            record("c", "Zehn Euro."),
        ],
    )
    assert (figures.answer_contains, figures.by_document, figures.by_span) == (0.5, 0.5, 0.5)
    assert (figures.false_answer_rate, figures.false_abstention_rate, figures.with_citation) == (1.0, 0.5, 1.0)
    assert (figures.first_token_s, figures.total_s, figures.asked) == (2.0, 4.0, 3)


def test_a_run_that_has_not_got_far_has_figures_only_for_what_it_asked(bench: Any) -> None:
    figures = bench("judging").judge(QUESTIONS, [record("a", "560 Millionen")])
    assert (figures.asked, figures.answer_contains) == (1, 1.0)
    assert figures.false_answer_rate is None
    assert figures.by_span is None


def test_the_sample_is_the_same_for_a_seed_and_a_quarter_of_it_unanswerable(bench: Any) -> None:
    questions = load(ROOT / "corpus/questions.jsonl").questions
    sample = bench("sampling").sample
    drawn = sample(questions, limit=12, seed=0)
    assert drawn == sample(questions, limit=12, seed=0) != sample(questions, limit=12, seed=1)
    assert len({question.id for question in drawn}) == 12
    assert sum(not question.answerable for question in drawn) == 3
    assert not any(question.history for question in drawn)


def test_the_table_names_what_is_missing(bench: Any) -> None:
    table = bench("table")
    result = {
        "engine": "own",
        "system": "quellentreu",
        "questions": ["a", "b"],
        "commit": "1a2b3c4",
        "answers": {"a": record("a", "560 Millionen", ("a.md", GOLD))},
        "index": {"passages": 4, "seconds": 2.0, "processor_seconds": 3.0, "versions": {"quellentreu": "1"}},
        "peak_memory_bytes": 3_000_000_000,
        "calibration": [
            {"prompt_tokens_per_second": 80.0, "new_tokens_per_second": 10.0, "load_average": 1.0},
        ],
    }
    peer = result | {"system": "txtai", "answers": {"a": record("a", "nichts", first_token_seconds=8.0)}}
    text = table.tables(table.rows([peer, result, result | {"engine": "llama_cpp", "answers": {}}], QUESTIONS))
    assert "| this project | 1 of 2 | 100 ms | 2.0 s | 4.0 s | 3.5 s | 5.0 s | 300 | 3.0 GB |" in text
    assert "| this project | 1.00 | 1.00 | 1.00 | 7 | 1.00 | n/a | 0.00 |" in text
    assert "(txtai RAG) takes 4.0 times the time of this project (medians over the 1 questions to which" in text
    assert "quellentreu 1; commit 1a2b3c4 |" in text
    assert "On llama.cpp" not in text


def test_first_tokens_are_compared_over_the_questions_to_which_both_wrote_something(bench: Any) -> None:
    table = bench("table")
    result = {
        "engine": "own",
        "questions": ["a", "b", "c"],
        "commit": "",
        "index": {"passages": 4, "seconds": 2.0, "versions": {}},
        "peak_memory_bytes": 1,
        "calibration": [],
    }
    answers = {
        "quellentreu": {"a": 1.0, "b": 2.0, "c": None},
        "txtai": {"a": 3.0, "b": 4.0, "c": 100.0},
        "haystack": {"a": 30.0, "b": None, "c": 1.0},
    }
    results = [
        result
        | {
            "system": system,
            "answers": {key: record(key, "x", first_token_seconds=seconds) for key, seconds in firsts.items()},
        }
        for system, firsts in answers.items()
    ]
    (said,) = table._ratio(table.rows(results, QUESTIONS))
    assert said.startswith("Until the first token the fastest peer (txtai RAG) takes 2.3 times the time")
    assert "over the 2 questions" in said
