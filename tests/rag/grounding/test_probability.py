from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.grounding.answerability import Signals, needed, probability, signals
from rag.types import EvidenceSentence

QUESTION = "Wann nimmt SMIC das neue Werk in Betrieb?"


def sentence(text: str, score: float) -> EvidenceSentence:
    return EvidenceSentence("a.md", 0, len(text), text, "", score)


def test_signals_are_taken_from_the_best_sentences() -> None:
    evidence = [
        sentence("Das Werk gehört der Stadt.", 0.5),
        sentence("SMIC nimmt im Herbst ein neues Werk in Betrieb.", 0.8),
        sentence("Die Firma sucht Leute.", 0.4),
        sentence("Das Wetter ist gut.", 0.3),
    ]
    found = signals(QUESTION, evidence, confirmation=(0.5, 0.5), share=0.75)
    assert found.confirmation == pytest.approx(0.0)
    assert found.nearness == 0.8
    assert found.lead == pytest.approx(0.5)
    assert found.coverage == 1.0
    assert found.share == 0.75


def test_coverage_is_that_of_one_sentence_not_of_all_together() -> None:
    evidence = [sentence("SMIC sucht Leute.", 0.5), sentence("Ein Werk ist neu.", 0.4)]
    assert 0 < signals(QUESTION, evidence, confirmation=(0.5, 0.5), share=1.0).coverage < 1


def test_no_evidence_is_no_reason_to_answer() -> None:
    assert probability(signals(QUESTION, [], confirmation=(0.5, 0.5), share=0.0)) < needed(0.5)


@given(st.floats(-9, 9), st.floats(0.1, 3), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_surer_yes_never_makes_an_answer_less_likely(
    confirmation: float, more: float, nearness: float, lead: float, coverage: float, share: float
) -> None:
    unsure = probability(Signals(confirmation, nearness, lead, coverage, share))
    sure = probability(Signals(confirmation + more, nearness, lead, coverage, share))
    assert 0 <= unsure <= sure <= 1


@given(st.floats(-9, 9), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_no_draft_is_likelier_than_one_that_stands_in_the_sources(
    confirmation: float, nearness: float, lead: float, coverage: float, share: float
) -> None:
    there = probability(Signals(confirmation, nearness, lead, coverage, share=1.0))
    assert probability(Signals(confirmation, nearness, lead, coverage, share)) <= there


def test_hesitation_counts_less_where_the_words_differ() -> None:
    same_words = probability(Signals(-0.3, 0.4, 0.05, coverage=1.0, share=1.0))
    other_words = probability(Signals(-0.3, 0.4, 0.05, coverage=0.2, share=1.0))
    assert same_words < other_words


def test_strictness_asks_for_more() -> None:
    assert 0 == needed(0.0) < needed(0.5) < needed(1.0) < 1
    assert needed(0.5) == pytest.approx(0.3)


@given(st.floats(-10, 10), st.floats(0.1, 5))
def test_what_the_reader_says_counts_where_it_has_read(answers: float, more: float) -> None:
    found = Signals(1.0, 0.5, 0.1, 0.5, 0.5)
    assert probability(found, answers + more) > probability(found, answers)
