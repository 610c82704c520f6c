from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.storage.columns.postings import Vocabulary
from index.storage.lexical import LexicalIndex, fresh
from index.text.compounds import LEAST_LETTERS, CompoundSplitter

WORDS = {"chip": 9, "fertigung": 4, "sicherheit": 3, "lücken": 2, "halbleiter": 1, "leiter": 1, "halb": 1}


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("chipfertigung", ("chip", "fertigung")),
        ("sicherheitslücken", ("sicherheit", "lücken")),
        ("fertigungschip", ("fertigung", "chip")),
        ("halbleiter", ()),  # the corpus contains the whole word as well as its parts
        ("chip", ()),
        ("fertigungshalle", ()),
    ],
)
def test_a_compound_falls_into_words_of_the_corpus(word: str, parts: tuple[str, ...]) -> None:
    assert CompoundSplitter(WORDS).split(word) == parts


@given(st.text(alphabet="abcdes", max_size=24), st.dictionaries(st.text(alphabet="abcdes", min_size=4), st.just(2)))
def test_parts_are_words_of_the_corpus_and_stand_at_both_ends(word: str, vocabulary: dict[str, int]) -> None:
    parts = CompoundSplitter(vocabulary).split(word)
    if parts:
        head, tail = parts
        assert {head, tail} <= vocabulary.keys()
        assert word.startswith(head)
        assert word.endswith(tail)
        assert min(len(head), len(tail)) >= LEAST_LETTERS


def test_a_compound_finds_its_parts_and_the_other_way_round() -> None:
    texts = [
        "Die Fertigung der Chips.",
        "Eine Halle für Schuhe.",
        "Die Chips und ihre Chipproduktion.",
        "Produktion ruht.",
    ]
    index = LexicalIndex.build(texts)
    scores = index.scores("Chipfertigung")  # occurs nowhere as a whole word
    assert scores[0] == max(scores) > 0
    assert scores[1] == 0
    assert index.scores("Produktion")[2] > 0


def test_a_vocabulary_in_segments_is_one() -> None:
    one, other = (fresh(enumerate(texts)) for texts in (["Die Chip Halle.", "Ein Schuh."], ["Eine Fertigung."]))
    vocabulary = Vocabulary([one, other])
    assert vocabulary.counts(["chip", "fertigung", "schuh", "fehlt"]) == [1, 1, 1, 0]
    assert CompoundSplitter(vocabulary).split("chipfertigung") == ("chip", "fertigung")
    assert dict(one.vocabulary())["schuh"] == 1
