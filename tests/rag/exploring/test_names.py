"""Names in German, where every noun is capitalised, and in English."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.exploring.names import names_in


def german(*sentences: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    found = names_in([(sentence, "de") for sentence in sentences])
    return found.frequent, found.pairs


def test_what_stands_bare_before_verbs_and_behind_prepositions_is_a_name() -> None:
    names, _ = german(
        "Siemens baut ein Werk in Leipzig.",
        "Der Umsatz von Siemens steigt.",
        "Das Werk nutzt den Strom.",
        "Der Strom kommt mit dem Werk.",
    )
    assert names == ("Siemens",)


def test_plurals_that_stand_bare_are_none() -> None:
    names, _ = german("Chips sind teuer.", "Sie bauen mit Chips.", "Die Chips fehlen.", "Ohne Chips geht nichts.")
    assert names == ()


def test_names_joined_again_and_again_are_a_pair() -> None:
    _, pairs = german(
        "Siemens und Bosch planen ein Werk.",
        "Bosch will mit Siemens bauen.",
        "Auch Bosch und Siemens hoffen.",
        "Laut Siemens und Bosch eilt es.",
        "Sie handeln mit Bohrern und Sägen.",
    )
    assert pairs == (("Bosch", "Siemens"),)


def test_a_name_of_several_words_is_not_joined_by_its_first_alone() -> None:
    _, pairs = german("Bosch baut.", "Von Bosch und Moore Threads hört man.", "Mit Bosch und Moore Threads geht es.")
    assert pairs == ()


def test_in_english_a_capital_within_a_sentence_says_it() -> None:
    found = names_in([("The plant of Acme and Bolt is new.", "en"), ("It says that Acme and Bolt agree.", "en")])
    assert found.frequent == ("Acme", "Bolt")
    assert found.pairs == (("Acme", "Bolt"),)


@given(st.lists(st.tuples(st.text(max_size=60), st.sampled_from(["de", "en", "xx"])), max_size=6))
def test_no_text_breaks_it_and_names_stand_in_the_text(sentences: list[tuple[str, str]]) -> None:
    found = names_in(sentences)
    text = " ".join(sentence for sentence, _ in sentences)
    assert all(name in text for name in found.frequent)
    assert {name for pair in found.pairs for name in pair} <= set(found.frequent)


def test_names_spelled_like_stop_words_are_names_and_stop_words_none() -> None:
    names, _ = german(
        "Laut WHO sinkt die Zahl.", "WHO will mehr.", "Dies zeigt viel.", "Dies bleibt so.", "Dies hilft."
    )
    assert names == ("WHO",)
