from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.attribution import MOST_CITATIONS, attribute, claims
from rag.types import EvidenceSentence

if TYPE_CHECKING:
    from collections.abc import Sequence

CAMBRICON = "Der Chiphersteller Cambricon will 4 Milliarden Yuan aufnehmen."
MONEY = "Das Geld fließt in die Entwicklung von KI-Chips."
HUAWEI = "Huawei liefert den Beschleuniger Ascend 910C im Mai aus."
SMIC = "Die Fertigung übernimmt SMIC in Schanghai."


def evidence(*texts: str) -> list[EvidenceSentence]:
    return [EvidenceSentence("a.md", 100 * i, 100 * i + len(t), t, "T", 0.5) for i, t in enumerate(texts)]


ALL = evidence(CAMBRICON, MONEY, HUAWEI, SMIC)


@pytest.mark.parametrize("row", range(4))
def test_a_copied_sentence_is_carried_by_its_original(row: int) -> None:
    found = attribute(ALL[row].text, ALL)
    assert found.sources == (row,)
    assert found.support == pytest.approx(1.0)


def test_no_evidence_carries_nothing() -> None:
    found = attribute(CAMBRICON, [])
    assert (found.support, found.sources) == (0.0, ())


def test_a_sentence_about_something_else_is_not_carried() -> None:
    found = attribute("Hefeteig braucht Ruhe.", ALL)
    assert (found.support, found.sources) == (0.0, ())


@pytest.mark.parametrize(
    "wrong",
    [
        "Cambricon will 5 Milliarden Yuan aufnehmen.",
        "Cambricon will 4 Millionen Yuan aufnehmen.",
        "Cambricon will 4 Milliarden Yuan im Jahr 2031 aufnehmen.",
        "Huawei liefert den Beschleuniger Ascend 920C im Mai aus.",
        "Die Fertigung übernimmt TSMC in Schanghai.",
    ],
)
def test_a_number_or_a_code_name_that_stands_nowhere_fails_the_sentence(wrong: str) -> None:
    assert attribute(wrong, ALL).support < 0.5


@pytest.mark.parametrize(
    "right",
    ["Cambricon will 4 Mrd. Yuan aufnehmen.", "Cambricon will vier Milliarden Yuan aufnehmen."],
)
def test_another_way_of_writing_the_number_is_carried(right: str) -> None:
    found = attribute(right, ALL)
    assert found.sources == (0,)
    assert found.support > 0.7


def test_two_sentences_are_cited_where_each_carries_a_part() -> None:
    found = attribute("Huawei liefert den Ascend 910C aus, die Fertigung übernimmt SMIC.", ALL)
    assert set(found.sources) == {2, 3}
    assert found.support > 0.9


def test_one_sentence_is_cited_where_one_is_enough() -> None:
    assert attribute(CAMBRICON, evidence(CAMBRICON, CAMBRICON + " Das sagte er.", MONEY)).sources == (0,)


def test_words_of_the_question_alone_count_little() -> None:
    question = "Wie viel Geld will der Chiphersteller Cambricon aufnehmen?"
    answer = "Der Chiphersteller Cambricon will Gurken aufnehmen."
    assert attribute(answer, ALL, question=question).support < attribute(answer, ALL).support


def test_a_code_name_with_other_digits_is_another_name() -> None:
    assert attribute("Nvidia liefert den H200.", evidence("Nvidia liefert den H20.")).support < 0.5


def test_an_acronym_may_stand_in_the_form_of_the_other_language() -> None:
    german = evidence("Die KI-Chips der USA sind schneller als alle anderen.")
    near = lambda _, sentences: [0.8] * len(sentences)  # noqa: E731
    assert attribute("The AI chips of the US are faster than all others.", german, similarity=near).support > 0.5
    assert attribute("The EU chips of the UN are faster than all others.", german, similarity=near).support < 0.5
    assert claims("AI chips of the US").names == claims("KI-Chips der USA").names


def test_code_names_and_numbers_are_claims_that_must_be_carried() -> None:
    claimed = claims("Der H20 von SMIC kostet 3,5 Mio. Euro.")
    assert "smic" in claimed.names
    assert claimed.numbers == {3_500_000}


def test_across_languages_nearness_in_meaning_decides() -> None:
    asked: list[str] = []

    def near(text: str, sentences: Sequence[EvidenceSentence]) -> list[float]:
        asked.append(text)
        return [0.9 if sentence.text == CAMBRICON else 0.1 for sentence in sentences]

    answer = "The company wants to raise 4 billion yuan."
    found = attribute(answer, ALL, similarity=near)
    assert found.sources[0] == 0
    assert found.support == pytest.approx(0.9)
    assert asked == [answer]
    wrong = attribute("The company wants to raise 5 billion yuan.", ALL, similarity=near)
    assert wrong.support < 0.5


def test_within_one_language_nearness_is_not_asked() -> None:
    def never(_: str, __: Sequence[EvidenceSentence]) -> list[float]:
        raise AssertionError

    assert attribute(CAMBRICON, ALL, similarity=never).sources == (0,)


WORDS = st.lists(
    st.sampled_from("Cambricon will 4 Milliarden Yuan SMIC H20 Chip und die 7 Fertigung".split()), max_size=9
)


@given(WORDS.map(" ".join), st.lists(WORDS.map(" ".join), max_size=5))
def test_support_is_a_share_and_sources_are_few_distinct_rows(sentence: str, texts: list[str]) -> None:
    found = attribute(sentence, evidence(*texts))
    assert 0.0 <= found.support <= 1.0
    assert len(set(found.sources)) == len(found.sources) <= MOST_CITATIONS
    assert all(0 <= row < len(texts) for row in found.sources)
    assert bool(found.support) <= bool(found.sources)


def test_a_sentence_that_only_repeats_the_question_tells_nothing() -> None:
    question = "Was will der Chiphersteller Cambricon aufnehmen?"
    assert not attribute("Der Chiphersteller Cambricon will aufnehmen.", ALL, question=question).telling
    assert attribute("Cambricon will 4 Milliarden Yuan aufnehmen.", ALL, question=question).telling


def test_what_the_question_takes_for_granted_must_be_carried_too() -> None:
    question = "Warum hat sich Cambricon in Peking bei Kunden entschuldigt und Geld verschenkt?"
    answer = "Cambricon hat sich in Peking bei Kunden entschuldigt und Geld verschenkt, 4 Milliarden Yuan."
    assert attribute(answer, ALL, question=question).support < 0.5


def test_a_number_of_the_question_must_be_carried_where_the_answer_repeats_it() -> None:
    one = (EvidenceSentence("a.md", 0, 70, "Cambricon will Geld aufnehmen, um 3 neue Chips zu entwickeln.", "A", 0.9),)
    question = "Wofür will Cambricon 9 Milliarden Yuan aufnehmen?"
    false = attribute(
        "Cambricon will 9 Milliarden Yuan aufnehmen, um 3 neue Chips zu entwickeln.", one, question=question
    )
    true = attribute("Cambricon will Geld aufnehmen, um 3 neue Chips zu entwickeln.", one, question=question)
    assert false.support < true.support - 0.2


def test_a_scale_without_a_number_is_a_word_like_others() -> None:
    one = (EvidenceSentence("a.md", 0, 60, "Huawei investiert Millionen in neue Fabriken.", "A", 0.9),)
    assert attribute("Huawei investiert Milliarden in neue Fabriken.", one).support < 0.8
    assert attribute("Huawei investiert Millionen in neue Fabriken.", one).support == 1.0
