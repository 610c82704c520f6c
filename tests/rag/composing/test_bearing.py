"""How likely sentences bear on a question: the reader's scores count, and without a reader the search decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.composing.bearing import MOST_WEIGHED, likeliest, weighed, worth_showing
from rag.composing.pieces import Candidate
from rag.evaluation.keeping.watching import WatchedGate, WatchedReader
from rag.grounding.reader import Bearing
from rag.pipeline.gates import LogisticGate, OpenGate, admits_open
from rag.pipeline.stages import bearings_of
from rag.types import EvidenceSentence, Query

if TYPE_CHECKING:
    from rag.evaluation.traces import Admission

QUERY = Query("Warum?", "Warum?", "de")
VECTOR = np.zeros(2, dtype=np.float32)


def candidate(number: int, score: float, path: str = "a.md", article: float = 0.9) -> Candidate:
    text = f"Satz {number}."
    sentence = EvidenceSentence(path, 20 * number, 20 * number + len(text), text, "", score)
    return Candidate(sentence, VECTOR, article=article)


def said(points: dict[str, float]) -> object:
    """Return a reader that scores sentences by their text."""
    return lambda _, sentences: [Bearing(points.get(one.text, -8.0), points.get(one.text, -8.0)) for one in sentences]


def test_what_the_reader_points_at_is_likelier_than_what_is_as_near() -> None:
    near = [candidate(1, 0.9), candidate(2, 0.8), candidate(3, 0.79), candidate(4, 0.78)]
    found = weighed(near, QUERY, said({"Satz 4.": 6.0})).candidates  # type: ignore[arg-type]
    assert [one.sentence for one in found] == [one.sentence for one in near]  # their order is kept
    assert found[3].chance > max(found[1].chance, found[2].chance)


def test_a_sentence_is_read_where_it_stands() -> None:
    read: list[list[str]] = []

    def reading(_: Query, sentences: list[EvidenceSentence]) -> list[Bearing]:
        read.append([one.text for one in sentences])
        return [Bearing(one.start / 20, 0.0) for one in sentences]

    found = weighed([candidate(3, 0.9), candidate(1, 0.8), candidate(2, 0.7)], QUERY, reading).candidates  # type: ignore[arg-type]
    assert read == [["Satz 1.", "Satz 2.", "Satz 3."]]
    assert found[0].chance > found[2].chance > 0


def test_without_a_reader_the_search_decides_and_what_stands_beside_the_nearest_gains() -> None:
    near = [candidate(5, 0.9), candidate(6, 0.5), candidate(1, 0.5, "b.md")]
    found = weighed(near, QUERY, lambda *_: None).candidates
    assert found[0].chance > found[1].chance > found[2].chance


def test_nothing_is_weighed_where_there_is_nothing_and_of_very_much_the_nearest() -> None:
    assert weighed([], QUERY, lambda *_: None).candidates == []
    many = [candidate(number, 1 - number / 1000) for number in range(MOST_WEIGHED + 5)]
    assert len(weighed(many, QUERY, lambda *_: None).candidates) == MOST_WEIGHED


def test_an_evaluation_that_looks_on_reads_the_same() -> None:
    class Reading:
        def judge(self, query: Query, evidence: object) -> None:
            return None

        def bearings(self, query: Query, evidence: list[EvidenceSentence]) -> list[Bearing]:
            return [Bearing(1.0, 2.0) for _ in evidence]

    class Judging:
        def judge(self, query: Query, evidence: object) -> None:
            return None

    sentences = [candidate(1, 0.5).sentence]
    assert bearings_of(WatchedReader(Reading(), lambda: None), QUERY, sentences) == Reading().bearings(QUERY, sentences)
    assert bearings_of(WatchedReader(Judging(), lambda: None), QUERY, sentences) is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.data())
def test_every_chance_is_one(scores: list[float], data: st.DataObject) -> None:
    near = [candidate(number, score, article=max(scores)) for number, score in enumerate(sorted(scores)[::-1])]
    points = {one.sentence.text: data.draw(st.floats(-40, 40)) for one in near}
    found = weighed(near, QUERY, said(points)).candidates  # type: ignore[arg-type]
    assert all(0 < one.chance < 1 for one in found)
    most = data.draw(st.integers(1, 5))
    chosen = worth_showing(found, most)
    assert chosen == likeliest(found, most)[: len(chosen)]
    wanted = sum(one.chance for one in found)
    expected = [sum(one.chance for one in likeliest(found, count)) / (count + wanted) for count in range(1, most + 1)]
    assert expected[len(chosen) - 1] == pytest.approx(max(expected))


def test_nothing_is_worth_showing_of_nothing() -> None:
    assert worth_showing([], 3) == []


def test_whether_the_articles_answer_is_told_by_the_window_that_answers_best() -> None:
    near = [candidate(1, 0.9), candidate(2, 0.8)]
    told = weighed(near, QUERY, said({"Satz 2.": 6.0})).answers  # type: ignore[arg-type]
    silent = weighed(near, QUERY, said({})).answers  # type: ignore[arg-type]
    assert told is not None
    assert silent is not None
    assert 0 < silent < 0.5 < told < 1
    assert weighed(near, QUERY, lambda *_: None).answers is None


def test_what_the_reader_decides_is_written_down() -> None:
    noted: list[Admission] = []
    watched = WatchedGate(LogisticGate(), noted.append)
    assert admits_open(watched, 0.5, strictness=0.6)
    assert not admits_open(watched, 0.5, strictness=1.0)
    assert [(one.probability, round(one.needed, 2), one.admitted) for one in noted] == [
        (0.5, 0.36, True),
        (0.5, 0.6, False),
    ]
    assert admits_open(OpenGate(), 0.0, strictness=1.0)
