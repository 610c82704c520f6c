from __future__ import annotations

import pytest

from rag.evaluation.outcomes import Case, judge
from rag.evaluation.statistics import METRICS, confidence, measure, measure_extractive
from rag.evaluation.types import Question
from rag.types import Answer, AnswerSentence, Citation, EvidenceSentence, Timings

GOOD = Citation("a.md", 0, 5, "Hallo", "A", "x")
BAD = Citation("a.md", 50, 55, "Welt!", "A", "x")
GOLD = (("a.md", 0, 5),)
KNOWN = Question("1", "Was?", answers=("Hallo",), sources=("a.md",), gold_quotes=("Hallo",))
UNKNOWN = Question("2", "Wer?", answerable=False)
NEAR = EvidenceSentence("a.md", 0, 5, "Hallo", "A", 0.9)
FAR = EvidenceSentence("b.md", 0, 9, "Anderswo.", "B", 0.1)


def answer(
    text: str,
    *,
    citations: tuple[Citation, ...] = (),
    evidence: tuple[EvidenceSentence, ...] = (NEAR,),
    generated: bool = True,
    first_token: float | None = 2.0,
) -> Answer:
    sentences = (AnswerSentence(text, 1.0, "kept", tuple(range(len(citations)))),) if text else ()
    timings = Timings(1, first_token, 3)
    return Answer("q", "q", text or "–", not text, generated, "de", sentences, citations, evidence, timings)


def test_metrics_of_citations_and_abstentions() -> None:
    outcomes = [
        judge(Case(KNOWN, ("a.md",), answer("Hallo", citations=(GOOD, BAD)), GOLD)),
        judge(Case(KNOWN, ("b.md", "a.md"), answer(""), GOLD)),
        judge(Case(UNKNOWN, ("a.md",), answer("Hallo"))),
    ]
    values = measure(outcomes)
    assert values["citation_precision"] == 0.5
    assert values["citation_recall"] == 1.0
    assert values["answer_contains"] == 0.5
    assert values["false_abstention_rate"] == 0.5
    assert values["false_answer_rate"] == 1.0
    assert values["recall@1"] == 0.5
    assert set(values) <= METRICS
    intervals = confidence(outcomes, values)
    assert set(intervals) == {name for name, value in values.items() if value is not None}
    assert all(low <= values[name] <= high for name, (low, high) in intervals.items())  # type: ignore[operator]


def test_a_metric_without_cases_is_none_and_never_nan() -> None:
    values = measure([judge(Case(UNKNOWN, ("a.md",), answer("")))])
    assert values["answer_contains"] is None
    assert values["citation_precision"] is None
    assert values["false_answer_rate"] == 0.0
    assert measure([])["recall@1"] is None


def test_the_extractive_baseline_quotes_the_best_sentence() -> None:
    outcomes = [judge(Case(KNOWN, ("a.md",), answer("falsch", evidence=(FAR, NEAR)), GOLD))]
    values = measure_extractive(outcomes)
    assert (values["answer_contains"], values["citation_precision"], values["answer_tokens_p50"]) == (1.0, 1.0, 1.0)
    assert measure(outcomes)["answer_contains"] == 0.0


@pytest.mark.parametrize(
    ("case", "cause"),
    [
        (Case(KNOWN, ("b.md",), answer(""), GOLD), "not_retrieved"),
        (Case(KNOWN, ("a.md",), answer("", evidence=(FAR,)), GOLD), "not_selected"),
        (Case(KNOWN, ("a.md",), answer("Welt", citations=(GOOD,)), GOLD), "wrong_answer"),
        (Case(KNOWN, ("a.md",), answer("Hallo", citations=(BAD,)), GOLD), "wrong_citation"),
        (Case(KNOWN, ("a.md",), answer("Hallo", citations=(GOOD,)), GOLD), None),
        (Case(KNOWN, ("a.md",), answer(""), GOLD), "not_answered"),
        (Case(KNOWN, ("a.md",), answer("", first_token=None), GOLD), "wrongly_abstained"),
        (Case(UNKNOWN, ("a.md",), answer("Hallo")), "wrongly_answered"),
        (Case(UNKNOWN, ("a.md",), answer("")), None),
        (Case(KNOWN, ("a.md",), None, GOLD), None),
        (Case(KNOWN, ("b.md",), None, GOLD), "not_retrieved"),
    ],
)
def test_a_failure_is_put_where_the_question_was_lost(case: Case, cause: str | None) -> None:
    assert judge(case).cause == cause


def test_forbidden_words_and_lists() -> None:
    both = Question("1", "Wer?", answers_all=("Huawei", "SMIC"), forbidden=("TSMC",), sources=("a.md",))
    for text, right in (("Huawei und SMIC", True), ("Huawei", False), ("Huawei, SMIC und TSMC", False)):
        assert judge(Case(both, ("a.md",), answer(text, citations=(GOOD,)))).correct is right


def test_an_answerable_question_without_gold_counts_for_abstention_alone() -> None:
    question = Question("1", "Wer?", passages=())
    outcome = judge(Case(question, ("a.md",), answer("Irgendwer")))
    assert outcome.shares.keys() == {"share_generated", "false_abstention_rate"}
    assert outcome.cause is None
