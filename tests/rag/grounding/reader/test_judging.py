from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rag.grounding.likely import likely
from rag.grounding.reader import Judgement, SentenceScore, judge
from rag.types import EvidenceSentence

FAR, NEAR = SentenceScore(-4.0, 1.0, -6.0, 0, 4), SentenceScore(5.0, 14.0, -0.1, 5, 10)


def evidence(*scores: float) -> list[EvidenceSentence]:
    text = "Köln liegt am Rhein."
    return [EvidenceSentence("a.md", 100 * i, 100 * i + len(text), text, "", score) for i, score in enumerate(scores)]


def test_the_sentence_that_the_reader_points_at_is_chosen() -> None:
    found = judge("Wo liegt Köln?", evidence(0.7, 0.6), [FAR, NEAR])
    assert found is not None
    assert (found.sentence, found.start, found.end, found.answers) == (1, 5, 10, 5.0)


def test_where_it_hardly_points_the_nearest_is_chosen() -> None:
    found = judge("Wo liegt Köln?", evidence(0.2, 0.9), [FAR, replace(FAR, span=0.9)])
    assert found is not None
    assert found.sentence == 1


def test_nothing_is_made_of_nothing() -> None:
    assert judge("Wo?", [], []) is None


@given(st.floats(-10, 10), st.floats(0.1, 5))
def test_the_more_the_reader_finds_an_answer_the_likelier_it_is(odds: float, more: float) -> None:
    def probability(answers: float) -> float:
        found = judge("Wo liegt Köln?", evidence(0.7, 0.3), [replace(NEAR, answers=answers), FAR])
        assert found is not None
        return found.probability

    assert probability(odds + more) > probability(odds)


def test_what_is_likely_is_named_by_search_and_reader() -> None:
    some = evidence(0.9, 0.4)
    assert likely("Wo liegt Köln?", some) == some[0]
    assert likely("Wo liegt Köln?", some, Judgement(0, 0, 4, 0.4, 3.0)) == some[0]
    assert likely("Wo liegt Köln?", some, Judgement(1, 0, 4, 0.4, 3.0)) is None
    assert likely("Wo liegt Köln?", some, Judgement(0, 0, 4, 0.1, -3.0)) is None
