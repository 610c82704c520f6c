from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.storage.columns.files import Columns, Held, write
from index.storage.columns.postings import Postings, Reading, item_terms, plain_words
from index.storage.lexical import LexicalIndex, stem, terms, words
from index.storage.segments.change import Change
from index.storage.segments.lexical_changes import lexical_columns
from index.text import stems
from index.text.compounds import CompoundSplitter
from index.text.normal_forms import analysed

if TYPE_CHECKING:
    from pathlib import Path

PASSAGES = [
    "Chinas Fabriken steigern die Produktion von KI-Chips.",
    "Die Chipproduktion in Taiwan wächst.",
    "Nvidias Umsatz sank um 3,5 Prozent auf 1.000 Euro.",
    "Über die Ausfuhr von Häusern schreibt niemand.",
]


@pytest.mark.parametrize("at_once", [1, 2, 4096])
def test_terms_are_counted_as_one_by_one(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.storage.columns.postings._AT_ONCE", at_once)
    texts = [
        *PASSAGES,
        "",
        "Chip Chip Chip: die Chipproduktion, " + "Umsatz " * 300,
        "Chip und Produktion " * 9 + "Chipproduktion",
    ]
    reading = Reading()
    for number, text in enumerate(texts):
        reading.add(10 * number, text)
    splitter = CompoundSplitter(reading.word_counts())
    found = reading.postings(splitter)
    wanted = []
    for text in texts:
        items = analysed(text)
        of_parts = [stem(part) for word in plain_words(items) for part in splitter.split(word)]
        wanted.append(Counter(item_terms(items) + of_parts))
    assert any(splitter.split(word) for text in texts for word in plain_words(analysed(text)))
    assert found["lengths"].tolist() == [sum(one.values()) for one in wanted]
    assert found["lexical_ids"].tolist() == [10 * number for number in range(len(texts))]
    postings = Postings({name: Held(column) for name, column in found.items()})
    for term in {term for one in wanted for term in one}:
        rows, counts = postings.of(term)
        assert dict(zip(rows.tolist(), counts.tolist(), strict=True)) == {
            row: one[term] for row, one in enumerate(wanted) if one[term]
        }
        assert rows.tolist() == sorted(rows.tolist())


def best(query: str, passages: list[str] = PASSAGES) -> int:
    return int(np.argmax(LexicalIndex.build(passages).scores(query)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fabrik", "Fabriken"),
        ("Haus", "Häuser"),
        ("Häusern", "Häuser"),
        ("China", "Chinas"),
        ("Nvidia", "Nvidias"),
        ("Produktion", "Produktionen"),
        ("ÜBER", "über"),
        ("STRASSE", "Straße"),
    ],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert stem(one.casefold()) == stem(other.casefold())


@pytest.mark.parametrize(("one", "other"), [("chip", "china"), ("us", "u"), ("smic", "smi"), ("gas", "ga")])
def test_different_words_keep_different_stems(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_a_hyphenated_compound_counts_as_its_parts_and_as_a_whole() -> None:
    assert {"ki", "chip", stem("produktion"), stem("kichipproduktion")} <= set(terms("KI-Chip-Produktion"))


def test_a_compound_is_found_with_and_without_its_hyphen() -> None:
    assert LexicalIndex.build(PASSAGES).scores("Chip-Produktion")[1] > 0
    assert set(terms("Chipproduktion")) <= set(terms("Chip‑Produktion"))


def test_numbers_keep_their_separators_and_lose_the_unit() -> None:
    assert words("3,5 und 1.000 im 7-nm-Prozess am 3. Juni") == [
        "3,5", "und", "1.000", "im", "7", "nm", "prozess", "am", "3", "juni",
    ]  # fmt: skip


def test_function_words_are_no_terms() -> None:
    assert terms("Was ist das und wer hat es, und what is the?") == []


@pytest.mark.parametrize(("query", "row"), [("Fabrik China", 0), ("Umsatz von Nvidia", 2), ("Haus", 3), ("1.000", 2)])
def test_the_passage_with_the_words_scores_highest(query: str, row: int) -> None:
    assert best(query) == row


def test_unknown_terms_and_function_words_score_nothing() -> None:
    index = LexicalIndex.build(PASSAGES)
    for query in ("Hefeteig", "und wer ist das?", "", "?!"):
        assert index.scores(query).tolist() == [0.0] * 4
    assert not index.knows("hefeteig")


def test_an_unknown_term_weighs_more_than_any_known_one() -> None:
    index = LexicalIndex.build(PASSAGES)
    assert index.weight("hefeteig") > max(index.weight(term) for text in PASSAGES for term in terms(text))


def test_a_common_term_weighs_less_than_a_rare_one() -> None:
    index = LexicalIndex.build(["alpha beta", "alpha gamma", "alpha delta"])
    assert index.weight("alpha") < index.weight("beta")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("alpha beta gamma delta".split()), max_size=6), min_size=1, max_size=5),
    st.lists(st.sampled_from("alpha beta gamma epsilon".split()), max_size=4),
)
def test_no_score_exceeds_the_ceiling(passages: list[list[str]], query: list[str]) -> None:
    index = LexicalIndex.build([" ".join(passage) for passage in passages])
    scores = index.scores(" ".join(query))
    assert scores.shape == (len(passages),)
    assert (scores >= 0).all()
    assert (scores <= index.ceiling(" ".join(query)) + 1e-4).all()
    for passage, score in zip(passages, scores, strict=True):
        assert (score > 0) == bool(set(passage) & set(query))


@pytest.mark.parametrize("texts", [PASSAGES, [], ["und oder", "!"]], ids=["passages", "none", "no terms"])
def test_what_was_saved_is_loaded(tmp_path: Path, texts: list[str]) -> None:
    built = LexicalIndex.build(texts)
    fresh = Reading()
    for id_, text in enumerate(texts):
        fresh.add(id_, text)
    columns = lexical_columns(fresh, Change())
    digest = write(tmp_path / "lexical", columns)
    loaded = LexicalIndex([(Postings(Columns(tmp_path / "lexical", digest)), None)])
    for query in ("Fabriken Chinas", "Hefeteig"):
        assert loaded.scores(query).tolist() == built.scores(query).tolist()
        assert loaded.ceiling(query) == built.ceiling(query)


def test_threads_get_the_scores_of_a_single_one() -> None:
    index = LexicalIndex.build(PASSAGES)
    queries = [f"{word} {n}" for n in range(40) for word in ("Fabriken Chinas", "Nvidias Umsatz", "Häuser Ausfuhr")]
    expected = [index.scores(query).tolist() for query in queries]
    stems._stemmed.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        assert [scores.tolist() for scores in pool.map(index.scores, queries)] == expected
