from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.attribution import attribute
from rag.paraphrase import is_paraphrase, same_meaning
from rag.types import EvidenceSentence

SOURCE = "Der Film über den Widerspenstigen spielt in Hannover, gedreht wurde ein anderer im Wendland."
COPIED = "spielt in Hannover, gedreht wurde ein anderer"
TURNED = "Der Widerspenstige wurde im Wendland und Hannover gedreht."


def test_what_stands_in_the_source_word_by_word_is_no_paraphrase() -> None:
    assert not is_paraphrase(COPIED, ["Etwas anderes.", SOURCE])
    assert not is_paraphrase(f"Der {COPIED} ist.", [SOURCE])  # only words that carry nothing are added
    assert is_paraphrase(TURNED, [SOURCE])


def test_words_are_compared_whole() -> None:
    assert is_paraphrase("spielt in Hannover, gedreht wurde ein ande", [SOURCE])


def test_a_phrase_means_what_it_means_in_its_source() -> None:
    assert not is_paraphrase("Wendland und Hannover", [SOURCE])


@given(st.floats(0, 1), st.floats(0, 1))
def test_nearer_is_likelier_to_mean_the_same(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 < same_meaning(low) <= same_meaning(high) < 1


@pytest.mark.parametrize(("nearness", "carried"), [(0.9, True), (0.3, False)])
def test_a_sentence_of_the_sources_words_with_another_meaning_is_not_carried(nearness: float, carried: bool) -> None:
    evidence = [EvidenceSentence("a.md", 0, len(SOURCE), SOURCE, "", 0.5)]
    found = attribute(TURNED, evidence, similarity=lambda _, sentences: [nearness] * len(sentences))
    assert found.sources == (0,)
    assert (found.support >= 0.5) is carried


def test_what_two_sources_say_together_is_compared_with_both_together() -> None:
    texts = ["Cambricon will viel Geld aufnehmen.", "Die Chips fertigt SMIC in Schanghai an."]
    evidence = [EvidenceSentence("a.md", 50 * i, 50 * i + len(text), text, "", 0.5) for i, text in enumerate(texts)]
    compared: list[str] = []

    def near(_: str, sentences: object) -> list[float]:
        compared.extend(one.text for one in sentences)  # type: ignore[attr-defined]
        return [0.2] * (len(compared) - 1) + [0.9]

    found = attribute("Cambricon will Geld aufnehmen, SMIC fertigt in Schanghai Chips.", evidence, similarity=near)
    assert sorted(found.sources) == [0, 1]
    assert compared[-1] in {" ".join(texts), " ".join(reversed(texts))}
    assert found.support > 0.5
