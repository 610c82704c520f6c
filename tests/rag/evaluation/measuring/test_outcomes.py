from __future__ import annotations

from dataclasses import replace

import pytest

from rag.evaluation.measuring.outcomes import Case, judge
from rag.evaluation.measuring.statistics import METRICS, confidence, measure, measure_extractive
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
    assert outcome.shares.keys() == {"share_generated", "share_verbatim", "false_abstention_rate", "likely_shown"}
    assert outcome.cause is None


@pytest.mark.parametrize(
    ("text", "verbatim"),
    [
        ("Hallo", True),
        ("… Hallo", True),
        ("Hallo …", True),
        ("… Hallo …", True),
        ("hallo", False),
        ("Hallo Welt", False),
        ("Hal… lo", False),
        ("Hall", False),
    ],
)
def test_what_is_shown_is_verbatim_where_it_is_the_quote_ellipses_at_its_ends_aside(text: str, verbatim: bool) -> None:
    outcome = judge(Case(KNOWN, ("a.md",), answer(text, citations=(GOOD,)), GOLD))
    assert outcome.shares["share_verbatim"] == (float(verbatim), 1.0)


def test_a_wrong_quote_is_not_verbatim_and_a_translation_does_not_say_it_is() -> None:
    sentences = (
        AnswerSentence("Hallo", 1.0, "kept", (0,)),
        AnswerSentence("Welt!", 1.0, "kept", (0,)),
        AnswerSentence("Hello", 0.0, "marked", wording="model"),
    )
    given = replace(answer("Hallo", citations=(GOOD,)), sentences=sentences)
    outcome = judge(Case(KNOWN, ("a.md",), given, GOLD))
    assert outcome.shares["share_verbatim"] == (1.0, 2.0)


def test_what_was_likely_is_confirmed_where_the_answer_shows_it() -> None:
    shown = replace(answer("Hallo", citations=(GOOD,)), likely=(GOOD,))
    outcomes = [
        judge(Case(KNOWN, ("a.md",), one, GOLD))
        for one in (
            shown,
            replace(shown, likely=(BAD,)),
            replace(shown, likely=()),
            replace(answer(""), likely=(GOOD,)),
        )
    ]
    assert [one.shares["likely_shown"] for one in outcomes] == [(1.0, 1.0), (1.0, 1.0), (0.0, 1.0), (1.0, 1.0)]
    assert [one.shares.get("likely_confirmed") for one in outcomes] == [(1.0, 1.0), (0.0, 1.0), None, (0.0, 1.0)]


def test_an_ellipsis_of_the_source_is_its_own() -> None:
    quoted = replace(GOOD, quote="Er schwieg …")
    for text, verbatim in (("Er schwieg …", 1.0), ("… Er schwieg …", 0.0), ("Er schwieg", 0.0)):
        outcome = judge(Case(KNOWN, ("a.md",), answer(text, citations=(quoted,)), GOLD))
        assert outcome.shares["share_verbatim"] == (verbatim, 1.0)


def test_an_abstention_shows_nothing_that_could_be_verbatim() -> None:
    assert "share_verbatim" not in judge(Case(KNOWN, ("a.md",), answer(""), GOLD)).shares
    assert measure([judge(Case(KNOWN, ("a.md",), answer(""), GOLD))])["share_verbatim"] is None


def test_what_is_shown_because_a_sentence_points_back_to_it_is_not_cited_for_the_answer() -> None:
    sentences = (AnswerSentence("Welt!", 1.0, "kept", (0,), role="context"), AnswerSentence("Hallo", 1.0, "kept", (1,)))
    given = replace(answer("Welt! Hallo", citations=(BAD, GOOD)), sentences=sentences)
    shares = judge(Case(KNOWN, ("a.md",), given, GOLD)).shares
    assert shares["citation_precision"] == (1.0, 1.0)
    assert shares["citation_precision_with_context"] == (1.0, 2.0)
    assert shares["citation_recall"] == (1.0, 1.0)


def test_context_that_is_right_makes_no_answer_right() -> None:
    sentences = (AnswerSentence("Hallo", 1.0, "kept", (0,), role="context"), AnswerSentence("Welt!", 1.0, "kept", (1,)))
    given = replace(answer("Hallo Welt!", citations=(GOOD, BAD)), sentences=sentences)
    shares = judge(Case(KNOWN, ("a.md",), given, GOLD)).shares
    assert shares["citation_precision"] == (0.0, 1.0)
    assert shares["citation_precision_with_context"] == (1.0, 2.0)
    assert shares["citation_recall"] == (1.0, 1.0)
