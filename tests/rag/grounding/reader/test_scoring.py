from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from rag.grounding.reader.scoring import EvidenceReader
from rag.inference.reading.encoding import Encoded
from rag.inference.reading.network import Seen
from rag.types import EvidenceSentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.inference.reading.encoding import TwoTexts


class Words:
    """A tokenizer with one token for each word, up to `most` tokens."""

    def __init__(self, most: int = 100) -> None:
        self._most = most

    def encode(self, pairs: Sequence[TwoTexts]) -> list[Encoded]:
        return [self._one(pair.second) for pair in pairs]

    def _one(self, text: str) -> Encoded:
        places: list[tuple[int, int]] = []
        for word in text.split():
            start = text.index(word, places[-1][1] if places else 0)
            places.append((start, start + len(word)))
        places = places[: self._most]
        none = np.zeros(len(places), dtype=np.int64)
        return Encoded(none, none, none, (0, len(places)), tuple(places))


class Pointing:
    """A network that points at given tokens of each passage."""

    def __init__(self, *pointed: tuple[float, int, int]) -> None:
        self._pointed = pointed

    def read(self, encoded: Sequence[Encoded]) -> list[Seen]:
        found = []
        for one, (answers, first, last) in zip(encoded, self._pointed, strict=True):
            ends = np.zeros((len(one.offsets), 2), dtype=np.float32)
            ends[first, 0] = ends[last, 1] = 5.0
            found.append(Seen(answers, ends, ends[:, 0], 0.0))
        return found


def evidence(*texts: str, path: str = "a.md") -> list[EvidenceSentence]:
    return [EvidenceSentence(path, 100 * i, 100 * i + len(text), text, "", 0.5) for i, text in enumerate(texts)]


def test_the_words_are_found_in_their_sentence() -> None:
    given = evidence("Köln liegt am Rhein.", "Dort steht ein Dom.", "Bonn auch.")
    scores = EvidenceReader(Words(), Pointing((2.0, 6, 7)), Pointing()).read("Was steht dort?", given)
    assert [one.answers for one in scores] == [2.0] * 3
    assert [one.span for one in scores] == [0.0, 10.0, 0.0]
    assert given[1].text[scores[1].start : scores[1].end] == "ein Dom."
    assert scores[1].share == pytest.approx(10 - 2 * np.log(np.exp(5) + 9), abs=1e-5)


def test_each_document_is_read_on_its_own() -> None:
    given = [*evidence("Köln liegt am Rhein."), *evidence("Bonn liegt daneben.", path="b.md")]
    scores = EvidenceReader(Words(), Pointing((-1.0, 0, 0), (3.0, 0, 0)), Pointing()).read("Wo?", given)
    assert [one.answers for one in scores] == [-1.0, 3.0]


def test_a_sentence_beyond_what_is_read_has_no_words() -> None:
    given = evidence("Köln liegt am Rhein.", "Dort steht ein Dom.")
    scores = EvidenceReader(Words(most=4), Pointing((1.0, 0, 3)), Pointing()).read("Was?", given)
    assert scores[0].end > scores[0].start
    assert (scores[1].start, scores[1].end) == (0, 0)
    assert scores[1].span < -10


def test_no_evidence_is_not_read() -> None:
    assert EvidenceReader(Words(), Pointing(), Pointing()).read("Was?", []) == []


def test_an_open_question_is_read_by_its_own_network() -> None:
    given = [*evidence("Köln liegt am Rhein.", "Dort steht ein Dom."), *evidence("Bonn liegt daneben.", path="b.md")]
    found = EvidenceReader(Words(), Pointing(), Pointing((2.0, 0, 1), (-1.0, 1, 2))).read_open("Was steht wo?", given)
    assert [one.answers for one in found] == [2.0, 2.0, -1.0]
    # The mean over a sentence's words, of which the network marks one.
    assert [one.bears for one in found] == pytest.approx([5 / 4, 0.0, 5 / 3])


def test_of_what_is_beyond_a_window_an_open_question_knows_nothing() -> None:
    given = evidence("Köln liegt am Rhein.", "Dort steht ein Dom.")
    found = EvidenceReader(Words(most=4), Pointing(), Pointing((1.0, 0, 3))).read_open("Was?", given)
    assert found[0].bears > 0
    assert found[1].bears < -10
